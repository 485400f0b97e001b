from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..engine import losses

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    "approved": ("draft",),
    "booked": ("approved",),
    "reversed": ("booked",),
    "cancelled": ("draft", "approved"),
}

KINDS = [
    (losses.SMALL, "Small difference"),
    (losses.DOUBTFUL, "Doubtful"),
    (losses.LOSS, "Loss"),
]

REASONS = [
    ("difference", "Difference of payment"),
    ("old", "Overdue for long"),
    ("insolvency", "Insolvency"),
    ("uncollectable", "Cannot be collected"),
    ("cost", "Not worth the cost"),
    ("prescribed", "Prescribed"),
    ("goodwill", "Goodwill"),
]


class CollectionLoss(models.Model):
    """What is given up of a customer's debts, or doubted: proposed, approved, booked.

    It becomes ordinary entries: a small difference is written off; a doubtful debt moves to its own
    account and is depreciated; a loss is written off with its tax. Each can be reversed.
    """

    _name = "collection.loss"
    _description = "Loss or Doubtful Debt"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Customer", store=True, index=True
    )
    user_id = fields.Many2one(related="case_id.user_id", string="Owner")
    salesperson_id = fields.Many2one("res.users", readonly=True, help="Of that day.")
    scenario_id = fields.Many2one(
        "collection.scenario", string="Segment", readonly=True, ondelete="set null"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    reason = fields.Selection(REASONS, required=True, tracking=True)
    note = fields.Text(string="Remark")
    date = fields.Date(required=True, help="Of the entry.")
    state = fields.Selection(
        [
            ("draft", "To approve"),
            ("approved", "To book"),
            ("booked", "Booked"),
            ("reversed", "Reversed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        copy=False,
    )
    line_ids = fields.One2many("collection.loss.line", "loss_id", readonly=True)
    amount = fields.Monetary(compute="_compute_amount", store=True)
    tax = fields.Monetary(
        string="Tax Taken Back", compute="_compute_amount", store=True,
        help="Of a loss: what of it is tax.",
    )  # fmt: skip
    net = fields.Monetary(string="Without Tax", compute="_compute_amount", store=True)
    percent = fields.Float(
        string="Depreciation (%)", help="Of a doubtful debt, without tax; 0 books none."
    )
    recovered = fields.Monetary(readonly=True, help="What came in after all.")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True, copy=False)
    move_ids = fields.Many2many("account.move", string="Entries", readonly=True, copy=False)

    _percent_range = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100)", "A depreciation lies between 0 and 100 %."
    )

    @api.depends("partner_id", "amount", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for loss in self:
            amount = formatLang(self.env, loss.amount, currency_obj=loss.currency_id)
            loss.display_name = f"{labels.get(loss.kind)}: {loss.partner_id.name}, {amount}"

    @api.depends("line_ids.amount", "line_ids.tax")
    def _compute_amount(self):
        for loss in self:
            loss.amount = sum(loss.line_ids.mapped("amount"))
            loss.tax = sum(loss.line_ids.mapped("tax"))
            loss.net = loss.amount - loss.tax

    # === MAKE === #

    @api.model
    def _make(self, items, kind, reason, **values):
        """Return new proposals over open items, one for each case.

        :param items: ``collection.item``
        :raises UserError: one of them is proposed already, in dispute, or nothing is owed on it
        """
        self._check_items(items, kind)
        lines = self.env["collection.loss.line"]
        return self.sudo().create(
            [
                {
                    "case_id": case.id,
                    "salesperson_id": case.salesperson_id.id,
                    "scenario_id": case.scenario_id.id,
                    "kind": kind,
                    "reason": reason,
                    "date": case.company_id._collection_today(),
                    "percent": case.company_id.collection_doubtful_percent
                    if kind == losses.DOUBTFUL
                    else 0,
                    "line_ids": [Command.create(vals) for vals in lines._prepare_vals(some, kind)],
                    **values,
                }
                for case, some in items.grouped("case_id").items()
            ]
        ).with_env(self.env)

    @api.model
    def _check_items(self, items, kind):
        standing = self.env["collection.loss.line"].sudo()._find_standing(items.line_id)
        for item in items:
            if item.line_id in standing:
                raise UserError(
                    self.env._("%(item)s: it is proposed already.", item=item.move_name)
                )
            if kind != losses.SMALL and item.amount <= 0:
                raise UserError(
                    self.env._("%(item)s: nothing is owed on it.", item=item.move_name)
                )
            if item.role != "all":
                raise UserError(
                    self.env._(
                        "%(item)s is shared with a payer: it cannot be given up in part.",
                        item=item.move_name,
                    )
                )
            if item.is_disputed:
                raise UserError(
                    self.env._("%(item)s is in dispute: solve it first.", item=item.move_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: when it is not made from open items"""
        if not self.env.su:
            raise UserError(self.env._("Losses are proposed on open items."))
        return super().create(vals_list)

    def write(self, vals):
        """:raises UserError: when a proposal is changed after it was approved"""
        allowed = {"date", "note", "reason", "percent"}
        if not self.env.su and (set(vals) - allowed or set(self.mapped("state")) - {"draft"}):
            raise UserError(self.env._("What was approved is not changed: cancel it."))
        return super().write(vals)

    # === STATES === #

    def _set_state(self, state, **values):
        """Move losses to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        # Of two who decide at once the second is refused, or sees what the first decided.
        self.lock_for_update()
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})
        for loss in self:
            facts = {"amount": loss.amount, "kind": loss.kind, "ground": loss.reason}
            self.env["collection.evidence"]._record(loss.case_id, f"loss_{state}", facts)

    def action_approve(self):
        """Let it be booked.

        :raises AccessError: for anybody but a credit manager, above the limit of the company but
            an administrator
        """
        self._check_manager()
        is_admin = self.env.user.has_group("account_collections.group_collection_admin")
        for loss in self:
            limit = loss.company_id.collection_loss_approval_amount
            if limit and abs(loss.amount) > limit and not is_admin:
                raise AccessError(
                    self.env._(
                        "Above %(limit)s an administrator of collections approves.",
                        limit=loss.currency_id.format(limit),
                    )
                )
        self._set_state("approved", approved_by_id=self.env.uid)
        return True

    def action_cancel(self):
        self._check_manager()
        self._set_state("cancelled")
        return True

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager decides on losses."))

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def action_open_moves(self):
        return self.env["collection.dispute"]._show_moves(self.move_ids)

    def _open(self):
        """Return the action that shows these."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_loss_action"
        )
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}
