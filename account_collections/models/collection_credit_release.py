from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

ASKED, GRANTED, REFUSED, USED, PAID = "asked", "granted", "refused", "used", "paid"

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    GRANTED: (ASKED,),
    REFUSED: (ASKED, GRANTED),
    USED: (GRANTED,),
    PAID: (ASKED,),
}

#: Days for which a release is good, unless something else is chosen.
DEFAULT_DAYS = 3


class CollectionCreditRelease(models.AbstractModel):
    """What is held, and may go on all the same: asked for by whoever sells or delivers, decided
    by a credit manager, with a reason and a last day.

    Glue names what is held (:meth:`_get_held`) and what its decisions are called in the evidence.
    """

    _name = "collection.credit.release"
    _description = "Release of What Is Held"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "id desc"

    #: Events of the evidence, and what held things are called in their facts.
    _granted_event = _refused_event = _held_fact = None

    company_id = fields.Many2one("res.company", readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    hold_reason = fields.Text(string="Held Because", readonly=True)
    release_amount = fields.Monetary(
        string="Payment That Releases It", readonly=True, help="0: no payment does."
    )
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True)
    state = fields.Selection(
        [
            (ASKED, "To Decide"),
            (GRANTED, "Released"),
            (REFUSED, "Refused"),
            (USED, "Used"),
        ],
        default=ASKED,
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    reason = fields.Char(string="Why Released or Refused", tracking=True)
    date_end = fields.Date(
        string="Good Until",
        tracking=True,
        help="Last day on which it may be used.",
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    used_at = fields.Datetime(string="Used on", readonly=True)

    # === WHAT IS HELD === #

    def _get_held(self):
        """Return the record that is held, on whose chatter decisions are told."""
        raise NotImplementedError

    @api.model
    def _propose_end(self, company):
        """Return the last day that is proposed, by the company's day."""
        return fields.Date.add(company._collection_today(), days=DEFAULT_DAYS)

    def _get_editable(self):
        """Return what a credit manager fills in, until it is granted or refused."""
        return {"reason", "date_end"}

    # === STATES === #

    def _set_state(self, state, **values):
        """Move releases to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        # Of two who decide at once the second is refused, or sees what the first decided.
        self._lock()
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})

    def write(self, vals):
        """:raises UserError: when something else than the decision is written, or too late"""
        if not self.env.su and (
            set(vals) - self._get_editable() or any(release.state != ASKED for release in self)
        ):
            raise UserError(self.env._("What was decided is not changed: ask for it again."))
        return super().write(vals)

    # === ACTIONS === #

    def action_grant(self):
        """Let it go on.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: without a reason, or a last day that is still to come
        """
        self._check_manager()
        for release in self:
            if not release.reason:
                raise UserError(self.env._("Write down why it may leave."))
            if not release.date_end or release.date_end < release.company_id._collection_today():
                raise UserError(self.env._("Enter the last day on which it may leave."))
            release._decide(
                GRANTED,
                self._granted_event,
                self.env._(
                    "Released by credit management until %(date)s: %(reason)s",
                    date=format_date(self.env, release.date_end),
                    reason=release.reason,
                ),
            )
        return True

    def action_refuse(self):
        """Keep it held, or take its release back before it is used.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        for release in self:
            release._decide(
                REFUSED,
                self._refused_event,
                self.env._("Credit management does not release it. %s", release.reason or ""),
            )
        return True

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager releases what is held."))

    def _decide(self, state, event, words):
        self._set_state(state, decided_by_id=self.env.uid, decided_at=fields.Datetime.now())
        # Whoever asked reads it on what is held, which a credit manager may not see.
        self.sudo()._get_held().message_post(body=words)
        self._record(event)

    def _get_case(self):
        """Return the customer's case, empty where there is none."""
        # Who asks for a release, or decides, may have no rights on the case.
        return self.partner_id.sudo().collection_case_ids.filtered(
            lambda one: one.company_id == self.company_id
        )

    def _record(self, event):
        """Prove the decision in the customer's case, where there is one."""
        facts = {self._held_fact: self._get_held_name(), "why": self.reason or ""}
        if self.date_end:
            facts["until"] = fields.Date.to_string(self.date_end)
        self.env["collection.evidence"]._record(self._get_case(), event, facts)

    def _get_held_name(self):
        return self.sudo()._get_held().display_name

    def _announce(self):
        """Tell whoever works on the customer's case that something waits for a decision."""
        case = self._get_case()
        if not case:
            return
        person = case._get_person_at_work()
        words = self.with_context(lang=person.lang)
        case.activity_schedule(
            "mail.mail_activity_data_todo", summary=words._say_waiting(), user_id=person.id
        )

    def _say_waiting(self):
        return self.env._("Held, to decide: %s", self._get_held_name())

    # === USE === #

    @api.model
    def _usable_domain(self, company):
        """Return which releases may be used today."""
        return [("state", "=", GRANTED), ("date_end", ">=", company._collection_today())]

    def _use(self):
        """Note that it was used: it is good for once."""
        self._set_state(USED, used_at=fields.Datetime.now())
