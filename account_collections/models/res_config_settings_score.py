from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_weight_punctuality = fields.Integer(
        related="company_id.collection_weight_punctuality", readonly=False
    )
    collection_weight_trend = fields.Integer(
        related="company_id.collection_weight_trend", readonly=False
    )
    collection_weight_overdue = fields.Integer(
        related="company_id.collection_weight_overdue", readonly=False
    )
    collection_weight_promises = fields.Integer(
        related="company_id.collection_weight_promises", readonly=False
    )
    collection_weight_disputes = fields.Integer(
        related="company_id.collection_weight_disputes", readonly=False
    )
    collection_weight_trust = fields.Integer(
        related="company_id.collection_weight_trust", readonly=False
    )
    collection_weight_grade = fields.Integer(
        related="company_id.collection_weight_grade", readonly=False
    )
