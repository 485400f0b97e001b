from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_credit_manager_id = fields.Many2one(
        related="company_id.collection_credit_manager_id", readonly=False
    )
    collection_dispute_accountant_id = fields.Many2one(
        related="company_id.collection_dispute_accountant_id", readonly=False
    )
    collection_dispute_escalation_days = fields.Integer(
        related="company_id.collection_dispute_escalation_days", readonly=False
    )
    collection_dispute_report_partner_ids = fields.Many2many(
        related="company_id.collection_dispute_report_partner_ids", readonly=False
    )
    collection_dispute_report_day = fields.Integer(
        related="company_id.collection_dispute_report_day", readonly=False
    )
