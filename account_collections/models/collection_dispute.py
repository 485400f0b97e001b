from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..engine import disputes
from .collection_dispute_line import LEDGER
from .collection_dispute_reason import PRIORITIES

#: Not decided yet: the disputed part is withheld.
OPEN = ("new", "investigating", "awaiting")

#: Decided for the customer: what is accepted is withheld until its credit note is posted.
ACCEPTED = ("accepted", "partly_accepted")

#: Decided.
RESOLVED = (*ACCEPTED, "rejected", "withdrawn")

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    "investigating": ("new", "awaiting", *ACCEPTED),
    "awaiting": ("new", "investigating"),
    "accepted": OPEN,
    "partly_accepted": OPEN,
    "rejected": OPEN,
    "withdrawn": OPEN,
    "closed": (*OPEN, *RESOLVED),
}

#: Its credit note is no longer posted: what was accepted is owed again.
OWED_AGAIN = ("closed",)

#: Written by routing, transitions and the daily job only.
PROTECTED = {
    "name",
    "company_id",
    "case_id",
    "partner_id",
    "state",
    "outcome",
    "date_opened",
    "resolved_on",
    "resolved_at",
    "closed_on",
    "days_to_resolve",
    "waiting_since",
    "days_stopped",
    "escalation",
    "resume_rank",
    "resolution",
    "line_ids",
    "amount",
    "accepted_amount",
}

#: What a new dispute cannot be given either.
FIGURES = PROTECTED - {"company_id", "case_id", "date_opened", "line_ids"}

#: The owner of a dispute works on it; who is to solve it, and until when, is not theirs to say.
MANAGED = {"reason_id", "deadline", "priority"}

#: Documents that a list names.
NAMED = 10

COLLECTOR = "account_collections.group_collection_user"


