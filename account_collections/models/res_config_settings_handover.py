from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_handover_approval_amount = fields.Float(
        related="company_id.collection_handover_approval_amount", readonly=False
    )
    collection_prescription_country_id = fields.Many2one(
        related="company_id.collection_prescription_country_id", readonly=False
    )
    collection_prescription_days = fields.Integer(
        related="company_id.collection_prescription_days", readonly=False
    )
