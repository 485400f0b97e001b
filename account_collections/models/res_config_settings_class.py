from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_class_least = fields.Integer(
        related="company_id.collection_class_least", readonly=False
    )
    collection_class_good = fields.Integer(
        related="company_id.collection_class_good", readonly=False
    )
    collection_class_chronic = fields.Integer(
        related="company_id.collection_class_chronic", readonly=False
    )
    collection_class_risk = fields.Float(related="company_id.collection_class_risk", readonly=False)
    collection_class_broken = fields.Integer(
        related="company_id.collection_class_broken", readonly=False
    )
