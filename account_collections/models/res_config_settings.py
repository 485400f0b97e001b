from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_run_hour = fields.Float(related="company_id.collection_run_hour", readonly=False)
    collection_depart_hour = fields.Float(
        related="company_id.collection_depart_hour", readonly=False
    )
    collection_daily_cap = fields.Integer(
        related="company_id.collection_daily_cap", readonly=False
    )
    collection_small_residual = fields.Float(
        related="company_id.collection_small_residual", readonly=False
    )
    collection_require_sent = fields.Boolean(
        related="company_id.collection_require_sent", readonly=False
    )
    collection_max_pause_days = fields.Integer(
        related="company_id.collection_max_pause_days", readonly=False
    )
    collection_statement_days = fields.Integer(
        related="company_id.collection_statement_days", readonly=False
    )
    collection_user_id = fields.Many2one(related="company_id.collection_user_id", readonly=False)
    collection_alias_id = fields.Many2one(related="company_id.collection_alias_id")
    collection_alias_name = fields.Char(
        related="company_id.collection_alias_id.alias_name", readonly=False
    )
    collection_alias_domain_id = fields.Many2one(
        related="company_id.collection_alias_id.alias_domain_id",
        string="Collections Mail Domain",
        readonly=False,
    )
    collection_replies_lost = fields.Boolean(
        compute="_compute_collection_replies_lost",
        help="Without a mail domain, answers go to the sender's own mailbox, unseen by the case.",
    )

    @api.depends("collection_alias_name", "collection_alias_domain_id")
    def _compute_collection_replies_lost(self):
        for settings in self:
            settings.collection_replies_lost = not (
                settings.collection_alias_name and settings.collection_alias_domain_id
            )
