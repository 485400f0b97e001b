from odoo import Command, api, fields, models
from odoo.addons.account_collections.models.collection_defaults import without_defaults
from odoo.addons.account_collections.wording import with_colon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..engine.limits import PRE_NOTICE, REQUESTED

DRAFT, TO_APPROVE, APPROVED, SENDING, UNCONFIRMED, SENT, ANSWERED, DECLINED, CANCELLED = (
    "draft", "to_approve", "approved", "sending", "unconfirmed", "sent", "answered", "declined",
    "cancelled",
)  # fmt: skip

#: Of these a customer has one in a policy.
RUNNING = (DRAFT, TO_APPROVE, APPROVED, SENDING, UNCONFIRMED, SENT)

#: From where a request comes to each state.
TRANSITIONS = {
    TO_APPROVE: (DRAFT,),
    APPROVED: (DRAFT, TO_APPROVE, SENDING),  # the insurer's service certainly has not got it
    DECLINED: (TO_APPROVE, APPROVED),
    DRAFT: (TO_APPROVE, DECLINED),
    SENDING: (APPROVED, UNCONFIRMED),
    UNCONFIRMED: (SENDING,),
    SENT: (APPROVED, SENDING, UNCONFIRMED),
    ANSWERED: (UNCONFIRMED, SENT),
    CANCELLED: (DRAFT, TO_APPROVE, APPROVED, UNCONFIRMED, SENT),
}

#: Set by transitions only, or by what else is written.
PROTECTED = {
    "state", "approved_by_id", "sent_on", "decision_id", "requested_id", "company_id",
    "buyer_id", "user_id", "key", "claimed_at", "problem",
}  # fmt: skip

#: These say nothing of a request.
NO_ANSWERS = (REQUESTED, PRE_NOTICE, "annulled")


