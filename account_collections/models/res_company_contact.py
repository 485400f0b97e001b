from odoo import fields, models


class ResCompany(models.Model):
    """What happens when somebody writes, is called or is told."""

    _inherit = "res.company"

    collection_reply_pause_days = fields.Integer(
        string="Pause after a Message",
        default=3,
        help="Days that automatic reminders wait after a customer wrote; 0: they do not wait.",
    )

    _collection_reply_pause_positive = models.Constraint(
        "CHECK (collection_reply_pause_days >= 0)",
        "A pause after a message cannot be negative.",
    )
