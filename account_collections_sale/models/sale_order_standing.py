from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    collection_standing = fields.Html(
        related="partner_id.collection_standing",
        groups="account_collections.group_customer_standing",
    )
