from odoo import fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    # A customer may know of their own invoice, which they were just shown, that it is paid.
    collection_is_being_paid = fields.Boolean(
        string="Being Paid Online",
        compute="_compute_collection_is_being_paid",
        compute_sudo=True,
        help="A payment that was chosen on the account page is under way.",
    )

    def _compute_collection_is_being_paid(self):
        """One query for the invoices of a company: Odoo's list asks for each of its rows."""
        parts = self.env["collection.payment.part"]
        for company, moves in self.grouped("company_id").items():
            lines = SQL("line.move_id = ANY(%s)", moves._origin.ids)
            live = parts._query_live(company, lines) if company else []
            today = company._collection_today() if live else None
            paid = {line for line, *_rest, end in live if end is None or today <= end}
            for move in moves:
                move.collection_is_being_paid = not paid.isdisjoint(move.line_ids.ids)

    # EXTENDS 'account_payment'
    def _has_to_be_paid(self):
        """What is being paid on the account page is not paid a second time from the invoice."""
        return super()._has_to_be_paid() and not self.collection_is_being_paid

    # EXTENDS 'account_payment'
    def _get_online_payment_error(self):
        error = super()._get_online_payment_error()
        if self.collection_is_being_paid:
            # Apart from the f-string, or the term would escape its translators.
            under_way = self.env._("A payment of it is under way already.")
            error = f"{error}\n{under_way}".strip()
        return error
