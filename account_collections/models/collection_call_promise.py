from odoo import models


class CollectionCall(models.Model):
    """A customer who says when it will pay has made a promise."""

    _inherit = "collection.call"

    def _apply_will_pay(self, activity):
        """Make it a promise of what is overdue; without a day it stays with the call.

        The last word counts: a day that was promised before is put off.
        """
        super()._apply_will_pay(activity)
        if not self.promised_date:
            return
        # Calls are written by the product; the limits of promises are those of whoever calls.
        case = self.case_id.sudo(False)
        whole = case.currency_id.compare_amounts(self.promised_amount, case.overdue) >= 0
        case._promise_quick(
            None if whole else self.promised_amount,
            self.promised_date,
            renew=True,
            currency=None if whole else case.currency_id,
            contact_id=self.contact_id.id,
            channel="call",
            sentence=self.note,
            user_id=self.user_id.id,
        )
