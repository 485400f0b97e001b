from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_promise_days = fields.Integer(
        related="company_id.collection_promise_days", readonly=False
    )
    collection_promise_renewals = fields.Integer(
        related="company_id.collection_promise_renewals", readonly=False
    )
    collection_promise_tolerance_days = fields.Integer(
        related="company_id.collection_promise_tolerance_days", readonly=False
    )
    collection_promise_tolerance_percent = fields.Float(
        related="company_id.collection_promise_tolerance_percent", readonly=False
    )
    collection_plan_approval_amount = fields.Float(
        related="company_id.collection_plan_approval_amount", readonly=False
    )
    collection_plan_tolerated = fields.Integer(
        related="company_id.collection_plan_tolerated", readonly=False
    )
    collection_plan_valid_days = fields.Integer(
        related="company_id.collection_plan_valid_days", readonly=False
    )
