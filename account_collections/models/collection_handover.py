from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, formatLang

HANDED_OVER = "handed_over"

#: What comes in, and what it costs, counts in these states.
COUNTING = (HANDED_OVER, "closed", "withdrawn")

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    "draft": ("to_approve",),
    "to_approve": ("draft",),
    HANDED_OVER: ("draft", "to_approve"),
    "closed": (HANDED_OVER,),
    "withdrawn": (HANDED_OVER,),
    "cancelled": ("draft", "to_approve"),
}

OUTCOMES = [
    ("recovered", "Recovered"),
    ("partly", "Partly recovered"),
    ("unrecoverable", "Cannot be recovered"),
]


class CollectionHandover(models.Model):
    """Debts that somebody else collects: an agency, a lawyer, a bailiff, a court.

    Drafted by a collector, handed over by a credit manager. Until it is closed or withdrawn its
    items are not dunned; what comes in on them is attributed to it.
    """

    _name = "collection.handover"
    _description = "Hand-Over"
    _inherit = "collection.bookable"
    _check_company_auto = True

    _transitions = TRANSITIONS
    _editable = frozenset(
        {"agency_id", "note", "is_whole", "fee_percent", "fee_fixed", "reference"}
    )
    _editable_states = frozenset({"draft", "to_approve"})
    _event_prefix = "handover"
    _action_xmlid = "account_collections.collection_handover_action"

    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Customer", store=True, index=True
    )
    agency_id = fields.Many2one(
        "collection.agency", string="Entrusted to", required=True, ondelete="restrict",
        tracking=True, check_company=True,
    )  # fmt: skip
    kind = fields.Selection(related="agency_id.kind", store=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To approve"),
            (HANDED_OVER, "Handed over"),
            ("closed", "Closed"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        copy=False,
    )
    date = fields.Date(string="Handed Over on", readonly=True, help=False)
    ended_on = fields.Date(readonly=True, copy=False)
    outcome = fields.Selection(OUTCOMES, tracking=True, copy=False)
    end_reason = fields.Char(string="Why Withdrawn", copy=False)
    is_whole = fields.Boolean(
        string="No Reminders Meanwhile",
        help="The customer is not reminded of anything else either: the case is at the legal "
        "stage until it ends.",
    )
    reference = fields.Char(string="Their Reference", tracking=True)
    fee_percent = fields.Float(string="Fee (%)", help="Of what is recovered.")
    fee_fixed = fields.Monetary(string="Fee per Case")

    line_ids = fields.One2many("collection.handover.line", "handover_id", readonly=True)
    principal = fields.Monetary(compute="_compute_amount", store=True)
    interest = fields.Monetary(compute="_compute_amount", store=True)
    compensation = fields.Monetary(compute="_compute_amount", store=True)
    amount = fields.Monetary(string="Total", compute="_compute_amount", store=True)
    open_amount = fields.Monetary(string="Still Open", compute="_compute_open_amount")
    recovered = fields.Monetary(
        readonly=True, copy=False, help="Money that came in on its items, by value date."
    )
    cost = fields.Monetary(string="Costs", readonly=True, copy=False)
    fee = fields.Monetary(compute="_compute_net", store=True, help="Due to them by now.")
    net = fields.Monetary(
        string="Net Recovery", compute="_compute_net", store=True, help="Less fee and costs."
    )
    rate = fields.Float(
        string="Recovery Rate (%)", compute="_compute_net", store=True, aggregator="avg",
        help="What came in of the principal; of several, that of their sum.",
    )  # fmt: skip

    is_collector = fields.Boolean(
        compute="_compute_is_collector", help="Who is no manager does not end it."
    )

    @api.depends_context("uid")
    def _compute_is_collector(self):
        self.is_collector = not self._is_manager()

    @api.depends("partner_id", "agency_id")
    def _compute_display_name(self):
        for handover in self:
            handover.display_name = (
                f"{handover.partner_id.display_name} → {handover.agency_id.display_name}"
            )

    @api.depends("line_ids.amount", "line_ids.interest", "line_ids.compensation")
    def _compute_amount(self):
        for handover in self:
            handover.principal = sum(handover.line_ids.mapped("amount"))
            handover.interest = sum(handover.line_ids.mapped("interest"))
            handover.compensation = sum(handover.line_ids.mapped("compensation"))
            handover.amount = handover.principal + handover.interest + handover.compensation

    @api.depends("line_ids.line_id.amount_residual")
    def _compute_open_amount(self):
        for handover in self:
            # Amounts of items of a case that the user sees.
            handover.open_amount = sum(handover.sudo().line_ids.line_id.mapped("amount_residual"))

    @api.depends("recovered", "cost", "fee_percent", "fee_fixed", "principal", "state")
    def _compute_net(self):
        for handover in self:
            is_due = handover.state in COUNTING
            fee = handover.fee_fixed + handover.recovered * handover.fee_percent / 100
            handover.fee = handover.currency_id.round(fee) if is_due else 0
            handover.net = handover.recovered - handover.fee - handover.cost
            handover.rate = (
                100 * handover.recovered / handover.principal if handover.principal else 0
            )

    # EXTENDS 'base'
    def _read_group_select(self, aggregate_spec, query):
        """The rate of several is that of their sums, not the mean of their rates."""
        if aggregate_spec != "rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        recovered, principal = (
            super(CollectionHandover, self)._read_group_select(f"{name}:sum", query)
            for name in ("recovered", "principal")
        )
        return SQL("100.0 * %s / NULLIF(%s, 0)", recovered, principal)

    def _may_write(self, vals):
        """Once handed over, only what they answer is written, and how it ends; bills may come
        long after its end. Steps and costs check themselves."""
        following = {"note", "reference", "step_ids", "cost_ids"}
        if self._is_manager():
            following |= {"outcome", "end_reason"}
        states = set(self.mapped("state"))
        return (
            super()._may_write(vals)
            or (states == {HANDED_OVER} and set(vals) <= following)
            or (states <= set(COUNTING) and set(vals) <= {"cost_ids"})
        )

    # === STATES === #

    def _get_proof(self):
        return {
            "handover": self.id,
            "agency": self.agency_id.display_name,
            "kind": self.kind,
            "amount": self.currency_id.round(self.amount),
            "documents": self.line_ids.mapped("move_name"),
            "why": self.end_reason or "",
            "outcome": self.outcome or "",
        }

    def _is_manager(self):
        return self.env.user.has_group("account_collections.group_collection_manager")

    def action_submit(self):
        """Ask a credit manager to hand it over."""
        self.check_access("write")
        self._set_state("to_approve")
        for handover in self:
            person = handover.company_id.collection_manager_id
            person = person or handover.case_id._get_person_at_work()
            words = handover.with_context(lang=person.lang)
            handover.case_id.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=words.env._("Hand-over to approve: %s", words.agency_id.display_name),
                user_id=person.id,
            )
        return True

    def action_draft(self):
        self.check_access("write")
        self._set_state("draft")
        return True

    def action_hand_over(self):
        """Hand it over: amounts are those of today, reminders stop, the file is built.

        :raises AccessError: for anybody but a credit manager, above the limit of the company but
            an administrator
        :raises UserError: when nothing of it is open any more
        """
        self._check_manager()
        for handover in self:
            handover._check_limit()
            handover._check_transition(HANDED_OVER, TRANSITIONS[HANDED_OVER])
            handover._compute_today()
            today = handover.company_id._collection_today()
            handover._set_state(HANDED_OVER, date=today, approved_by_id=self.env.uid)
            handover.case_id.reminder_ids.filtered("is_waiting")._cancel(HANDED_OVER)
            # Insolvency stops reminders by itself, and stays what it is.
            if handover.is_whole and handover.case_id.state not in ("legal", "insolvency"):
                handover.case_id._set_state("legal")
            handover.action_build_file()
        self.case_id._decide_again()
        return True

    def _check_limit(self):
        limit = self.company_id.collection_handover_approval_amount
        is_admin = self.env.user.has_group("account_collections.group_collection_admin")
        if limit and self.principal > limit and not is_admin:
            raise AccessError(
                self.env._(
                    "Above %(limit)s an administrator of collections hands over.",
                    limit=formatLang(self.env, limit, currency_obj=self.currency_id),
                )
            )

    def action_cancel(self):
        self.check_access("write")
        self._set_state("cancelled")
        return True

    def action_close(self):
        """It is over; without a word on its outcome, the ledger says it.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        self.env["collection.handover.recovery"]._refresh(self.company_id)
        for handover in self:
            handover._end("closed", outcome=handover.outcome or handover._get_outcome())
        return True

    def _get_outcome(self):
        if not self.recovered:
            return "unrecoverable"
        return "recovered" if self.currency_id.is_zero(self.open_amount) else "partly"

    def action_withdraw(self):
        """Take it back: dunning goes on where it stood.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: without a reason
        """
        self._check_manager()
        for handover in self:
            if not handover.end_reason:
                raise UserError(self.env._("Write down why it is withdrawn."))
            handover._end("withdrawn")
        return True

    def _end(self, state, **values):
        today = self.company_id._collection_today()
        self._set_state(state, ended_on=today, **values)
        case = self.case_id
        others = case.handover_ids.filtered(lambda one: one.state == HANDED_OVER and one.is_whole)
        if self.is_whole and not others and case.state == "legal":
            case._set_state("current")
        case._decide_again()

    # === ACTIONS === #

    def action_propose_loss(self):
        """Propose what is left of it as a loss."""
        self.ensure_one()
        items = self.env["collection.item"].search([("line_id", "in", self.line_ids.line_id.ids)])
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_loss_open_action"
            ),
            "context": {
                "active_ids": items.ids,
                "default_kind": "loss",
                "default_reason": "uncollectable",
            },
        }
