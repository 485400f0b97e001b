from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMove(models.Model):
    """Retention money: a part of an invoice that the customer may keep until it is released."""

    _inherit = "account.move"

    collection_retention_date = fields.Date(
        string="Retention Released on",
        copy=False,
        help="The customer may keep the retention money until this day: it falls due then.",
    )
    collection_retention_percent = fields.Float(
        string="Retention (%)", copy=False, help="Of the total, taxes included; such as 5."
    )
    collection_retention_amount = fields.Monetary(
        string="Retention Money",
        copy=False,
        help="In the invoice's currency. Where an amount is given, the percentage is not used.",
    )

    @api.constrains(
        "collection_retention_date", "collection_retention_percent", "collection_retention_amount"
    )
    def _check_collection_retention(self):
        for move in self:
            percent, amount = move.collection_retention_percent, move.collection_retention_amount
            if not 0 <= percent <= 100 or amount < 0:
                raise ValidationError(
                    self.env._("Retention money is between nothing and the whole invoice.")
                )
            if (percent or amount) and not move.collection_retention_date:
                raise ValidationError(
                    self.env._("Say when the retention money of the invoice is released.")
                )
