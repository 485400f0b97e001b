from odoo import api, fields, models
from odoo.tools import SQL

from .collection_handover import HANDED_OVER
from .collection_handover_make import STANDING
from .collection_interest_claim import PROBLEMS


class CollectionHandoverLine(models.Model):
    """An item as it was handed over: the snapshot outlives the ledger line."""

    _name = "collection.handover.line"
    _description = "Item Handed Over"
    _order = "handover_id, date_due, id"

    handover_id = fields.Many2one(
        "collection.handover", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move", string="Document", readonly=True, ondelete="set null"
    )
    move_name = fields.Char(string="Number", readonly=True)
    date_invoice = fields.Date(string="Document Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    date_prescribed = fields.Date(string="Prescribed after", readonly=True, help="As of that day.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_currency = fields.Monetary(string="Principal", readonly=True)
    amount = fields.Monetary(
        string="Principal (Company)", currency_field="company_currency_id", readonly=True
    )
    interest = fields.Monetary(currency_field="company_currency_id", readonly=True)
    compensation = fields.Monetary(currency_field="company_currency_id", readonly=True)
    problem = fields.Selection(PROBLEMS, string="No Interest Because", readonly=True)
    periods = fields.Json(readonly=True)

    @api.model
    def _find_standing(self, lines):
        """Return the receivable lines that are handed over, or about to be."""
        found = self.search(
            [("line_id", "in", lines.ids), ("handover_id.state", "in", STANDING)]
        )
        return found.line_id

    @api.model
    def _is_handed_over_sql(self):
        """Return the condition on ``line`` that somebody else collects it."""
        return SQL(
            """line.id IN (SELECT part.line_id
                             FROM collection_handover_line part
                             JOIN collection_handover handover ON handover.id = part.handover_id
                            WHERE handover.state = %s AND part.line_id IS NOT NULL)""",
            HANDED_OVER,
        )
