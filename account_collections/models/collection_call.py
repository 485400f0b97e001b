from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.facts import BY_PERSON

INBOUND, OUTBOUND = "inbound", "outbound"

#: What only a call of ours can come to.
OURS_ONLY = ("no_answer", "wrong_number")


class CollectionCall(models.Model):
    """A call with a debtor and what came of it: written once, from the form of its result.

    Each result has a method ``_apply_<result>`` that says what follows. To add a result, extend
    :meth:`_get_results`, the form, and write its method; what several share is in
    :meth:`_conclude` (the customer was reached) and :meth:`_try_again`.
    """

    _name = "collection.call"
    _description = "Call with a Debtor"
    _order = "called_at desc, id desc"
    _rec_name = "case_id"
    _check_company_auto = True

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    reminder_id = fields.Many2one(
        "collection.reminder", readonly=True, ondelete="set null", index="btree_not_null"
    )
    level_id = fields.Many2one(related="reminder_id.level_id")
    direction = fields.Selection(
        [(OUTBOUND, "We called"), (INBOUND, "The customer called")],
        default=OUTBOUND,
        required=True,
        readonly=True,
    )
    result = fields.Selection(
        selection=lambda self: self._get_results(), required=True, readonly=True
    )
    is_reached = fields.Boolean(
        string="Spoken To", readonly=True, help="Somebody was at the other end."
    )
    called_at = fields.Datetime(string="When", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Who", required=True, readonly=True, ondelete="restrict"
    )
    duration = fields.Float(string="Minutes", readonly=True, aggregator="avg")
    contact_id = fields.Many2one("res.partner", readonly=True, ondelete="set null")
    number = fields.Char(readonly=True)
    note = fields.Text(readonly=True)
    call_back_at = fields.Datetime(readonly=True)
    promised_amount = fields.Monetary(
        readonly=True, aggregator="sum", help="Company currency, as the customer said it."
    )
    promised_date = fields.Date(readonly=True)
    attempt = fields.Integer(
        readonly=True, help="Which attempt in a row it was that nobody answered."
    )

    _when = models.Index("(company_id, called_at DESC)")

    @api.model
    def _get_results(self):
        """Return pairs (code, label) of what a call may come to.

        The first has the keyboard when the form opens: a promise takes the fewest keys.
        """
        return [
            ("will_pay", self.env._("Will pay")),
            ("contests", self.env._("Contests")),
            ("reached", self.env._("Reached")),
            ("call_back", self.env._("Call back")),
            ("no_answer", self.env._("No answer")),
            ("wrong_number", self.env._("Wrong number")),
        ]

    @api.model
    def _get_unreached_results(self):
        """Return the codes of results of a call in which nobody was spoken to."""
        return OURS_ONLY

    @api.model
    def _note(self, case, activity=None, **values):
        """Note a call on a case and do what follows from its result.

        :param case: the ``collection.case``
        :param activity: the ``mail.activity`` that asked for the call, if one did
        :param values: of the call
        :raises AccessError: for those who may not write on the case
        :raises UserError: when the result does not fit
        """
        case.ensure_one()
        case.check_access("write")
        values.setdefault("called_at", fields.Datetime.now())
        values.setdefault("user_id", self.env.uid)
        result = values["result"]
        reminder = self.env["collection.reminder"].browse(values.get("reminder_id"))
        if reminder and reminder.case_id != case:
            raise UserError(self.env._("This reminder belongs to another case."))
        if values.get("direction") == INBOUND and result in OURS_ONLY:
            raise UserError(self.env._("This cannot come of a call that the customer made."))
        # A call is written once, by whoever may act on its case; nobody changes it afterwards.
        call = self.sudo().create(
            {
                **values,
                "case_id": case.id,
                "is_reached": result not in self._get_unreached_results(),
            }
        )
        call.attempt = call._count_attempts()
        call._write_down()
        activity = reminder.activity_id if activity is None else activity
        getattr(call, f"_apply_{result}")(activity)
        return call

    @api.model
    def _note_done(self, reminder, feedback):
        """Note that a call was made of which its activity's 'Done' is all we know."""
        self._note(
            reminder.case_id,
            # Empty: the activity is being done already.
            activity=self.env["mail.activity"],
            reminder_id=reminder.id,
            result="reached",
            note=feedback or "",
        )

    def _count_attempts(self):
        """Return how many calls in a row nobody answered, this one included; 0 when answered.

        A wrong number was no attempt.
        """
        count = 0
        for call in self.search(
            [("case_id", "=", self.case_id.id), ("reminder_id", "=", self.reminder_id.id)]
        ):
            if call.result == "wrong_number":
                continue
            if call.result != "no_answer":
                break
            count += 1
        return count

    def _write_down(self):
        """Put the call where every exchange is, and keep it as evidence."""
        self.ensure_one()
        self.case_id.message_post(
            body=self.env["ir.qweb"]._render("account_collections.call_note", {"call": self}),
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            author_id=self.user_id.partner_id.id,
        )
        self.env["collection.evidence"]._record(
            self.reminder_id or self.case_id, "called", self._get_evidence()
        )

    def _get_evidence(self):
        """Return what is worth proving of a call."""
        self.ensure_one()
        facts = {
            "result": self.result,
            "direction": self.direction,
            "at": fields.Datetime.to_string(self.called_at),
            "contact": self.contact_id.name,
            "number": self.number,
            "note": self.note,
            "call_back_at": fields.Datetime.to_string(self.call_back_at),
            "promised_amount": self.promised_amount,
            "promised_date": fields.Date.to_string(self.promised_date),
        }
        return {name: value for name, value in facts.items() if value}

    def _get_result_label(self):
        self.ensure_one()
        return dict(self._fields["result"]._description_selection(self.env))[self.result]

    # === WHAT FOLLOWS === #

    def _apply_reached(self, activity):
        self._conclude(activity)

    def _apply_will_pay(self, activity):
        """What was promised is kept with the call."""
        self._conclude(activity)

    def _apply_contests(self, activity):
        """Why is kept with the call."""
        self._conclude(activity)

    def _apply_call_back(self, activity):
        """Call again at the day and hour that were agreed."""
        if not self.call_back_at or self.call_back_at <= self.called_at:
            raise UserError(self.env._("When do we call back? Choose a moment ahead."))
        day = fields.Datetime.context_timestamp(
            self.with_context(tz=str(self.company_id._collection_timezone())), self.call_back_at
        )
        summary = self.env._("Call back at %(hour)s", hour=day.strftime("%H:%M"))
        self._try_again(activity, day.date(), summary, self.call_back_at)

    def _apply_no_answer(self, activity):
        """Try again the next working day; after enough attempts the call counts as made."""
        company = self.company_id
        if self.attempt >= company.collection_call_attempts:
            self._conclude(activity)
            return
        if not activity and self.reminder_id.state != "to_do":
            return  # nobody had planned it: it is only noted
        today = company._collection_today()
        day = company._collection_calendar(today).add_open_days(today, 1)
        summary = self.env._("Call again: no answer so far (%(count)s)", count=self.attempt)
        self._try_again(activity, day, summary, company._collection_local_midnight(day))

    def _apply_wrong_number(self, activity):
        """The contact is flagged, somebody looks for the right number, the call stays to do."""
        contact = self.contact_id
        today = self.company_id._collection_today()
        if contact.phone:
            contact.collection_wrong_phone = contact.phone
        worker = self.case_id._get_person_at_work()
        case = self.case_id.with_context(lang=worker.lang)
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            today,
            summary=case.env._(
                "Wrong number: find the one of %(contact)s",
                contact=contact.name or case.display_name,
            ),
            note=self.number or "",
            user_id=worker.id,
        )
        if activity or self.reminder_id.state == "to_do":
            summary = self.env._("Call again once there is a number that works")
            self._try_again(activity, today, summary)

    def _conclude(self, activity):
        """The call was made: what asked for it is done, and the ladder goes on."""
        reminder = self.reminder_id
        if reminder.channel in BY_PERSON and reminder.state == "to_do":
            reminder._set_state("sent", sent_at=self.called_at, activity_id=False)
            self.env["collection.evidence"]._record(
                reminder, "said_sent", {"result": self.result, "attempts": self.attempt}
            )
        self._close(activity)

    def _try_again(self, activity, day, summary, after=None):
        """Plan the call anew in place of the activity that asked for it.

        :param after: naive UTC, not before this moment
        """
        reminder = self.reminder_id
        if reminder.state == "to_do":
            reminder._plan_call(day, summary, after)
        else:
            worker = self.case_id._get_person_at_work()
            self.case_id.activity_schedule(
                "mail.mail_activity_data_call",
                day,
                summary=summary,
                note=activity.note if activity else "",
                user_id=worker.id,
            )
        self._close(activity)

    def _close(self, activity):
        if activity and activity.active:
            activity._action_done(feedback=self._get_result_label())
