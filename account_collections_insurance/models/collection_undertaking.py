from odoo import api, models
from odoo.addons.account_collections.models.collection_undertaking import Bound
from odoo.tools import format_date

from ..engine import clocks


class CollectionUndertaking(models.AbstractModel):
    """A promise or a plan does not run past a deadline of the credit insurance by itself."""

    _inherit = "collection.undertaking"

    # EXTENDS 'account_collections'
    @api.model
    def _get_bound(self, lines, day):
        """The first deadline ahead that is over by ``day``, of items that have a cover to keep."""
        ours = self._get_clock_bound(lines, day)
        found = filter(None, (super()._get_bound(lines, day), ours))
        return min(found, key=lambda bound: bound.latest, default=None)

    @api.model
    def _get_clock_bound(self, lines, day):
        # Whoever agrees on a day has to know which one would cost the cover: figures only.
        covers = (
            self.env["collection.insurance.cover"]
            .sudo()
            .search([("line_id", "in", lines.ids), ("policy_id", "!=", False)])
        )
        crossed = []
        for cover in covers.filtered(lambda one: one.covered or one.disputed):
            answered = clocks.ANSWERED.get(cover.filed, ())
            today = cover.company_id._collection_today()
            if clock := clocks.crossed(cover._get_clocks(), day, answered, today):
                crossed.append((clock.day, cover, clock.code))
        if not crossed:
            return None
        last, cover, code = min(crossed, key=lambda one: (one[0], one[1].id))
        return Bound(last, self._say_crossed(cover, code, last))

    @api.model
    def _say_crossed(self, cover, code, last):
        """Return a sentence that names the item, the deadline and the latest day."""
        _ = self.env._
        values = {
            "document": cover.move_id.name,
            "insurer": cover.policy_id.insurer_id.name,
            "date": format_date(self.env, last),
        }
        return {
            clocks.NOTIFICATION: _(
                "%(document)s has to be notified to %(insurer)s by %(date)s: that is the latest "
                "day that can be agreed.",
                **values,
            ),
            clocks.EXTENSION: _(
                "The extension period that %(insurer)s allows for %(document)s ends on %(date)s: "
                "that is the latest day that can be agreed.",
                **values,
            ),
            clocks.HAND_OVER: _(
                "%(document)s has to be handed over to %(insurer)s by %(date)s: that is the "
                "latest day that can be agreed.",
                **values,
            ),
            clocks.CLAIM: _(
                "%(document)s has to be claimed from %(insurer)s by %(date)s: that is the latest "
                "day that can be agreed.",
                **values,
            ),
        }[code]
