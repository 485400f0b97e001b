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

    # EXTENDS 'account_payment'
    def action_post(self):
        """A payment that names an announced transfer pays what was chosen."""
        announced = self._link_transfers()
        result = super().action_post()
        for payment in announced:
            transaction = payment.sudo().payment_transaction_id
            transaction.payment_id = payment
            transaction._set_received()
            transaction.collection_part_ids._settle_payment(payment)
        return result

    def _link_transfers(self):
        """Return, with all rights, the payments by hand that are announced transfers."""
        # Whoever registers a payment needs no rights on what customers chose.
        fresh = self.sudo().filtered(
            lambda payment: payment.payment_type == "inbound"
            and not payment.payment_transaction_id
            and not payment.move_id
        )
        if not fresh:
            return fresh
        awaited = fresh.payment_transaction_id._get_awaited(
            fresh.company_id, set(fresh.mapped("amount"))
        )
        for payment in fresh if awaited else ():
            text = f"{payment.memo or ''} ; {payment.payment_reference or ''}"
            transaction = awaited._find_named(
                payment.company_id, payment.currency_id, payment.amount, text
            )
            awaited -= transaction
            payment.payment_transaction_id = transaction
        return fresh.filtered("payment_transaction_id")
