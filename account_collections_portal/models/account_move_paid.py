from odoo import models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    # EXTENDS 'account_payment'
    def _has_to_be_paid(self):
        """What is being paid on the account page is not paid a second time from the invoice."""
        return super()._has_to_be_paid() and not self._is_being_paid()

    # EXTENDS 'account_payment'
    def _get_online_payment_error(self):
        error = super()._get_online_payment_error()
        if self._is_being_paid():
            # Apart from the f-string, or the term would escape its translators.
            under_way = self.env._("A payment of it is under way already.")
            error = f"{error}\n{under_way}".strip()
        return error

    def _is_being_paid(self):
        """Return whether a payment that was chosen on the account page is under way."""
        self.ensure_one()
        # A customer may know of their own invoice, which they were just shown, that it is paid.
        live = self.env["collection.payment.part"].sudo()._query_live(
            self.company_id,
            SQL("part.line_id = ANY(%s)", self.sudo().line_ids.ids),
        )
        today = self.company_id._collection_today()
        return any(end is None or today <= end for *_rest, end in live)
