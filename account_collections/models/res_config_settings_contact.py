from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_reply_pause_days = fields.Integer(
        related="company_id.collection_reply_pause_days", readonly=False
    )
    collection_call_calendar_id = fields.Many2one(
        related="company_id.collection_call_calendar_id", readonly=False
    )
    collection_call_attempts = fields.Integer(
        related="company_id.collection_call_attempts", readonly=False
    )
    collection_voice_pause_days = fields.Integer(
        related="company_id.collection_voice_pause_days", readonly=False
    )
