from odoo import api, models


class CollectionCallNote(models.TransientModel):
    _inherit = "collection.call.note"

    @api.onchange("result")
    def _onchange_result(self):
        """Offer a day: saving the form is all that is left."""
        if self.result == "will_pay" and not self.promised_date:
            self.promised_date = self.case_id._get_promise_day()
