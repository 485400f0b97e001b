from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_insurance_cover import STEPS
from ..models.collection_insurance_filing import CAUSES


class CollectionInsuranceDeclare(models.TransientModel):
    """The 'Insurer…' dialog: notify an overdue, hand it over, claim it."""

    _name = "collection.insurance.declare"
    _description = "Declare to the Credit Insurer"

    case_id = fields.Many2one(
        "collection.case",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    company_id = fields.Many2one(related="case_id.company_id")
    policy_id = fields.Many2one(
        "collection.insurance.policy",
        compute="_compute_policy_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    kind = fields.Selection(
        STEPS, string="Step", required=True, compute="_compute_kind", store=True, readonly=False
    )
    item_ids = fields.Many2many(
        "collection.item",
        "collection_insurance_declare_item_rel",
        string="Items",
        compute="_compute_item_ids",
        store=True,
        readonly=False,
        domain="[('case_id', '=', case_id), ('is_credit', '=', False)]",
    )
    date = fields.Date(
        string="Told on",
        required=True,
        compute="_compute_date",
        store=True,
        precompute=True,
        readonly=False,
    )
    cause = fields.Selection(CAUSES, string="Reason", required=True, default="unpaid")
    reference = fields.Char(string="Insurer's Reference")
    note = fields.Text()
    with_file = fields.Boolean(
        string="Build the File",
        default=True,
        help="Invoices, statement, reminders, proof and the data of the insurer's form.",
    )
    date_deadline = fields.Date(string="Deadline", compute="_compute_deadline")
    is_late = fields.Boolean(compute="_compute_deadline")

    @api.depends("case_id")
    def _compute_date(self):
        """Today, where the company is: what is declared is compared with its days."""
        for wizard in self:
            company = wizard.company_id or self.env.company
            wizard.date = wizard.date or company._collection_today()

    @api.depends("case_id")
    def _compute_policy_id(self):
        """The policy that covers most of what is open."""
        for wizard in self:
            covers = wizard._get_case_covers()
            by_policy = covers.grouped("policy_id")
            wizard.policy_id = max(
                by_policy,
                key=lambda policy: (sum(by_policy[policy].mapped("covered")), -policy.sequence),
                default=False,
            )

    @api.depends("case_id")
    def _compute_kind(self):
        """The step after the furthest one that was taken."""
        steps = [code for code, _label in STEPS]
        for wizard in self:
            taken = [steps.index(one) for one in wizard._get_case_covers().mapped("filed") if one]
            wizard.kind = steps[min(max(taken, default=-1) + 1, len(steps) - 1)]

    @api.depends("case_id", "policy_id", "kind")
    def _compute_item_ids(self):
        """What is overdue, and not declared so yet."""
        steps = [code for code, _label in STEPS]
        for wizard in self:
            later = steps[steps.index(wizard.kind) :] if wizard.kind else []
            declared = wizard._get_case_covers().filtered_domain([("filed", "in", later)])
            wizard.item_ids = self.env["collection.item"].search(
                [
                    ("case_id", "=", wizard.case_id.id),
                    ("is_overdue", "=", True),
                    ("line_id", "not in", declared.line_id.ids),
                ]
            )

    def _get_case_covers(self):
        """Return the covers of what is open in the case."""
        self.ensure_one()
        lines = self.case_id.item_ids.line_id
        return self.env["collection.insurance.cover"].search(
            [("line_id", "in", lines.ids), ("policy_id", "!=", False)]
        )

    @api.depends("item_ids", "kind", "date")
    def _compute_deadline(self):
        filings = self.env["collection.insurance.filing"]
        for wizard in self:
            items = wizard.item_ids._origin
            wizard.date_deadline = wizard.kind and filings._get_deadline(items, wizard.kind)
            wizard.is_late = bool(
                wizard.date_deadline and wizard.date and wizard.date > wizard.date_deadline
            )

    def action_declare(self):
        """Write the declaration down, and have its file built.

        :raises UserError: when it cannot be what was declared
        """
        self.ensure_one()
        if not self.policy_id:
            raise UserError(self.env._("No policy covers what this customer owes."))
        filing = self.env["collection.insurance.filing"]._make(
            self.case_id,
            self.policy_id,
            self.kind,
            self.item_ids,
            self.date,
            self.cause,
            reference=self.reference,
            note=self.note,
        )
        if self.with_file:
            filing.action_build_file()
        return {**filing.get_formview_action(), "target": "current"}
