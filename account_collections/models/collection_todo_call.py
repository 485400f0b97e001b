from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.facts import CALL

CALLS = "4_call"


class CollectionTodo(models.Model):
    """Calls to make, and whether that may be at this very moment."""

    _inherit = "collection.todo"

    kind = fields.Selection(selection_add=[(CALLS, "Calls"), ("4_task",)])
    is_callable = fields.Boolean(
        string="Callable Now", readonly=True, help="It is an allowed hour where it rings."
    )
    call_number = fields.Char(string="Phone", compute="_compute_call")
    call_link = fields.Char(compute="_compute_call", help="Address that dials the number.")
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
            SELECT reminder.id * 32::bigint + 6, %(kind)s, reminder.subject, reminder.case_id,
                   reminder.id, COALESCE(activity.date_deadline, reminder.decision_date),
                   NULL, NULL
              FROM collection_reminder reminder
         LEFT JOIN mail_activity activity ON activity.id = reminder.activity_id
             WHERE reminder.state = 'to_do' AND reminder.channel = %(call)s
               AND COALESCE(activity.date_deadline <= %(today)s, TRUE)
            """,
            kind=CALLS,
            call=CALL,
            today=fields.Date.context_today(self),
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

    @api.depends("call_number")
    def _compute_label(self):
        """The number first: it is what a caller looks for."""
        super()._compute_label()
        for todo in self.filtered(lambda todo: todo.kind == CALLS):
            todo.label = " · ".join(filter(None, (todo.call_number, todo.text)))

    @api.depends_context("lang", "tz")
    @api.depends("reminder_id")
    def _compute_call(self):
        """Show the first number that is dialled, and when."""
        calls = self.filtered(lambda todo: todo.kind == CALLS)
        others = self - calls
        others.call_number = others.call_link = others.call_window = False
        phones = self.env["collection.phone"]
        numbers = phones._get_first_numbers(calls.reminder_id)
        # Most customers live in the same few zones, and clocks are slow to read.
        windows = {}
        for todo in calls:
            case, number = todo.case_id, numbers[todo.reminder_id]
            todo.call_number = number.shown if number else self.env._("No number")
            todo.call_link = number and number.link
            todo.call_window = False
            if number:
                zones, after = phones._get_zones(case, number), todo.reminder_id.call_after
                key = (case.company_id, zones, after)
                if key not in windows:
                    windows[key] = case._explain_call_window(zones, after)
                todo.call_window = windows[key]

    def action_call_result(self):
        self.ensure_one()
        return self.reminder_id.action_call_result()
