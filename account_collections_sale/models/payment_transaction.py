from odoo import models

from .sale_order import QUOTATION


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # EXTENDS 'sale'
    def _check_amount_and_confirm_order(self):
        """The money of a held order is kept, and booked; the order waits."""
        ready = self.sale_order_ids.filtered(
            lambda order: order.state in QUOTATION and order._is_confirmation_amount_reached()
        )
        held = ready - ready._filter_confirmable()
        free = self.filtered(lambda one: not one.sale_order_ids & held)
        return super(PaymentTransaction, free)._check_amount_and_confirm_order()
