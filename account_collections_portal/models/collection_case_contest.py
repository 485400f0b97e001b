from odoo import models


class CollectionCase(models.Model):
    """Contesting an item on the account page."""

    _inherit = "collection.case"

    def _contest_online(self, item, amount, reason, text, author, name, files=()):
        """Open the dispute of a customer on one of their items.

        :param float amount: in the item's currency, within what may still be contested
        :return: the dispute
        """
        self.ensure_one()
        person = self._get_person_at_work()
        dispute = self.with_context(lang=person.lang)._dispute_quick(
            reason=reason,
            lines=item.line_id,
            amount=amount,
            description=text,
            source="portal",
        )
        dispute._post_online(text, author, name, files)
        return dispute.with_env(self.env)

    def _get_portal_room(self, item):
        """Return what this customer may still contest of an item, in its currency."""
        return float(self._get_contestable(item.line_id)[item.line_id])

    def _get_portal_disputes(self):
        """Return the disputes that the customer follows: running ones and the latest others."""
        return self.env["collection.dispute"].search(
            [("case_id", "=", self.id)], order="id desc", limit=20
        )
