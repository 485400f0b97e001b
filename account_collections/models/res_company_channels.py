from odoo import fields, models


class ResCompany(models.Model):
    """What a company chooses about its channels."""

    _inherit = "res.company"

    collection_manager_id = fields.Many2one(
        "res.users",
        string="Collections Manager",
        help="Gets a copy of the reminders of levels that say so.",
        domain="[('share', '=', False)]",
    )
    collection_letter_service = fields.Selection(
        [("print", "Printed and posted by us"), ("snailmail", "Sent by Odoo's postal service")],
        string="Letters",
        default="print",
        required=True,
        help="Registered letters are always printed and posted by us.",
    )
    collection_notice_days = fields.Integer(
        string="Days of a Formal Notice",
        default=8,
        help="Time to pay that a formal notice grants, counted from its receipt.",
    )

    _collection_notice_days_positive = models.Constraint(
        "CHECK (collection_notice_days > 0)", "A formal notice grants at least one day to pay."
    )
