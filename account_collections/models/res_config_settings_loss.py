from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_loss_small_days = fields.Integer(
        related="company_id.collection_loss_small_days", readonly=False
    )
    collection_doubtful_days = fields.Integer(
        related="company_id.collection_doubtful_days", readonly=False
    )
    collection_doubtful_by_state = fields.Boolean(
        related="company_id.collection_doubtful_by_state", readonly=False
    )
    collection_doubtful_percent = fields.Float(
        related="company_id.collection_doubtful_percent", readonly=False
    )
    collection_loss_approval_amount = fields.Float(
        related="company_id.collection_loss_approval_amount", readonly=False
    )
    collection_loss_tax = fields.Boolean(related="company_id.collection_loss_tax", readonly=False)
    collection_loss_journal_id = fields.Many2one(
        related="company_id.collection_loss_journal_id", readonly=False
    )
    collection_loss_small_account_id = fields.Many2one(
        related="company_id.collection_loss_small_account_id", readonly=False
    )
    collection_loss_account_id = fields.Many2one(
        related="company_id.collection_loss_account_id", readonly=False
    )
    collection_recovered_account_id = fields.Many2one(
        related="company_id.collection_recovered_account_id", readonly=False
    )
    collection_doubtful_account_id = fields.Many2one(
        related="company_id.collection_doubtful_account_id", readonly=False
    )
    collection_depreciation_account_id = fields.Many2one(
        related="company_id.collection_depreciation_account_id", readonly=False
    )
    collection_provision_account_id = fields.Many2one(
        related="company_id.collection_provision_account_id", readonly=False
    )
