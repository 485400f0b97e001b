from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_link_days = fields.Integer(
        string="Days a Link Is Valid",
        default=45,
        help="After them the link in a reminder opens nothing; the next reminder brings a new one.",
    )
    collection_link_confirmation = fields.Boolean(
        string="Confirm before Showing Items",
        default=True,
        help="Who comes by the link of a reminder names one of their documents, or their "
        "registration number, before they see the account: a forwarded mail shows nothing.",
    )

    _collection_link_days_positive = models.Constraint(
        "CHECK (collection_link_days > 0)", "A link is valid for a day at least."
    )