class CollectionDispute(models.Model):
    """What a customer contests: its amount, its reason, who solves it until when, and its end."""

    _name = "collection.dispute"
    _description = "Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.stateful"]
    _order = "priority desc, deadline, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    case_id = fields.Many2one(
        "collection.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        groups="account_collections.group_collection_readonly,"
        "account_collections.group_collection_user",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, ondelete="restrict"
    )
    partner_name = fields.Char(string="Customer Name", readonly=True)
    reason_id = fields.Many2one(
        "collection.dispute.reason",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    cause_id = fields.Many2one(
        "collection.dispute.cause",
        string="Root Cause",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        help="Where it really came from, once known: not always what the customer says.",
    )
    description = fields.Text(help="What the customer says.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(
        "collection.dispute.team",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="restrict",
    )
    priority = fields.Selection(PRIORITIES, default="1", required=True, tracking=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("investigating", "Investigating"),
            ("awaiting", "Awaiting Customer"),
            ("accepted", "Accepted"),
            ("partly_accepted", "Partly Accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn by the Customer"),
            ("closed", "Closed"),
        ],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
        index=True,
        group_expand=True,
    )
    outcome = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("partly_accepted", "Partly Accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn by the Customer"),
            ("settled", "Settled in the Ledger"),
        ],
        readonly=True,
        copy=False,
        help="How it was decided; settled: paid or credited before anybody decided.",
    )
    resolution = fields.Text(readonly=True, copy=False, tracking=True)
    is_open = fields.Boolean(compute="_compute_is_open", search="_search_is_open")

    date_opened = fields.Date(
        string="Opened on", required=True, default=fields.Date.context_today
    )
    deadline = fields.Date(tracking=True)
    is_late = fields.Boolean(compute="_compute_age", search="_search_is_late")
    age = fields.Integer(
        compute="_compute_age", help="Days, without those in which the customer was awaited."
    )
    waiting_since = fields.Date(readonly=True, copy=False)
    days_stopped = fields.Integer(
        readonly=True, copy=False, help="Days in which the customer was awaited, so far."
    )
    resolved_on = fields.Date(readonly=True, copy=False)
    resolved_at = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Date(readonly=True, copy=False)
    days_to_resolve = fields.Integer(readonly=True, copy=False, aggregator="avg")
    escalation = fields.Integer(
        readonly=True, copy=False, help="Steps of escalation taken since the deadline passed."
    )
    resume_rank = fields.Integer(
        readonly=True,
        copy=False,
        groups=LEDGER,
        help="Rank at which dunning goes on after it was decided; 0: where it stood.",
    )

    line_ids = fields.One2many("collection.dispute.line", "dispute_id", string="Amounts")
    document_ids = fields.One2many(
        "collection.dispute.document", "dispute_id", string="Documents"
    )
    amount = fields.Monetary(
        string="Disputed", compute="_compute_amounts", store=True, help="Company currency."
    )
    accepted_amount = fields.Monetary(
        string="Accepted", compute="_compute_amounts", store=True, help="Company currency."
    )
    move_names = fields.Char(
        string="Documents Disputed", compute="_compute_move_names", search="_search_move_names"
    )
    credit_missing = fields.Boolean(compute="_compute_credit_missing")

    _by_case = models.Index("(case_id) WHERE state <> 'closed'")

    # === COMPUTES === #

    @api.depends("name", "partner_name")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = f"{dispute.name} · {dispute.partner_name or ''}"

    @api.depends("state")
    def _compute_is_open(self):
        for dispute in self:
            dispute.is_open = dispute.state in OPEN

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "in" if True in value else "not in", OPEN)]

    @api.depends("line_ids.amount", "line_ids.accepted_amount")
    def _compute_amounts(self):
        for dispute in self:
            dispute.amount = sum(dispute.line_ids.mapped("amount"))
            dispute.accepted_amount = sum(dispute.line_ids.mapped("accepted_amount"))

    @api.depends("line_ids.move_name")
    def _compute_move_names(self):
        for dispute in self:
            names = [*dict.fromkeys(filter(None, dispute.line_ids.mapped("move_name")))]
            more = ["…"] if len(names) > NAMED else []
            dispute.move_names = ", ".join(names[:NAMED] + more)

    @api.model
    def _search_move_names(self, operator, value):
        return [("line_ids.move_name", operator, value)]

    @api.depends("state", "date_opened", "resolved_on", "waiting_since", "days_stopped", "deadline")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            dispute.age = disputes.age(dispute._get_span(), today)
            running = dispute.state in ("new", "investigating")
            dispute.is_late = bool(running and dispute.deadline and dispute.deadline < today)

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("new", "investigating")) & Domain(
            "deadline", "<", fields.Date.context_today(self)
        )
        return late if True in value else ~late

    @api.depends("state", "line_ids.accepted_currency", "line_ids.credit_move_id.state")
    def _compute_credit_missing(self):
        """Whether an accountant still has a credit note to draft."""
        for dispute in self:
            # The owner sees that a credit note is missing, not the credit note.
            lines = dispute.sudo().line_ids.filtered("accepted_currency")
            dispute.credit_missing = dispute.state in ACCEPTED and any(
                line.credit_move_id.state not in ("draft", "posted") for line in lines
            )

    def _get_span(self):
        """Return the engine's view of the life of the dispute."""
        self.ensure_one()
        return disputes.Span(
            opened=self.date_opened or fields.Date.context_today(self),
            resolved=self.resolved_on or None,
            amount=self.env["collection.ledger"]._to_decimal(self.amount),
            stopped=self.days_stopped,
            waiting_since=self.waiting_since or None,
        )

    # === STATES === #

    def _set_state(self, state, origins=None, **values):
        """Move disputes to ``state``; the clock stops and starts with it.

        :param tuple origins: states to come from, by default those of ``TRANSITIONS``
        :raises UserError: when one of them cannot go there from where it stands
        """
        self.check_access("write")
        self._check_transition(state, origins or TRANSITIONS[state])
        for dispute in self:
            # The state is a protected field: only this transition writes it.
            dispute.sudo().write({"state": state, **dispute._prepare_clock_vals(state), **values})

    def _prepare_clock_vals(self, state):
        """Return what the clock shows once the dispute is in ``state``."""
        today = self.company_id._collection_today()
        if state == "awaiting":
            return {"waiting_since": today}
        if not self.waiting_since:
            return {}
        calendar = self.company_id._collection_calendar(self.waiting_since)
        return {
            "waiting_since": False,
            "days_stopped": self.days_stopped + (today - self.waiting_since).days,
            "deadline": self.deadline
            and disputes.resumed_deadline(self.deadline, self.waiting_since, today, calendar),
        }

    def write(self, vals):
        """State, dates and figures come from transitions; the owner does not set the deadline.

        :raises UserError: when one of them is written by hand
        :raises AccessError: for a handler who changes what a collector decides
        """
        if not self.env.su:
            if PROTECTED & set(vals):
                raise UserError(self.env._("This is not changed by hand: use the buttons."))
            if MANAGED & set(vals) and not self.env.user.has_group(COLLECTOR):
                raise AccessError(
                    self.env._("A collector decides on reason, priority and deadline.")
                )
        before = {dispute: dispute.user_id for dispute in self} if "user_id" in vals else {}
        result = super().write(vals)
        for dispute, owner in before.items():
            # The open work goes along, whoever's it was.
            dispute.sudo().activity_ids.filtered(
                lambda one, owner=owner: one.user_id == owner
            ).user_id = dispute.user_id or self.env.user
        if "deadline" in vals:
            # Given more time, its next delay begins anew.
            today = fields.Date.context_today(self)
            self.sudo().filtered(
                lambda one: one.escalation and one.deadline and one.deadline >= today
            ).escalation = 0
        return result

    def _show(self):
        """Return what to show once it was opened: itself, unless My Day goes on."""
        if self.env.context.get("collection_stay"):
            return {"type": "ir.actions.act_window_close"}
        return self.get_formview_action()

    @api.constrains("user_id")
    def _check_owner(self):
        for dispute in self.filtered("user_id"):
            if not dispute.user_id._can_handle_disputes():
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot see disputes: give the role 'Dispute Handler' first.",
                        user=dispute.user_id.name,
                    )
                )
