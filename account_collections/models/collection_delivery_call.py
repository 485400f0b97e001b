from odoo import api, models


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _hand_over_call(self, reminder):
        """A person calls: an activity that stays until the result of a call is given."""
        today = reminder.company_id._collection_today()
        reminder._set_state("to_do")
        reminder._plan_call(today, reminder.subject)
