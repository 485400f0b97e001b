from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..engine.limits import PRE_NOTICE, REQUESTED

DRAFT, TO_APPROVE, APPROVED, SENT, ANSWERED, DECLINED, CANCELLED = (
    "draft", "to_approve", "approved", "sent", "answered", "declined", "cancelled",
)  # fmt: skip

#: From where a request comes to each state.
TRANSITIONS = {
    TO_APPROVE: (DRAFT,),
    APPROVED: (DRAFT, TO_APPROVE),
    DECLINED: (TO_APPROVE, APPROVED),
    DRAFT: (TO_APPROVE, DECLINED),
    SENT: (APPROVED,),
    ANSWERED: (SENT,),
    CANCELLED: (DRAFT, TO_APPROVE, APPROVED, SENT),
}

#: Set by transitions only, or by what else is written.
PROTECTED = {
    "state", "approved_by_id", "sent_on", "decision_id", "requested_id", "company_id",
    "buyer_id", "user_id",
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
        help="Declined by our own manager; what the insurer decides is the answer.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    sent_on = fields.Date(readonly=True, copy=False)
    requested_id = fields.Many2one(
        "collection.insurance.decision", string="Entry of the Request", readonly=True, copy=False
    )
    decision_id = fields.Many2one(
        "collection.insurance.decision", string="Answer", readonly=True, copy=False
    )

    can_send = fields.Boolean(compute="_compute_can_send", compute_sudo=True)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A limit is above zero.")
    _days_not_negative = models.Constraint(
        "CHECK (credit_days >= 0)", "Time to pay is not negative."
    )
    _one_running = models.UniqueIndex(
        "(policy_id, partner_id) WHERE state IN ('draft', 'to_approve', 'approved', 'sent')",
        "A limit for this customer is being asked for already.",
    )

    @api.depends("partner_id", "policy_id")
    def _compute_buyer_id(self):
        for request in self:
            request.buyer_id = request._find_buyer()

    def _find_buyer(self):
        return self.env["collection.insurance.buyer"].search(
            [("policy_id", "=", self.policy_id.id), ("partner_ids", "in", self.partner_id.ids)],
            limit=1,
        )

    @api.depends("partner_id.name", "amount", "currency_id")
    def _compute_display_name(self):
        for request in self:
            amount = request.currency_id.format(request.amount) if request.currency_id else ""
            request.display_name = f"{request.partner_id.name or ''}: {amount}"

    @api.depends("policy_id.provider_ids")
    def _compute_can_send(self):
        for request in self:
            request.can_send = bool(request.policy_id._get_provider())

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
        context = dict(self.env.context)
        for name in PROTECTED:
            context.pop(f"default_{name}", None)
        # Keys are taken away, not added.
        bare = self.with_context(context)  # pylint: disable=context-overridden
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
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approve: %(request)s", request=request.display_name),
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

    def action_send(self):
        """Send the requests through the providers of their policies.

        :return: when one of them could not be sent after others were, an action that says why
        :raises UserError: when a policy has no provider: its requests are exported then; when the
            first one cannot be sent
        """
        self._check_manager()
        self.check_access("write")
        # Of two who send at once the second is refused, before the insurer hears of it twice.
        self.lock_for_update(allow_referencing=True)
        self._check_transition(SENT, TRANSITIONS[SENT])
        for policy in self.policy_id:
            if not policy._get_provider():
                raise UserError(
                    self.env._(
                        "Nothing connects %(policy)s to its insurer: export the requests instead.",
                        policy=policy.display_name,
                    )
                )
        for request in self:
            try:
                reference = request.policy_id._get_provider()._send_request(request)
            except UserError as error:
                # The insurer has those before it: they stay sent, whatever becomes of the others.
                if request == self[:1]:
                    raise
                return {
                    "type": "ir.actions.client",
                    "tag": "display_notification",
                    "params": {"type": "warning", "sticky": True, "message": str(error)},
                }
            request._set_sent(reference)
        return True

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
        buyers = self.env["collection.insurance.buyer"]
        for request in self:
            today = request.company_id._collection_today()
            buyer = request._find_buyer() or buyers.create(request._prepare_buyer_vals())
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
            request._set_state(SENT, sent_on=today, requested_id=entry.id, buyer_id=buyer.id)

    def _prepare_buyer_vals(self):
        partner = self.partner_id
        return {
            "policy_id": self.policy_id.id,
            "partner_ids": [(6, 0, partner.ids)],
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
            [("buyer_id", "in", answers.buyer_id.ids), ("state", "=", SENT)]
        )
        for request in waiting:
            own = answers.filtered(
                lambda one, request=request: one.buyer_id == request.buyer_id
                and one.date_announced >= request.sent_on
            ).sorted(lambda one: (one.date_announced, one.id))
            if own:
                request._set_state(ANSWERED, decision_id=own[0].id)
                request._tell_requester(
                    self.env._("The insurer answered: %(decision)s.", decision=own[0].display_name)
                )

    @api.model
    def _merge(self, partners):
        """Cancel all but the first running request of customers that become one."""
        running = self.search(
            [("partner_id", "in", partners.ids), ("state", "in", TRANSITIONS[CANCELLED])],
            order="id",
        )
        for requests in running.grouped("policy_id").values():
            requests[1:].action_cancel()
        self.env.flush_all()
