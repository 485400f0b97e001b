from odoo import api, fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_promised_until = fields.Date(
        string="Promised until",
        compute="_compute_collection_promised_until",
        search="_search_collection_promised_until",
        groups="account.group_account_readonly,account.group_account_invoice",
        help="The customer promised to pay by that day; until the check it is not dunned.",
    )

    def _compute_collection_promised_until(self):
        # An accountant sees that an invoice is promised, and nothing else of it.
        items = (
            self.env["collection.promise.item"]
            .sudo()
            .search(
                [
                    ("move_id", "in", self.ids),
                    ("amount_currency", ">", 0),
                    ("promise_id.state", "=", "open"),
                ]
            )
        )
        found = items.grouped("move_id")
        for move in self:
            promised = found.get(move._origin, items.browse()).promise_id
            move.collection_promised_until = max(promised.mapped("date"), default=False)

    @api.model
    def _search_collection_promised_until(self, operator, value):
        items = self.env["collection.promise.item"].sudo()
        still_open = Domain("promise_id.state", "=", "open") & Domain("amount_currency", ">", 0)
        if operator == "in" and set(value) == {False}:
            return [("id", "not in", items._search(still_open).subselect("move_id"))]
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        found = items._search(still_open & Domain("promise_id.date", operator, value))
        return [("id", "in", found.subselect("move_id"))]
