from datetime import timedelta

from odoo import api, models

from ..engine.facts import BY_PERSON


class CollectionDelivery(models.AbstractModel):
    """One contact a day across our companies, one notice for each legal entity."""

    _inherit = "collection.delivery"

    # EXTENDS 'account_collections'
    @api.model
    def _claim(self, reminder):
        """Take the customer's ear first; when another of our companies has it, leave later."""
        is_internal = (
            reminder.channel in BY_PERSON
            or reminder.kind == "voice"
            or reminder.level_id.recipient_role == "salesperson"
        )
        if is_internal:
            return super()._claim(reminder)
        company = reminder.company_id
        today = company._collection_today()
        contact, is_new = self.env["collection.contact"]._take(reminder.case_id, today)
        if contact and contact.company_id != company:
            if self._lock(reminder, "scheduled"):
                tomorrow = today + timedelta(days=1)
                reminder.sudo().depart_at = company._collection_departure(tomorrow)
            return False
        claimed = super()._claim(reminder)
        if is_new and not claimed:
            contact.unlink()
        return claimed