class CollectionInsuranceRequest(models.Model):
    """A limit, or a higher one, that the insurer is asked for: approved, sent, answered by the
    next decision on the buyer."""

    _name = "collection.insurance.request"
    _description = "Limit Request"
    _inherit = ["mail.thread", "mail.activity.mixin", "collection.stateful"]
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        domain="[('parent_id', '=', False)]",
        check_company=True,
    )
    policy_id = fields.Many2one(
        "collection.insurance.policy",
        required=True,
        check_company=True,
        default=lambda self: self.env["collection.insurance.policy"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    buyer_id = fields.Many2one(
        "collection.insurance.buyer", compute="_compute_buyer_id", store=True, index=True
    )
    amount = fields.Monetary(
        string="Requested", required=True, tracking=True, help="The whole limit, not what is added."
    )
    limit_amount = fields.Monetary(related="buyer_id.limit_amount", string="Limit Today")
    credit_days = fields.Integer(
        string="Time to Pay (Days)", help="What the customer is granted; 0: as usual."
    )
    date_until = fields.Date(string="Needed until", help="Empty: for good.")
    reason = fields.Text(help="What the insurer should know: orders, figures, experience.")
    document_ids = fields.Many2many(
        "ir.attachment", string="Documents", help="Accounts, orders, references."
    )
    user_id = fields.Many2one(
        "res.users", string="Asked for by", default=lambda self: self.env.user, readonly=True,
        copy=False,
    )  # fmt: skip
    state = fields.Selection(
        [
            (DRAFT, "Draft"),
            (TO_APPROVE, "To approve"),
            (APPROVED, "Approved"),
            (SENDING, "Being sent"),
            (UNCONFIRMED, "Unconfirmed"),
            (SENT, "Sent"),
            (ANSWERED, "Answered"),
            (DECLINED, "Declined"),
            (CANCELLED, "Cancelled"),
        ],
        default=DRAFT,
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
        help="Declined by our own manager; what the insurer decides is the answer. Unconfirmed: "
        "nobody knows whether the insurer has it.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    sent_on = fields.Date(readonly=True, copy=False)
    requested_id = fields.Many2one(
        "collection.insurance.decision", string="Entry of the Request", readonly=True, copy=False
    )
    decision_id = fields.Many2one(
        "collection.insurance.decision", string="Answer", readonly=True, copy=False
    )

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A limit is above zero.")
    _days_not_negative = models.Constraint(
        "CHECK (credit_days >= 0)", "Time to pay is not negative."
    )
    _one_running = models.UniqueIndex(
        "(policy_id, partner_id)"
        " WHERE state IN ('draft', 'to_approve', 'approved', 'sending', 'unconfirmed', 'sent')",
        "A limit for this customer is being asked for already.",
    )

    @api.depends("partner_id", "policy_id")
    def _compute_buyer_id(self):
        for request in self:
            request.buyer_id = request._find_buyer()

    def _find_buyer(self):
        """Return the buyer that the customer is, or that of its legal entity."""
        buyers = self.env["collection.insurance.buyer"]
        own = Domain("policy_id", "=", self.policy_id.id)
        found = buyers.search(own & Domain("partner_ids", "in", self.partner_id.ids), limit=1)
        key = buyers._get_registration_key(self.partner_id.company_registry)
        if found or not key:
            return found
        return buyers.search(own & Domain("registration_key", "=", key), limit=1)

    @api.depends("partner_id.name", "amount", "currency_id")
    def _compute_display_name(self):
        for request in self:
            amount = request.currency_id.format(request.amount) if request.currency_id else ""
            request.display_name = with_colon(self.env, request.partner_id.name or "", amount)

    @api.constrains("partner_id")
    def _check_partner(self):
        for request in self:
            if request.partner_id.parent_id:
                raise ValidationError(
                    self.env._("A limit is that of a legal entity: choose the company itself.")
                )

    # === WHO MAY WRITE WHAT === #

    @api.model_create_multi
    def create(self, vals_list):
        """:raises AccessError: when a state is given; as a default of the context it is ignored"""
        for vals in vals_list:
            self._check_protected(vals)
        # Of what ended in this transaction the database has to know: one at a time is running.
        self.flush_model(["state"])
        if self.env.su:
            return super().create(vals_list)
        bare = without_defaults(self, PROTECTED)
        return super(CollectionInsuranceRequest, bare).create(vals_list)

    def write(self, vals):
        """Refuse to change what was approved, or the state but by a transition."""
        self._check_protected(vals)
        content = {"partner_id", "policy_id", "amount", "credit_days", "date_until", "reason"}
        if not self.env.su and content & set(vals) and any(one.state != DRAFT for one in self):
            raise UserError(self.env._("Take the request back to a draft to change it."))
        return super().write(vals)

    def _check_protected(self, vals):
        if not self.env.su and PROTECTED & set(vals):
            raise AccessError(self.env._("The state of a request follows from its buttons."))

    def _set_state(self, state, **vals):
        """Move to ``state`` by one of the known ways."""
        self.check_access("write")
        self._check_transition(state, TRANSITIONS[state])
        # The state is nobody's to write but by this way.
        self.sudo().write({"state": state, **vals})

    # === ACTIONS === #

    def action_submit(self):
        """Ask the credit manager to approve."""
        self._set_state(TO_APPROVE)
        for request in self:
            # Who that is follows from everybody's companies.
            manager = request.company_id.sudo()._collection_credit_manager()
            words = request.with_context(lang=manager.lang)
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=words.env._("Approve: %(request)s", request=words.display_name),
                user_id=manager.id,
            )

    def action_approve(self):
        self._check_manager()
        self._set_state(APPROVED, approved_by_id=self.env.uid)
        self._end_activities()

    def action_decline(self):
        self._check_manager()
        self._set_state(DECLINED)
        self._end_activities()
        self._tell_requester(self.env._("The credit manager declined the request."))

    def action_rework(self):
        self._set_state(DRAFT, approved_by_id=False)
        self._end_activities()

    def action_cancel(self):
        self._set_state(CANCELLED)
        self._end_activities()

    def _check_manager(self):
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager approves and sends requests."))

    def _end_activities(self):
        self.activity_ids.unlink()

    def _tell_requester(self, sentence):
        for request in self:
            request.message_post(body=sentence, partner_ids=request.user_id.partner_id.ids)

    # === SENT, ANSWERED === #

    def _set_sent(self, reference=None):
        """Note that the insurer has the requests; they are a step in the history of the limit."""
        for request in self:
            today = request.company_id._collection_today()
            buyer = request._provide_buyer()
            entry = self.env["collection.insurance.decision"].create(
                {
                    "buyer_id": buyer.id,
                    "kind": REQUESTED,
                    "amount_requested": request.amount,
                    "date_announced": today,
                    "date_effective": today,
                    "reference": reference,
                }
            )
            request._set_state(
                SENT, sent_on=today, requested_id=entry.id, buyer_id=buyer.id, problem=False
            )

    def _provide_buyer(self):
        """Return the buyer, with the customer and whoever is one legal entity with it."""
        buyer = self._find_buyer()
        buyer = buyer or buyer.create(self._prepare_buyer_vals())
        if self.partner_id not in buyer.partner_ids:
            buyer.partner_ids = [Command.link(self.partner_id.id)]
        return buyer

    def _prepare_buyer_vals(self):
        partner = self.partner_id
        return {
            "policy_id": self.policy_id.id,
            "name": partner.name,
            "registration": partner.company_registry,
            "vat": partner.vat,
            "code": partner.ref,
        }

    @api.model
    def _answer(self, decisions):
        """Answer the requests that ``decisions`` are about; whoever asked is told."""
        answers = decisions.filtered(lambda one: one.kind not in NO_ANSWERS)
        # Whoever enters a decision answers the request of whoever asked.
        waiting = self.sudo().search(
            [("buyer_id", "in", answers.buyer_id.ids), ("state", "in", TRANSITIONS[ANSWERED])]
        )
        for request in waiting:
            own = answers.filtered(
                lambda one, request=request: (
                    one.buyer_id == request.buyer_id and one.date_announced >= request.sent_on
                )
            ).sorted(lambda one: (one.date_announced, one.id))
            if own:
                request._set_state(ANSWERED, decision_id=own[0].id)
                request._tell_requester(
                    self.env._("The insurer answered: %(decision)s.", decision=own[0].display_name)
                )

    @api.model
    def _merge(self, partners):
        """Cancel all but one running request of customers that become one.

        What is on its way to the insurer stays; else the first one does.

        :raises UserError: when two are on their way: they are two at the insurer's too
        """
        running = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("state", "in", (SENDING, *TRANSITIONS[CANCELLED])),
            ],
            order="id",
        )
        for requests in running.grouped("policy_id").values():
            leaving = requests.filtered(lambda request: request.state == SENDING)
            if len(leaving) > 1:
                raise UserError(
                    self.env._(
                        "Limits are being asked for on these customers at this moment: merge them "
                        "when the requests have left."
                    )
                )
            (requests - (leaving or requests[0])).action_cancel()
        self.env.flush_all()
