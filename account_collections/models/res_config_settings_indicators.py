from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_bucket_1 = fields.Integer(related="company_id.collection_bucket_1", readonly=False)
    collection_bucket_2 = fields.Integer(related="company_id.collection_bucket_2", readonly=False)
    collection_bucket_3 = fields.Integer(related="company_id.collection_bucket_3", readonly=False)
    collection_bucket_4 = fields.Integer(related="company_id.collection_bucket_4", readonly=False)
    collection_risk_days = fields.Integer(related="company_id.collection_risk_days", readonly=False)
