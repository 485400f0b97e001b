from odoo import fields, models


class CollectionInterestTier(models.Model):
    """The fixed compensation for recovery costs, from an amount of the invoice on."""

    _name = "collection.interest.tier"
    _description = "Fixed Compensation"
    _order = "law_id, amount_from"

    law_id = fields.Many2one(
        "collection.interest.law", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="law_id.currency_id")
    amount_from = fields.Monetary(string="Invoices from", required=True)
    compensation = fields.Monetary(required=True)

    _amount_unique = models.UniqueIndex(
        "(law_id, amount_from)", "An amount has one compensation."
    )
    _positive = models.Constraint(
        "CHECK (amount_from >= 0 AND compensation >= 0)",
        "A compensation, and the amount from which it is due, cannot be negative.",
    )
