from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.facts import CALL
from .collection_todo import SLOTS

COLLECTOR = "account_collections.group_collection_user"
MANAGER = "account_collections.group_collection_manager"

#: Days after which a dispute that was chased is chased again.
CHASE_DAYS = 7

#: Working days that something may be put off at most.
LONGEST = 30

#: What is done at once.
DIRECT = ("approve", "withdraw", "done", "later")

#: What opens a form.
FORMS = ("call", "promise", "dispute", "pause", "statement")


class CollectionTodo(models.Model):
    """One row after the other: what can be done about it, done, put off, and taken back.

    The screen calls :meth:`work_on` for what needs no form, else :meth:`open_form` and, once the
    form was saved, :meth:`form_saved`. Both tell which of the rows of that customer are still
    there, so that nothing else has to be read again.
    """

    _inherit = "collection.todo"

    put_off_until = fields.Date("Put Off until", readonly=True)
    is_put_off = fields.Boolean("Put Off", readonly=True)
    actions = fields.Char(compute="_compute_actions", help="What the reader may do about it.")
    done_label = fields.Char(compute="_compute_actions", help="What 'done' means for it.")

    @property
    def _table_query(self):
        """Rows with what they were put off until.

        Few are; of what is NULL in a join PostgreSQL believes the contrary, so that lists ask for
        ``is_put_off``.
        """
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT staked.*, later.until AS put_off_until,
                   COALESCE(later.until > %(today)s, FALSE) AS is_put_off
              FROM (%(work)s) staked
         LEFT JOIN (%(later)s) later
                ON later.res_id = staked.id / %(slots)s AND later.slot = staked.id %% %(slots)s
            """,
            work=super()._table_query,
            later=self.env["collection.work"]._put_off_sql(today),
            slots=SLOTS,
            today=today,
        )

    # === WHAT CAN BE DONE === #

    @api.depends_context("uid", "lang")
    @api.depends("kind")
    def _compute_actions(self):
        finishers = self._get_finishers()
        is_collector = self.env.user.has_group(COLLECTOR)
        is_manager = self.env.user.has_group(MANAGER)
        for todo in self:
            todo.done_label = finishers.get(todo.kind, (False,))[0]
            possible = {
                "approve": is_manager and todo.kind == "3_approve",
                "withdraw": todo.reminder_id,
                "done": todo.done_label,
                "later": True,
                **dict.fromkeys(FORMS, True),
            }
            todo.actions = ",".join(
                action
                for action, is_possible in possible.items()
                if is_possible and (is_collector or action == "statement")
            )

    @api.model
    def _get_finishers(self):
        """Return {kind: (what 'done' is called, method)}; add-ons add their kinds.

        A method does what done means for the row, and returns the day on which a row that stays
        true shows again, or None.
        """
        return {
            "1_reply": (self.env._("Answered"), "_finish_reply"),
            "2_unconfirmed": (self.env._("It arrived"), "_finish_reminder"),
            "4_task": (self.env._("Done"), "_finish_reminder"),
            "5_activity": (self.env._("Done"), "_finish_activity"),
            "6_pause": (self.env._("Mark as Seen"), "_finish_until_next_day"),
            "7_promise": (self.env._("Checked"), "_finish_until_next_day"),
            "9_dispute": (self.env._("Chased"), "_finish_for_a_while"),
        }

    def _finish_reply(self):
        self.case_id.action_answered()

    def _finish_reminder(self):
        self.reminder_id.action_mark_sent()

    def _finish_activity(self):
        self._get_origins("mail.activity").action_feedback()

    def _finish_until_next_day(self):
        """The day after the row's own, if it is still there, it is something else."""
        return fields.Date.add(max(self.date, fields.Date.context_today(self)), days=1)

    def _finish_for_a_while(self):
        return fields.Date.add(fields.Date.context_today(self), days=CHASE_DAYS)

    # === DO IT === #

    def action_approve(self):
        waiting = self.filtered(lambda todo: todo.kind == "3_approve")
        work = waiting._prepare_work("approve")
        result = super().action_approve()
        self._log(work)
        return result

    def action_withdraw(self):
        work = self.filtered("reminder_id")._prepare_work("withdraw")
        result = super().action_withdraw()
        self._log(work)
        return result

    def action_done(self):
        """Do what 'done' means for each row.

        :raises UserError: for a kind that is done in another way
        """
        finishers = self._get_finishers()
        for todo in self:
            if todo.kind not in finishers:
                raise UserError(
                    self.env._("“%s” is not done by the press of a button.", todo.label)
                )
            todo.case_id.check_access("write")
            [work] = todo._prepare_work("done")
            work["until"] = getattr(todo, finishers[todo.kind][1])()
            todo._log([work])
        return True

    def action_later(self, days=1):
        """Put rows off for so many working days.

        :raises UserError: when these are none, or too many
        """
        if not 1 <= days <= LONGEST:
            raise UserError(self.env._("Put it off for 1 to %s working days.", LONGEST))
        self.case_id.check_access("write")
        today = fields.Date.context_today(self)
        work = self._prepare_work("later")
        for todo, row in zip(self, work):
            calendar = todo.company_id._collection_calendar(today)
            row["until"] = calendar.add_open_days(today, days)
        self._log(work)
        return True

    def _prepare_work(self, action):
        """Return the values of what is about to be done, row by row: rows may vanish with it."""
        return [self._prepare_one(todo.id, todo.case_id, action) for todo in self]

    @api.model
    def _prepare_one(self, row, case, action):
        return {
            "user_id": self.env.uid,
            "case_id": case.id,
            "day": fields.Date.context_today(self),
            "action": action,
            "res_id": row // SLOTS,
            "slot": row % SLOTS,
        }

    @api.model
    def _log(self, work):
        # Nobody writes these rows but the product, when their user did something.
        return self.env["collection.work"].sudo().create(work)

    # === FOR THE SCREEN === #

    def work_on(self, action, days=1, around=(), domain=()):
        """Do at once what needs no form.

        :param str action: one of ``DIRECT``
        :param int days: working days that a row is put off
        :param around: ids of the rows of the same customer that the screen shows
        :param domain: what the screen shows
        :return: see :meth:`_tell`, and under ``undo`` the id of what can be taken back
        """
        self.ensure_one()
        if action not in DIRECT:
            raise UserError(self.env._("“%s” is done in a form.", action))
        method = getattr(self, f"action_{action}")
        method(days) if action == "later" else method()
        work = self.env["collection.work"].search(
            [
                ("user_id", "=", self.env.uid),
                ("res_id", "=", self.id // SLOTS),
                ("slot", "=", self.id % SLOTS),
            ],
            limit=1,
        )
        return {**self._tell(around, domain), "undo": work._can_be_taken_back() and work.id}

    def open_form(self, action):
        """Return the action that opens the form of ``action``, one of ``FORMS``."""
        self.ensure_one()
        if action not in FORMS:
            raise UserError(self.env._("“%s” needs no form.", action))
        form = getattr(self, f"_open_{action}")()
        return {
            **form,
            "views": form.get("views") or [(False, "form")],
            "context": {**form.get("context", {}), "collection_stay": True},
        }

    def _open_call(self):
        if self.reminder_id.channel == CALL:
            return self.reminder_id.action_call_result()
        activity = self.kind == "5_activity" and self._get_origins("mail.activity")
        if activity and activity.activity_category == "phonecall":
            return activity.action_collection_call_result()
        return self.case_id.action_note_call()

    def _open_promise(self):
        return self.case_id.action_promise()

    def _open_dispute(self):
        return self.case_id.action_dispute()

    def _open_pause(self):
        return self.case_id._open_pause()

    def _open_statement(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_statement_print_action"
        )
        context = {"active_model": "collection.case", "active_ids": self.case_id.ids}
        return {**action, "context": context}

    @api.model
    def form_saved(self, row, case_id, action, around=(), domain=()):
        """Count what was done in a form; its row may be gone by now.

        :param int row: id of the row that it was opened from
        :return: see :meth:`_tell`
        """
        case = self.env["collection.case"].browse(case_id)
        case.check_access("read" if action == "statement" else "write")
        if action not in FORMS:
            raise UserError(self.env._("“%s” needs no form.", action))
        self._log([self._prepare_one(row, case, action)])
        return self._tell(around, domain)

    @api.model
    def _tell(self, around, domain):
        """Return which of the rows ``around`` are still there, and what was achieved today."""
        self.env.flush_all()
        self.invalidate_model()
        alive = self.search(Domain("id", "in", list(around)) & Domain(domain))
        return {"alive": alive.ids, "achieved": self.get_achieved()}

    @api.model
    def get_achieved(self):
        return self.env["collection.work"]._get_achieved()
