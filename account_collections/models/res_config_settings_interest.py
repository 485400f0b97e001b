from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_interest = fields.Boolean(related="company_id.collection_interest", readonly=False)
    collection_interest_since = fields.Date(
        related="company_id.collection_interest_since", readonly=False
    )
    collection_interest_law_id = fields.Many2one(
        related="company_id.collection_interest_law_id", readonly=False
    )
    collection_interest_rate = fields.Float(
        related="company_id.collection_interest_rate", readonly=False
    )
    collection_interest_compensation = fields.Boolean(
        related="company_id.collection_interest_compensation", readonly=False
    )
    collection_interest_on_statement = fields.Boolean(
        related="company_id.collection_interest_on_statement", readonly=False
    )
    collection_interest_account_id = fields.Many2one(
        related="company_id.collection_interest_account_id", readonly=False
    )
