from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_send_from = fields.Float(
        related="company_id.collection_send_from", readonly=False
    )
    collection_send_until = fields.Float(
        related="company_id.collection_send_until", readonly=False
    )
    collection_public_holidays = fields.Boolean(
        related="company_id.collection_public_holidays", readonly=False
    )
    collection_run_wait = fields.Integer(related="company_id.collection_run_wait", readonly=False)
    collection_probable_days = fields.Integer(
        related="company_id.collection_probable_days", readonly=False
    )
    collection_probable_certainty = fields.Selection(
        related="company_id.collection_probable_certainty", readonly=False
    )
    collection_accountant_id = fields.Many2one(
        related="company_id.collection_accountant_id", readonly=False
    )
