from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_retention = fields.Boolean(
        string="Erase Automatically",
        help="Names, addresses and texts of cases are erased once their term has passed.",
    )
    collection_retention_years = fields.Integer(
        string="Retention",
        default=5,
        help="Years after the last open item, the usual term of contractual claims. Accounting "
        "documents have terms of their own and are never touched.",
    )

    _collection_retention_positive = models.Constraint(
        "CHECK (collection_retention_years >= 1)", "Cases are kept for a year at least."
    )
