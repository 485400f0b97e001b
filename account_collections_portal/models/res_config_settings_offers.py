from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_offer_disputes = fields.Boolean(
        related="company_id.collection_offer_disputes", readonly=False
    )
    collection_offer_promises = fields.Boolean(
        related="company_id.collection_offer_promises", readonly=False
    )
    collection_offer_plans = fields.Boolean(
        related="company_id.collection_offer_plans", readonly=False
    )
    collection_offer_messages = fields.Boolean(
        related="company_id.collection_offer_messages", readonly=False
    )
    collection_portal_promise_amount = fields.Float(
        related="company_id.collection_portal_promise_amount", readonly=False
    )
    collection_keep_address = fields.Boolean(
        related="company_id.collection_keep_address", readonly=False
    )
    collection_ready_plan_amount = fields.Float(
        related="company_id.collection_ready_plan_amount", readonly=False
    )
    collection_ready_plan_count = fields.Integer(
        related="company_id.collection_ready_plan_count", readonly=False
    )
    collection_ready_plan_every = fields.Selection(
        related="company_id.collection_ready_plan_every", readonly=False
    )
    collection_ready_plan_share = fields.Float(
        related="company_id.collection_ready_plan_share", readonly=False
    )
    collection_ready_plan_least = fields.Float(
        related="company_id.collection_ready_plan_least", readonly=False
    )
    collection_ready_plan_days = fields.Integer(
        related="company_id.collection_ready_plan_days", readonly=False
    )
    collection_text_disputes = fields.Html(
        related="company_id.collection_text_disputes", readonly=False
    )
    collection_text_promises = fields.Html(
        related="company_id.collection_text_promises", readonly=False
    )
    collection_text_plans = fields.Html(related="company_id.collection_text_plans", readonly=False)
    collection_text_messages = fields.Html(
        related="company_id.collection_text_messages", readonly=False
    )
