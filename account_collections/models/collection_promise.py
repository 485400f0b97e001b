from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..engine import promises

#: One transition each: target state → states it may come from. Verdicts may change: a payment
#: turns up late in the books, or comes back, or what was promised is credited. What a plan that
#: broke had ended goes on when the plan does.
TRANSITIONS = {
    promises.OPEN: (promises.KEPT, "cancelled"),
    promises.KEPT: (promises.OPEN, promises.PARTLY_KEPT, promises.BROKEN, "cancelled"),
    promises.PARTLY_KEPT: (promises.OPEN, promises.KEPT, promises.BROKEN, "cancelled"),
    promises.BROKEN: (promises.OPEN, promises.KEPT, promises.PARTLY_KEPT, "cancelled"),
    "replaced": (promises.OPEN,),
    "cancelled": (promises.OPEN, promises.KEPT, promises.PARTLY_KEPT, promises.BROKEN),
}

#: States in which a promise counts for the customer's reliability.
JUDGED = (promises.KEPT, promises.PARTLY_KEPT, promises.BROKEN)

#: What a person may change on a promise: what was said stays as it was said.
EDITABLE = {"note", "user_id"}

CHANNELS = [
    ("call", "Call"),
    ("mail", "E-mail"),
    ("letter", "Letter"),
    ("meeting", "Meeting"),
    ("portal", "Portal"),
    ("plan", "Instalment plan"),
    ("other", "Other"),
]


class CollectionPromise(models.Model):
    """What a customer undertook to pay by a day, and whether it was kept.

    A promise is not changed: a new one replaces it, or it is cancelled. While it is open its
    part of the items is not dunned, until and including ``check_date``.
    """

    _name = "collection.promise"
    _description = "Promise to Pay"
    _inherit = "collection.undertaking"
    _order = "date desc, id desc"
    _check_company_auto = True

    received = fields.Monetary(
        readonly=True, copy=False, help="What came in for it, by value date, until its check."
    )
    credited = fields.Monetary(
        string="No Longer Owed",
        readonly=True,
        copy=False,
        help="Part of it that was credited, or written off in time: it is not expected any more.",
    )
    before = fields.Monetary(
        string="Promised before",
        readonly=True,
        help="What earlier instalments of the same plan promised: money goes to them first.",
    )
    tolerance = fields.Float(
        string="Tolerance (%)", readonly=True, help="Of the amount, that may be lacking."
    )
    date_made = fields.Date(string="Given on", required=True, readonly=True)
    date = fields.Date(string="Promised for", required=True, readonly=True, index=True)
    check_date = fields.Date(
        string="Checked on",
        required=True,
        readonly=True,
        index=True,
        help="Last day on which money counts: the promised day and the company's tolerance.",
    )
    state = fields.Selection(
        [
            (promises.OPEN, "Open"),
            (promises.KEPT, "Kept"),
            (promises.PARTLY_KEPT, "Partly kept"),
            (promises.BROKEN, "Broken"),
            ("replaced", "Replaced"),
            ("cancelled", "Cancelled"),
        ],
        default=promises.OPEN,
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    ended_on = fields.Date(
        string="Judged on", readonly=True, copy=False, help="Day on which its state changed last."
    )
    end_reason = fields.Selection(
        [
            (promises.CREDITED, "It was credited: it is not owed any more"),
            ("no_document", "Its documents were cancelled"),
            ("plan_broken", "Its plan was broken"),
            ("plan_cancelled", "Its plan was cancelled"),
            ("by_hand", "Somebody cancelled it"),
        ],
        string="Why",
        readonly=True,
        copy=False,
    )

    contact_id = fields.Many2one("res.partner", string="Promised by", readonly=True)
    channel = fields.Selection(CHANNELS, string="How", required=True, readonly=True)
    sentence = fields.Text(string="What Was Said", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Proof", readonly=True, copy=False)
    note = fields.Char()
    user_id = fields.Many2one(
        help="Is told on the day of the check, and when the promise is broken."
    )
    item_ids = fields.One2many("collection.promise.item", "promise_id", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )

    plan_id = fields.Many2one(
        "collection.plan", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    previous_id = fields.Many2one(
        "collection.promise", string="Replaces", readonly=True, index="btree_not_null"
    )
    renewals = fields.Integer(readonly=True, help="How often it was put off before.")
    exception_reason = fields.Char(
        string="Why beyond the Limits", readonly=True, help="A credit manager allowed it."
    )
    allowed_by_id = fields.Many2one("res.users", string="Allowed by", readonly=True)
    resume_rank = fields.Integer(
        readonly=True,
        copy=False,
        help="Rank of the level at which its items go on, now that it is broken; 0: as they were.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A promise is of an amount above zero."
    )
    _open_checks = models.Index("(company_id, check_date) WHERE state = 'open'")

    @api.depends("amount", "date", "currency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(amount)s by %(date)s",
                amount=formatLang(self.env, promise.amount, currency_obj=promise.currency_id),
                date=format_date(self.env, promise.date),
            )

    # === STATES === #

    def _set_state(self, state, today, **values):
        """Move promises to ``state``; their cases' figures follow.

        :raises UserError: when one of them cannot go there from where it stands
        """
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        ours = self.sudo()
        ours.write({"state": state, "ended_on": today, **values})
        # Whatever there was to do about it followed from the state before.
        ours.activity_id.unlink()
        if state in (*JUDGED, promises.OPEN) or values.get("end_reason") == promises.CREDITED:
            ours._record_verdicts()
        self.case_id._refresh_promises()

    def _record_verdicts(self):
        for promise in self:
            self.env["collection.evidence"]._record(
                promise.case_id,
                "promise_judged",
                {
                    "promise": promise.id,
                    "state": promise.state,
                    "received": promise.currency_id.round(promise.received),
                    "credited": promise.currency_id.round(promise.credited),
                },
            )

    def write(self, vals):
        """People change whom it belongs to and their note; all else is a transition.

        :raises UserError: when something else is written
        """
        if not self.env.su and set(vals) - EDITABLE:
            raise UserError(self.env._("A promise is not changed: replace or cancel it."))
        return super().write(vals)

    # === ACTIONS === #

    def action_cancel(self):
        """The promise was none, or its ground is gone: dunning goes on as it was."""
        self.check_access("write")
        if any(promise.plan_id.state == "active" for promise in self):
            raise UserError(
                self.env._("It is an instalment of a plan: renegotiate or cancel the plan.")
            )
        if judged := self.filtered(lambda promise: promise.state != promises.OPEN)[:1]:
            raise UserError(
                self.env._(
                    "The promise “%(promise)s” is not open any more.", promise=judged.display_name
                )
            )
        for company, ours in self.grouped("company_id").items():
            ours._set_state("cancelled", company._collection_today(), end_reason="by_hand")
        self.case_id._decide_again()
        return True

    def action_renew(self):
        """Open the form of a new promise that replaces this one."""
        self.ensure_one()
        lines = self.item_ids.line_id.ids
        return self.case_id._open_pause(
            default_kind="promise",
            default_renew=True,
            default_item_ids=[fields.Command.set(lines)],
            default_amount=self.amount - self.received - self.credited,
        )

    # === OWNER === #

    def _get_follower(self):
        """Return who is told: its owner, unless they left, else whoever acts on the case."""
        self.ensure_one()
        case = self.case_id
        users = (
            self.user_id,
            case.user_id,
            case.portfolio_id.user_id,
            self.company_id.collection_user_id,
        )
        return next((user for user in users if user.active and not user.share), self.env.user)
