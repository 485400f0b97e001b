from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..engine import losses
from ..wording import with_colon

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
    _inherit = "collection.bookable"
    _check_company_auto = True

    _transitions = TRANSITIONS
    _editable = frozenset({"date", "note", "reason", "percent"})
    _event_prefix = "loss"
    _action_xmlid = "account_collections.collection_loss_action"

    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Customer", store=True, index=True
    )
    salesperson_id = fields.Many2one("res.users", readonly=True, help="Of that day.")
    scenario_id = fields.Many2one(
        "collection.scenario", string="Segment", readonly=True, ondelete="set null"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    reason = fields.Selection(REASONS, required=True, tracking=True)
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
            loss.display_name = with_colon(
                self.env, labels.get(loss.kind), f"{loss.partner_id.name}, {amount}"
            )

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

    # === STATES === #

    def _get_proof(self):
        return {"amount": self.amount, "kind": self.kind, "ground": self.reason}

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

    def action_open_moves(self):
        return self.env["collection.dispute"]._show_moves(self.move_ids)
