from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..engine import promises

#: One transition each: target state → states it may come from. Verdicts on instalments may
#: change, and the plan with them.
TRANSITIONS = {
    "draft": ("proposed",),
    "proposed": ("draft",),
    promises.ACTIVE: ("proposed", promises.BROKEN, promises.COMPLETED),
    promises.COMPLETED: (promises.ACTIVE, promises.BROKEN),
    promises.BROKEN: (promises.ACTIVE, promises.COMPLETED),
    "cancelled": ("draft", "proposed", promises.ACTIVE),
    "replaced": ("proposed", promises.ACTIVE, promises.BROKEN),
}

#: What people write, and in which states.
EDITABLE = {
    "draft": {
        "line_ids",
        "contact_id",
        "user_id",
        "note",
        "level_id",
        "tolerated",
        "valid_until",
        "exception_reason",
        "signed_attachment_ids",
    },
    "proposed": {"user_id", "note", "valid_until", "signed_attachment_ids"},
}

#: Kind of the reminder that carries the agreement of a plan.
AGREEMENT = "agreement"

#: Why a promise was cancelled with its plan; it goes on when the plan does.
PLAN_BROKEN = "plan_broken"


class CollectionPlan(models.Model):
    """An instalment plan: a debt, its dates and amounts, and an agreement that acknowledges it.

    Once it is accepted, each instalment is a promise of its own: dunning follows their dates.
    """

    _name = "collection.plan"
    _description = "Instalment Plan"
    _inherit = "collection.undertaking"
    _order = "id desc"
    _check_company_auto = True

    amount = fields.Monetary(help="Open on its items when made.")
    planned = fields.Monetary(
        compute="_compute_planned", help="What the instalments add up to: it has to be the amount."
    )
    received = fields.Monetary(compute="_compute_received")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            (promises.ACTIVE, "Active"),
            (promises.COMPLETED, "Completed"),
            (promises.BROKEN, "Broken Off"),
            ("cancelled", "Called Off"),
            ("replaced", "Renegotiated"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    item_ids = fields.One2many("collection.plan.item", "plan_id", readonly=True)
    line_ids = fields.One2many("collection.plan.line", "plan_id")
    promise_ids = fields.One2many("collection.promise", "plan_id", readonly=True)
    line_count = fields.Integer(string="Instalments", compute="_compute_planned")
    date_end = fields.Date(string="Last Instalment", compute="_compute_date_end", store=True)

    contact_id = fields.Many2one("res.partner", string="Proposed to", required=True)
    lang = fields.Char(compute="_compute_lang")
    note = fields.Text()
    valid_until = fields.Date(help="Until then the debt of a proposed plan is not dunned.")
    proposed_on = fields.Date(readonly=True, copy=False)
    accepted_on = fields.Date(readonly=True, copy=False)
    accepted_by_id = fields.Many2one(
        "res.partner",
        string="Accepted by",
        readonly=True,
        copy=False,
        help="Who accepted it on line.",
    )
    ended_on = fields.Date(readonly=True, copy=False)
    tolerated = fields.Integer(
        string="May Be Missed", help="Instalments; the plan breaks when one more is missed."
    )
    level_id = fields.Many2one(
        "collection.level",
        string="Then Go On at",
        ondelete="set null",
        domain="[('trigger', '=', 'overdue')]",
        help="Level at which dunning goes on when the plan breaks; empty: as after a broken "
        "promise.",
    )
    approval = fields.Selection(
        [("none", "Not needed"), ("needed", "Needed"), ("asked", "Requested"), ("given", "Given")],
        compute="_compute_approval",
        search="_search_approval",
    )
    approval_asked = fields.Boolean(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True, copy=False)
    bound_sentence = fields.Char(
        compute="_compute_bound_sentence", help="Which day its last instalment would cross."
    )
    exception_reason = fields.Char(
        string="Why beyond the Limits", copy=False, help="A credit manager allowed it."
    )
    agreement_id = fields.Many2one("ir.attachment", readonly=True, copy=False)
    signed_attachment_ids = fields.Many2many("ir.attachment", string="Signed Agreement", copy=False)
    previous_id = fields.Many2one(
        "collection.plan", string="Renegotiates", readonly=True, index="btree_not_null"
    )
    next_ids = fields.One2many("collection.plan", "previous_id", string="Renegotiations")
    next_id = fields.Many2one(
        "collection.plan", string="Renegotiated by", compute="_compute_next_id"
    )

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A plan is of an amount above zero.")
    _tolerated_positive = models.Constraint(
        "CHECK (tolerated >= 0)", "The instalments that may be missed cannot be negative."
    )

    # === COMPUTES === #

    @api.depends("amount", "partner_id", "line_ids")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(customer)s: %(amount)s in %(count)s instalments",
                customer=plan.partner_id.display_name,
                amount=formatLang(self.env, plan.amount, currency_obj=plan.currency_id),
                count=len(plan.line_ids),
            )

    @api.depends("line_ids.amount")
    def _compute_planned(self):
        for plan in self:
            plan.planned = sum(plan.line_ids.mapped("amount"))
            plan.line_count = len(plan.line_ids)

    @api.depends("line_ids.date")
    def _compute_date_end(self):
        for plan in self:
            plan.date_end = max(filter(None, plan.line_ids.mapped("date")), default=False)

    @api.depends("next_ids.state")
    def _compute_next_id(self):
        for plan in self:
            plan.next_id = plan.next_ids.filtered(lambda one: one.state != "cancelled")[:1]

    @api.depends("promise_ids.received")
    def _compute_received(self):
        for plan in self:
            plan.received = sum(plan.promise_ids.mapped("received"))

    @api.depends("contact_id.lang", "partner_id.lang", "company_id.partner_id.lang")
    def _compute_lang(self):
        for plan in self:
            plan.lang = (
                plan.contact_id.lang or plan.partner_id.lang or plan.company_id.partner_id.lang
            )

    @api.depends("line_ids.date", "state")
    def _compute_bound_sentence(self):
        """Once it is proposed, a plan binds us as it is."""
        for plan in self:
            bound = plan.state == "draft" and plan._get_plan_bound()
            plan.bound_sentence = bound and bound.sentence

    @api.depends("amount_company", "approval_asked", "approved_by_id", "bound_sentence")
    def _compute_approval(self):
        for plan in self:
            least = plan.company_id.collection_plan_approval_amount
            if plan.approved_by_id:
                plan.approval = "given"
            elif plan.approval_asked:
                plan.approval = "asked"
            elif plan.bound_sentence or least and plan.amount_company >= least:
                plan.approval = "needed"
            else:
                plan.approval = "none"

    @api.model
    def _search_approval(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The amounts are settings, which those who see plans may not be able to read.
        companies = (
            self.env["res.company"].sudo().search([("collection_plan_approval_amount", ">", 0)])
        )
        large = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("amount_company", ">=", company.collection_plan_approval_amount)
            for company in companies
        )
        waiting, asked = Domain("approved_by_id", "=", False), Domain("approval_asked", "=", True)
        # Which drafts cross a day that binds us is known plan by plan only, until it is asked.
        domains = {
            "none": waiting & ~large & ~asked,
            "needed": waiting & large & ~asked,
            "asked": waiting & asked,
            "given": ~waiting,
        }
        return Domain.OR(domain for approval, domain in domains.items() if approval in value)

    # === STATES === #

    def _set_state(self, state, **values):
        """Move plans to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})

    def write(self, vals):
        """People arrange a draft; what was proposed, and whatever follows, is as it was.

        :raises UserError: when something else is written
        """
        if self.env.su:
            return super().write(vals)
        for plan in self:
            if set(vals) - EDITABLE.get(plan.state, {"note", "user_id"}):
                raise UserError(
                    self.env._("Only the draft of a plan can be changed: renegotiate it instead.")
                )
        result = super().write(vals)
        if "line_ids" in vals:
            # What was approved is no longer what is planned.
            self.sudo().write({"approved_by_id": False, "approval_asked": False})
        return result

    # === APPROVAL === #

    def action_ask_approval(self):
        """Show the plan to the credit managers, in My Day."""
        self.check_access("write")
        self._check_lines()
        self.sudo().approval_asked = True
        return True

    def action_approve(self):
        """Let the plan be proposed.

        :raises AccessError: for anybody but a credit manager
        """
        self.check_access("write")
        if not self._is_manager():
            raise AccessError(self.env._("A credit manager approves this plan."))
        self._check_lines()
        for plan in self:
            plan._is_bound_exceeded(plan._get_plan_bound(), plan.exception_reason)
        self.sudo().approved_by_id = self.env.user
        return True

    def _is_manager(self):
        return self.env.su or self.env.user.has_group(
            "account_collections.group_collection_manager"
        )

    # === CHECKS === #

    def _check_lines(self):
        """Refuse instalments that are no plan.

        :raises UserError: with what is wrong
        """
        for plan in self:
            today = plan.company_id._collection_today()
            if not plan.line_ids:
                raise UserError(self.env._("The plan has no instalment yet."))
            for line in plan.line_ids:
                if line.date < today:
                    raise UserError(
                        self.env._(
                            "The instalment of %(date)s is in the past.",
                            date=format_date(self.env, line.date),
                        )
                    )
            if plan.currency_id.compare_amounts(plan.planned, plan.amount):
                raise UserError(
                    self.env._(
                        "The instalments add up to %(planned)s; the debt is %(amount)s.",
                        planned=formatLang(self.env, plan.planned, currency_obj=plan.currency_id),
                        amount=formatLang(self.env, plan.amount, currency_obj=plan.currency_id),
                    )
                )

    def _get_plan_bound(self):
        """Return what the last instalment would cross, see :meth:`_get_bound`."""
        self.ensure_one()
        return self.date_end and self._get_bound(self.item_ids.line_id, self.date_end)

    def _get_open_items(self):
        """Return what is still open of the plan's debt, oldest first."""
        lines = self.item_ids.line_id
        found = self.env["collection.promise"]._read_items_anew().search([("id", "in", lines.ids)])
        return found.sorted(lambda item: (item.date_due, item.id))
