from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_letter_service = fields.Selection(
        related="company_id.collection_letter_service", readonly=False, required=True
    )
    collection_notice_days = fields.Integer(
        related="company_id.collection_notice_days", readonly=False
    )
    collection_manager_id = fields.Many2one(
        related="company_id.collection_manager_id", readonly=False
    )
