from odoo import fields, models


class CollectionInsurancePolicy(models.Model):
    _inherit = "collection.insurance.policy"

    count_orders = fields.Boolean(
        string="Confirmed Orders Count",
        help="What is ordered and not delivered yet fills a buyer's limit too.",
    )
