from odoo import api, fields, models
from odoo.tools import SQL

from .collection_dispute_line import LEDGER


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_disputed = fields.Monetary(
        string="Disputed",
        compute="_compute_collection_disputed",
        search="_search_collection_disputed",
        groups=LEDGER,
        help="What the customer contests of it, and is not asked for meanwhile.",
    )
    collection_dispute_count = fields.Integer(
        compute="_compute_collection_dispute_count", groups=LEDGER
    )

    def _compute_collection_disputed(self):
        # What is withheld shows on invoices that the user sees, whoever sees the disputes.
        disputes = self.env["collection.dispute"].sudo()
        held = disputes._get_disputed_amounts(self._origin.line_ids)
        for move in self:
            amounts = [held[line.id][0] for line in move._origin.line_ids if line.id in held]
            move.collection_disputed = sum(amounts)

    @api.model
    def _search_collection_disputed(self, operator, value):
        """Only whether anything is disputed can be asked."""
        values = set(value) if operator in ("in", "not in") else {value}
        if operator not in ("=", "!=", ">", "in", "not in") or any(values):
            return NotImplemented
        disputed = SQL(
            """SELECT line.move_id
                 FROM (%s) held JOIN account_move_line line ON line.id = held.line_id""",
            self.env["collection.dispute"].sudo()._held_sql(),
        )
        return [("id", "not in" if operator in ("=", "in") else "in", disputed)]

    def _compute_collection_dispute_count(self):
        counts = {
            move.id: count
            for move, count in self.env["collection.dispute.line"]
            .sudo()
            ._read_group([("move_id", "in", self.ids)], ["move_id"], ["dispute_id:count_distinct"])
        }
        for move in self:
            move.collection_dispute_count = counts.get(move._origin.id, 0)

    def action_open_disputes(self):
        """Show the disputes of these documents."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_dispute_action"
        )
        return {**action, "domain": [("line_ids.move_id", "in", self.ids)], "context": {}}

    def action_dispute(self):
        """Open the dialog that opens a dispute on lines of the invoice."""
        self.ensure_one()
        lines = self.env["collection.dispute.line"]
        asked = lines._get_cases(lines._get_open_debts(self))
        case = next((case for cases in asked.values() for case in cases), False)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_dispute_open_action"
            ),
            "context": {"default_case_id": case, "dispute_move_id": self.id},
        }

    # EXTENDS 'account'
    def _post(self, soft=True):
        """A posted credit note closes the dispute that it was drafted for."""
        posted = super()._post(soft)
        # Who posts credit notes may hold no role in collections.
        self.env["collection.dispute"].sudo()._follow_credit_notes(posted)
        return posted

    # EXTENDS 'account'
    def button_draft(self):
        """A credit note that goes back to draft owes its dispute the amount again."""
        result = super().button_draft()
        self.env["collection.dispute"].sudo()._owe_credit_again(self)
        return result
