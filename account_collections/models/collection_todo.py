import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine.facts import CALL

#: Days before its end that a pause is shown.
PAUSE_NOTICE_DAYS = 3

#: Kinds of work that a record may stand for; the id of a row is its record's, times this.
SLOTS = 32


class CollectionTodo(models.Model):
    """My day: everything that waits for a person, in one list, what is most at stake first."""

    _name = "collection.todo"
    _description = "Work of the Day"
    _auto = False
    _rec_name = "text"
    _order = "amount desc, date, id"

    kind = fields.Selection(
        [
            ("1_reply", "Customers to answer"),
            ("2_repair", "Bounced and failed"),
            ("2_unconfirmed", "Unconfirmed"),
            ("3_approve", "To approve"),
            ("4_task", "Tasks of the scenario"),
            ("5_activity", "Activities"),
            ("6_pause", "Pauses that end"),
        ],
        readonly=True,
    )
    text = fields.Char(string="Text", readonly=True)
    label = fields.Char(string="What", compute="_compute_label")
    case_id = fields.Many2one("collection.case", readonly=True)
    reminder_id = fields.Many2one("collection.reminder", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    date = fields.Date(string="Since or For", readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What it is about: overdue, promised or contested, as the case may be."
    )
    oldest_due = fields.Date(string="Oldest Due Date", readonly=True)

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._get_sources())

    @api.model
    def _get_sources(self):
        """Return one SELECT for each kind of work; add-ons append theirs.

        Ids are the record's own, 32 a piece, plus the slot of the kind, so that kinds never
        collide.
        """
        return [
            self._select_replies(),
            self._select_reminders(("failed",), "2_repair", 1),
            self._select_reminders(("unconfirmed",), "2_unconfirmed", 11),
            self._select_reminders(("to_approve",), "3_approve", 2),
            self._select_reminders(("to_do",), "4_task", 3),
            self._select_activities(),
            self._select_pauses(),
        ]

    @api.model
    def _case_columns(self, user=None, amount=None):
        """Return the columns of every kind of work, by default its case's own.

        :param SQL user: who has it to do
        :param SQL amount: what it is about, in the company's currency
        """
        return SQL(
            "cases.company_id, %s AS user_id, %s AS amount, cases.oldest_due, %s AS unpaid",
            user or SQL("cases.user_id"),
            amount or SQL("cases.overdue"),
            self.env["collection.case"]._unpaid_column(fields.Date.context_today(self)),
        )

    @api.model
    def _select_replies(self):
        return SQL(
            """
            SELECT cases.id * 32::bigint AS id, '1_reply' AS kind, letter.subject AS text,
                   cases.id AS case_id, NULL::int AS reminder_id,
                   cases.unanswered_since::date AS date, %s
              FROM collection_case cases
         LEFT JOIN LATERAL (
                SELECT message.subject
                  FROM mail_message message
                 WHERE message.model = 'collection.case'
                   AND message.res_id = cases.id
                   AND message.message_type = 'email'
              ORDER BY message.id DESC
                 LIMIT 1
                   ) letter ON TRUE
             WHERE cases.unanswered_since IS NOT NULL
            """,
            self._case_columns(),
        )

    @api.model
    def _select_reminders(self, states, kind, slot):
        return SQL(
            """
            SELECT reminder.id * 32::bigint + %(slot)s, %(kind)s, reminder.subject,
                   cases.id, reminder.id, reminder.decision_date, %(columns)s
              FROM collection_reminder reminder
              JOIN collection_case cases ON cases.id = reminder.case_id
         LEFT JOIN mail_activity activity ON activity.id = reminder.activity_id
             WHERE reminder.state IN %(states)s AND reminder.channel <> %(call)s
            """,
            # Calls that are to be made are listed by themselves.
            call=CALL if states == ("to_do",) else "",
            slot=slot,
            kind=kind,
            states=states,
            # A task is its level's to give, and an absent owner's substitute has it.
            columns=self._case_columns(SQL("COALESCE(activity.user_id, cases.user_id)")),
        )

    @api.model
    def _select_activities(self):
        return SQL(
            """
            SELECT activity.id * 32::bigint + 4, '5_activity', activity.summary,
                   cases.id, NULL, activity.date_deadline, %(columns)s
              FROM mail_activity activity
              JOIN collection_case cases ON cases.id = activity.res_id
             WHERE activity.res_model = 'collection.case'
               AND activity.active
               AND activity.date_deadline <= %(today)s
               AND activity.activity_type_id IS DISTINCT FROM %(reply)s
               AND NOT EXISTS (SELECT FROM collection_reminder reminder
                                WHERE reminder.activity_id = activity.id)
            """,
            columns=self._case_columns(),
            today=fields.Date.context_today(self),
            # The message itself is listed.
            reply=self.env["ir.model.data"]._xmlid_to_res_id(
                "account_collections.mail_activity_type_reply"
            )
            or None,
        )

    @api.model
    def _select_pauses(self):
        today = fields.Date.context_today(self)
        reasons = self.env["collection.hold"]._fields["reason"]._description_selection(self.env)
        return SQL(
            """
            SELECT hold.id * 32::bigint + 5, '6_pause',
                   COALESCE(NULLIF(hold.note, ''), %(labels)s::jsonb ->> hold.reason),
                   cases.id, NULL, hold.date_end, %(columns)s
              FROM collection_hold hold
              JOIN collection_case cases ON cases.id = hold.case_id
             WHERE hold.lifted_on IS NULL AND hold.announced IS NOT TRUE
               AND hold.date_end BETWEEN %(today)s AND %(last)s
            """,
            columns=self._case_columns(),
            labels=json.dumps(dict(reasons)),
            today=today,
            last=fields.Date.add(today, days=PAUSE_NOTICE_DAYS),
        )

    @api.depends_context("lang")
    @api.depends("text")
    def _compute_label(self):
        """Say what is to be done; kinds whose amounts are in the reader's notation add theirs."""
        for todo in self:
            todo.label = todo.text

    def _get_origins(self, model):
        """Return the records of ``model`` that these rows stand for, row by row."""
        return self.env[model].browse(todo.id // SLOTS for todo in self)

    def action_open(self):
        """Open what waits: the reminder where there is one, else the case."""
        self.ensure_one()
        return (self.reminder_id or self.case_id).get_formview_action()

    def action_approve(self):
        return self._get_reminders().action_approve()

    def action_withdraw(self):
        return self._get_reminders().action_withdraw()

    def _get_reminders(self):
        """Return the reminders among these rows.

        :raises UserError: when there is none, or a press of the button would do nothing
        """
        if not self.reminder_id:
            raise UserError(self.env._("None of these is a reminder: open them one by one."))
        return self.reminder_id
