from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_split = fields.Selection(related="company_id.collection_split", readonly=False)
    collection_group = fields.Boolean(related="company_id.collection_group", readonly=False)
    collection_grouping = fields.Selection(
        related="company_id.collection_grouping", readonly=False
    )
    collection_statement_kind = fields.Selection(
        related="company_id.collection_statement_kind", readonly=False
    )
    collection_statement_days = fields.Integer(
        related="company_id.collection_statement_days", readonly=False
    )
    collection_lead_id = fields.Many2one(related="company_id.collection_lead_id", readonly=False)
