from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_link_days = fields.Integer(
        related="company_id.collection_link_days", readonly=False
    )
    collection_link_confirmation = fields.Boolean(
        related="company_id.collection_link_confirmation", readonly=False
    )
    collection_link_seen = fields.Boolean(
        related="company_id.collection_link_seen", readonly=False
    )
    collection_portal_group = fields.Boolean(
        related="company_id.collection_portal_group", readonly=False
    )
