from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    # EXTENDS 'account'
    def _prepare_move_line_default_vals(self, write_off_line_vals=None, force_balance=None):
        """The entry of a payment that was chosen item by item pays each of them in its ledger."""
        lines = super()._prepare_move_line_default_vals(write_off_line_vals, force_balance)
        # A payment's own transaction and its parts: those who book it need no rights on them.
        parts = self.sudo().payment_transaction_id._get_collection_parts()
        if not parts or self.payment_type != "inbound":
            return lines
        liquidity, counterpart, *others = lines
        return [liquidity, *parts._split_counterpart(counterpart, self.amount), *others]
