from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_shown_attachment_ids = fields.Many2many(
        "ir.attachment",
        "account_move_collection_shown_rel",
        string="Shown to the Customer",
        copy=False,
        help="Files that the customer finds beside this document on the account page, such as a "
        "proof of delivery. All other attachments stay with us.",
    )
