from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_portal_pay = fields.Boolean(
        related="company_id.collection_portal_pay", readonly=False
    )
    collection_part_payment = fields.Boolean(
        related="company_id.collection_part_payment", readonly=False
    )
    collection_part_payment_minimum = fields.Monetary(
        related="company_id.collection_part_payment_minimum", readonly=False
    )
    collection_announced_days = fields.Integer(
        related="company_id.collection_announced_days", readonly=False
    )
