from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_reply_pause_days = fields.Integer(
        related="company_id.collection_reply_pause_days", readonly=False
    )
