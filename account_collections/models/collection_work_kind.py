from odoo import api, fields, models

from ..engine.stake import EFFORTS, OTHER
from ..wording import choices_of


class CollectionWorkKind(models.Model):
    """What a kind of work changes and takes: assumptions by which My Day is put in order."""

    _name = "collection.work.kind"
    _description = "Kind of Work"
    _order = "kind"
    _rec_name = "kind"

    kind = fields.Selection(
        selection=choices_of("collection.todo", "kind"),
        required=True,
        readonly=True,
    )
    lift = fields.Float(
        "Brings In",
        required=True,
        help="Share of the money at risk that is expected to come in because of it.",
    )
    minutes = fields.Float(
        required=True, digits=(6, 1), help="What it takes, on average: preparing and noting, too."
    )

    _kind_unique = models.UniqueIndex("(kind)", "This kind of work is there already.")
    _figures = models.Constraint(
        "CHECK (lift BETWEEN 0 AND 1 AND minutes > 0)",
        "Work brings in 0 to 100 % of the money at risk, and takes some time.",
    )

    @api.model
    def _get_efforts(self):
        """Return the assumptions by kind; add-ons add those of their own kinds."""
        kinds = self._fields["kind"].get_values(self.env)
        return {kind: EFFORTS.get(kind.partition("_")[2], OTHER) for kind in kinds}

    @api.model
    def _complete(self):
        """Add the kinds that are not there yet: data files of whoever brings kinds call this."""
        known = set(self.search([]).mapped("kind"))
        self.create(
            [
                {"kind": kind, "lift": effort.lift, "minutes": effort.minutes}
                for kind, effort in self._get_efforts().items()
                if kind not in known
            ]
        )
