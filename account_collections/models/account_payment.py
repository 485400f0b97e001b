from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    collection_rejected_at = fields.Datetime(
        string="Rejected at",
        readonly=True,
        copy=False,
        help="When the bank gave it back: each time it does, a person calls.",
    )

    # EXTENDS 'account'
    def write(self, vals):
        if vals.get("state") == "rejected":
            vals = {**vals, "collection_rejected_at": fields.Datetime.now()}
        return super().write(vals)
