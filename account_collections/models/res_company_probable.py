from odoo import fields, models

from ..engine import matching

CERTAINTIES = [
    (matching.REFERENCE, "It names a document"),
    (matching.CUSTOMER, "It comes from a known customer"),
    (matching.AMOUNT, "It is the very amount of a debt"),
]


class ResCompany(models.Model):
    """Money that has arrived and is not allocated yet."""

    _inherit = "res.company"

    collection_probable_days = fields.Integer(
        string="Probably Paid for",
        default=5,
        help="Days for which money that arrived and is not allocated holds the reminders of what "
        "it probably pays; 0 holds nothing.",
    )
    collection_probable_certainty = fields.Selection(
        CERTAINTIES,
        string="Held at Least When",
        default=matching.AMOUNT,
        required=True,
        help="How certain it has to be whose money it is.",
    )
    collection_accountant_id = fields.Many2one(
        "res.users",
        string="Accountant to Tell",
        domain="[('share', '=', False)]",
        help="Allocates what arrived: told once when a reminder was held because of it.",
    )

    _probable_days_positive = models.Constraint(
        "CHECK (collection_probable_days >= 0)", "Days cannot be negative."
    )
