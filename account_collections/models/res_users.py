from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    collection_substitution_ids = fields.One2many(
        "collection.substitution", "user_id", string="Substitutes in Collections"
    )
