from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class CollectionReminder(models.Model):
    _inherit = "collection.reminder"

    disputed_items = fields.Json(
        compute="_compute_disputed_items",
        help="What the customer disputes, by document: named in the reminder, and not asked for.",
    )

    @api.depends("case_id")
    def _compute_disputed_items(self):
        """One query for all reminders that are written together."""
        by_case = defaultdict(list)
        for case, name, currency, amount in self._query_disputed():
            by_case[case].append({"name": name, "currency": currency, "amount": amount})
        for reminder in self:
            reminder.disputed_items = by_case.get(reminder.case_id.id, [])

    def _query_disputed(self):
        """Return (case, document, currency, amount in that currency) of what is withheld."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT debtor.case_id, move.name, line.currency_id,
                       SUM(LEAST(held.amount_currency, part.amount_currency))
                  FROM (%(held)s) held
                  JOIN account_move_line line ON line.id = held.line_id
                  JOIN account_move move ON move.id = line.move_id
                  %(residual)s
                  %(debtor)s
                 WHERE debtor.case_id = ANY(%(cases)s) AND debtor.case_id = ANY(held.cases)
              GROUP BY debtor.case_id, move.id, line.currency_id
              ORDER BY debtor.case_id, MIN(line.date_maturity), move.id
                """,
                held=self.env["collection.dispute"]._held_sql(
                    SQL("dispute.case_id = ANY(%s)", self.case_id.ids)
                ),
                residual=self.env["collection.ledger"]._residual_now(),
                debtor=self.env["collection.debtor"]._join_sql(),
                cases=self.case_id.ids,
            )
        )
