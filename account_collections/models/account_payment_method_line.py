from odoo import fields, models


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    collection_in_hand = fields.Boolean(
        string="Debit or Bill in Hand",
        help="We collect these invoices ourselves at maturity (direct debit, bill of exchange): "
        "they are not dunned until maturity plus the return period.",
    )
    collection_return_days = fields.Integer(
        string="Return Period",
        default=5,
        help="Days after maturity during which a debit or a bill may still come back unpaid.",
    )
