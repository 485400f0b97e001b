import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine.facts import CALL

#: Days before its end that a pause is shown.
PAUSE_NOTICE_DAYS = 3

#: Rows that fill a screen: the groups below them are folded.
SCREEN = 80

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
        """Every kind of work with what its case says: cases are joined once for all of them."""
        return SQL(
            """
            SELECT work.id, work.kind, %s AS text, work.case_id, work.reminder_id, work.date,
                   cases.company_id, COALESCE(work.user_id, cases.user_id) AS user_id,
                   COALESCE(work.amount, cases.overdue) AS amount, cases.oldest_due,
                   %s AS unpaid
              FROM (%s) work
              JOIN collection_case cases ON cases.id = work.case_id
            """,
            self._text_sql(),
            self.env["collection.case"]._unpaid_column(fields.Date.context_today(self)),
            SQL(" UNION ALL ").join(self._typed(source) for source in self._get_sources()),
        )

    @api.model
    def _typed(self, source):
        """Return a kind of work with its columns of one type to the letter.

        PostgreSQL then works out no column, joins no table and reads no kind that is not asked
        for.
        """
        return SQL(
            """SELECT id::bigint, kind::text, text::text, case_id::int, reminder_id::int,
                      date::date, user_id::int, amount::numeric
                 FROM (%s) source (id, kind, text, case_id, reminder_id, date, user_id, amount)""",
            source,
        )

    @property
    def _table_sql(self):
        """Odoo asks for the table once for each computed field that it describes: by name then."""
        if self.env.context.get("collection_describe"):
            return SQL.identifier(self._table)
        return super()._table_sql

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        describing = self.with_context(collection_describe=True)
        return super(CollectionTodo, describing).fields_get(allfields, attributes)

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Read rows as they are found: looking for them again by id would cost as much."""
        return super().search_fetch(domain, field_names or None, offset, limit, order)

    def _open_groups(self, *, groups, auto_unfold, opening_info, **options):
        """Open groups from the top until a screen is full: those below tell what they hold."""
        if auto_unfold and not opening_info:
            shown = 0
            for group in groups:
                group["__fold"] = shown >= SCREEN
                shown += group["__count"]
        super()._open_groups(
            groups=groups, auto_unfold=auto_unfold, opening_info=opening_info, **options
        )

    @api.model
    def _get_sources(self):
        """Return one SELECT for each kind of work; add-ons append theirs.

        Columns are ``id, kind, text, case_id, reminder_id, date, user_id, amount``. Ids are the
        record's own, 32 a piece, plus the slot of the kind, so that kinds never collide. Who has
        it to do is the case's owner where ``user_id`` is NULL, and what it is about (in the
        company's currency) what is overdue where ``amount`` is.
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
    def _select_replies(self):
        return SQL(
            """
            SELECT answered.id * 32::bigint AS id, '1_reply' AS kind, NULL::text AS text,
                   answered.id AS case_id, NULL::int AS reminder_id,
                   answered.unanswered_since::date AS date, NULL::int AS user_id,
                   NULL::numeric AS amount
              FROM collection_case answered
             WHERE answered.unanswered_since IS NOT NULL
            """
        )

    @api.model
    def _text_sql(self):
        """Return the text of ``work``: the last message is looked for once a row is shown.

        Inside its kind it would be looked for of every row, before the first ones are chosen.
        """
        return SQL(
            """CASE work.kind WHEN '1_reply' THEN (
                   SELECT message.subject
                     FROM mail_message message
                    WHERE message.model = 'collection.case'
                      AND message.res_id = work.case_id
                      AND message.message_type = 'email'
                 ORDER BY message.id DESC
                    LIMIT 1) ELSE work.text END"""
        )

    @api.model
    def _select_reminders(self, states, kind, slot):
        """A task is its level's to give, and an absent owner's substitute has it."""
        return SQL(
            """
            SELECT reminder.id * 32::bigint + %(slot)s, %(kind)s, reminder.subject,
                   reminder.case_id, reminder.id, reminder.decision_date, activity.user_id, NULL
              FROM collection_reminder reminder
         LEFT JOIN mail_activity activity ON activity.id = reminder.activity_id
             WHERE reminder.state IN %(states)s AND reminder.channel <> %(call)s
            """,
            # Calls that are to be made are listed by themselves.
            call=CALL if states == ("to_do",) else "",
            slot=slot,
            kind=kind,
            states=states,
        )

    @api.model
    def _select_activities(self):
        return SQL(
            """
            SELECT activity.id * 32::bigint + 4, '5_activity', activity.summary,
                   activity.res_id, NULL, activity.date_deadline, NULL, NULL
              FROM mail_activity activity
             WHERE activity.res_model = 'collection.case'
               AND activity.active
               AND activity.date_deadline <= %(today)s
               AND activity.activity_type_id IS DISTINCT FROM %(reply)s
               AND NOT EXISTS (SELECT FROM collection_reminder reminder
                                WHERE reminder.activity_id = activity.id)
            """,
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
                   hold.case_id, NULL, hold.date_end, NULL, NULL
              FROM collection_hold hold
             WHERE hold.lifted_on IS NULL AND hold.announced IS NOT TRUE
               AND hold.date_end BETWEEN %(today)s AND %(last)s
            """,
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
