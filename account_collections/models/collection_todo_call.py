from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.facts import CALL

CALLS = "4_call"


class CollectionTodo(models.Model):
    """Calls to make: first those that may be made at this very moment."""

    _inherit = "collection.todo"
    _order = "kind, is_callable desc, amount desc, date, id"

    kind = fields.Selection(selection_add=[(CALLS, "Calls"), ("4_task",)])
    is_callable = fields.Boolean(
        string="Callable Now", readonly=True, help="It is an allowed hour where it rings."
    )
    call_number = fields.Char(string="Phone", compute="_compute_call")
    call_window = fields.Char(string="When to Call", compute="_compute_call")

    @property
    def _table_query(self):
        """Every kind of work, with whether a call may be made now."""
        return SQL(
            """
            SELECT work.*, COALESCE(%s, FALSE) AS is_callable
              FROM (%s) work
         LEFT JOIN collection_reminder calling
                ON calling.id = work.reminder_id AND work.kind = %s
            """,
            self._callable_sql(),
            super()._table_query,
            CALLS,
        )

    @api.model
    def _get_sources(self):
        return [*super()._get_sources(), self._select_calls()]

    @api.model
    def _select_calls(self):
        """Calls of today and before; one that was put off comes back on its day."""
        return SQL(
            """
            SELECT reminder.id * 32::bigint + 6, %(kind)s, reminder.subject, cases.id, reminder.id,
                   COALESCE(activity.date_deadline, reminder.decision_date), %(columns)s
              FROM collection_reminder reminder
              JOIN collection_case cases ON cases.id = reminder.case_id
         LEFT JOIN mail_activity activity ON activity.id = reminder.activity_id
             WHERE reminder.state = 'to_do' AND reminder.channel = %(call)s
               AND COALESCE(activity.date_deadline <= %(today)s, TRUE)
            """,
            kind=CALLS,
            call=CALL,
            today=fields.Date.context_today(self),
            columns=self._case_columns(),
        )

    @api.model
    def _callable_sql(self):
        """Return the condition on ``calling`` under which it may ring at this moment.

        Clocks are read in Python, once for each set of time zones that waits for a call.
        """
        waiting = self.env.execute_query(
            SQL(
                """SELECT DISTINCT company_id, call_zones FROM collection_reminder
                    WHERE state = 'to_do' AND channel = %s AND call_zones IS NOT NULL""",
                CALL,
            )
        )
        # Hours of all companies: which of them the user sees, the rules on cases say.
        companies = self.env["res.company"].sudo()
        ringing = [
            (company, zones)
            for company, zones in waiting
            if companies.browse(company)._collection_may_call(zones.split(","))
        ]
        if not ringing:
            return SQL("FALSE")
        return SQL(
            """(calling.company_id, calling.call_zones) IN %s
               AND COALESCE(calling.call_after <= %s, TRUE)""",
            tuple(ringing),
            fields.Datetime.now(),
        )

    @api.depends_context("lang", "tz")
    @api.depends("reminder_id")
    def _compute_call(self):
        """Show the first number that is dialled, and when."""
        for todo in self:
            todo.call_number = todo.call_window = False
            if todo.kind != CALLS:
                continue
            rows = todo.reminder_id._get_call_sheet()["rows"]
            row = next((row for row in rows if row["number"].link), None)
            todo.call_number = row["number"].shown if row else self.env._("No number")
            todo.call_window = row["when"] if row else False

    def action_call_result(self):
        self.ensure_one()
        return self.reminder_id.action_call_result()
