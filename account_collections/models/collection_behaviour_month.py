from odoo import fields, models

from .collection_behaviour import days


class CollectionBehaviourMonth(models.Model):
    """How a customer paid in one month, by the value dates of its payments."""

    _name = "collection.behaviour.month"
    # The product's own rows, by the hundred thousand: two foreign keys less to check for each.
    _log_access = False
    _description = "Payment Behaviour by Month"
    _order = "month desc, id"

    behaviour_id = fields.Many2one(
        "collection.behaviour", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True)
    paid_count = fields.Integer("Documents Paid", readonly=True)
    late_count = fields.Integer("Paid Late", readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    pay_weighted = days("Days to Pay", "By amount, payments in part included.")
    late_weighted = days("Days Late", "By amount, payments in part included.")
