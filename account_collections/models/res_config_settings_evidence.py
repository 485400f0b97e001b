from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_retention = fields.Boolean(related="company_id.collection_retention")
    collection_retention_years = fields.Integer(
        related="company_id.collection_retention_years"
    )
