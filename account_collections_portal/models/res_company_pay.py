from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_portal_pay = fields.Boolean(
        string="Pay on the Account Page",
        default=True,
        help="Customers pay what they choose on their account page, by the company's payment "
        "providers.",
    )
    collection_part_payment = fields.Boolean(
        string="Part Payments",
        help="Customers may pay a part of an item on their account page.",
    )
    collection_part_payment_minimum = fields.Monetary(
        string="Smallest Part",
        default=50.0,
        help="No smaller part of an item is taken, in company currency.",
    )
    collection_announced_days = fields.Integer(
        string="Days an Announced Transfer Holds",
        default=5,
        help="Days that items whose bank transfer was announced on line are not dunned; then they "
        "are, unless the money has come.",
    )

    _collection_announced_days_positive = models.Constraint(
        "CHECK (collection_announced_days >= 0)", "An announced transfer holds for some days."
    )
    _collection_part_payment_minimum_positive = models.Constraint(
        "CHECK (collection_part_payment_minimum >= 0)", "The smallest part is not negative."
    )
