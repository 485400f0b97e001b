from odoo import api, fields, models, tools

#: What becomes of deliveries that the policy does not insure.
DELIVERIES = [("warn", "Warn"), ("hold", "Hold")]


class CollectionInsurancePolicy(models.Model):
    """A company's contract with a credit insurer; what it says is in its dated terms."""

    _name = "collection.insurance.policy"
    _description = "Credit Insurance Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(string="Policy Number", required=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="What an earlier policy leaves of a debt, the next one may cover."
    )
    active = fields.Boolean(default=True)
    insurer_id = fields.Many2one(
        "collection.insurer", required=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Limits, deductible and maximum are in this currency.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries of Blind Cover",
        help="Where buyers without a limit of their own are within the discretionary limit. "
        "Empty: everywhere.",
    )
    warn_days = fields.Integer(
        string="Tell of Deadlines",
        default=15,
        help="Days before a deadline on which whoever works on the case gets a task; 0 gives none.",
    )
    on_stopped = fields.Selection(
        DELIVERIES,
        string="Deliveries Past the Extension Period",
        required=True,
        default="warn",
        help="What happens to deliveries while a debt is past its extension period: they are "
        "uninsured.",
    )
    on_withdrawn = fields.Selection(
        DELIVERIES,
        string="Deliveries without Cover",
        required=True,
        default="warn",
        help="What happens to deliveries once the limit was refused, withdrawn or has expired.",
    )
    imported_at = fields.Datetime(string="Last Import", readonly=True, copy=False)
    term_ids = fields.One2many("collection.insurance.term", "policy_id", string="Terms", copy=True)
    buyer_ids = fields.One2many("collection.insurance.buyer", "policy_id", string="Buyers")
    buyer_count = fields.Integer(string="Buyers Known", compute="_compute_buyer_count")
    unmatched_count = fields.Integer(string="Buyers to Match", compute="_compute_buyer_count")

    _warned_before = models.Constraint(
        "CHECK (warn_days >= 0)", "Whoever is told of a deadline is told before it."
    )
    _number_unique = models.Constraint(
        "UNIQUE (company_id, insurer_id, name)", "This policy is known already."
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        """The company's, until another one is chosen."""
        for policy in self:
            policy.currency_id = policy.currency_id or policy.company_id.currency_id

    @api.depends("buyer_ids.is_matched")
    def _compute_buyer_count(self):
        counts = {
            (policy, is_matched): count
            for policy, is_matched, count in self.env["collection.insurance.buyer"]._read_group(
                [("policy_id", "in", self.ids)], ["policy_id", "is_matched"], ["__count"]
            )
        }
        for policy in self:
            policy.unmatched_count = counts.get((policy, False), 0)
            policy.buyer_count = policy.unmatched_count + counts.get((policy, True), 0)

    @api.depends("name", "insurer_id.name")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = f"{policy.insurer_id.name or ''} {policy.name or ''}".strip()

    # === CACHE: every order and delivery on a screen asks === #

    @api.model
    @tools.ormcache("company_id")
    def _has_insurance(self, company_id):
        """Return whether a company has, or had, credit insurance at all."""
        policies = self.sudo().with_context(active_test=False)
        return bool(policies.search_count([("company_id", "=", company_id)], limit=1))

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env.registry.clear_cache()
        return policies

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        """Another currency, order or country of blind cover is another cover."""
        is_moved = not set(vals) <= {"imported_at"}
        if is_moved:
            self._mark()
        result = super().write(vals)
        if is_moved:
            self._mark()
        if "company_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _mark(self):
        """Have all covers of these policies' companies computed again."""
        # Figures follow from what was entered, whoever may enter it.
        self.env["collection.insurance.exposure"].sudo()._mark(self.company_id)

    def _get_terms(self):
        """Return the policy's terms as the engine reads them."""
        return tuple(term._get_facts() for term in self.term_ids)

    # === ACTIONS === #

    def action_open_buyers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_buyer_action"
        )
        context = {"default_policy_id": self.id}
        if self.env.context.get("unmatched"):
            context["search_default_unmatched"] = 1
        return {**action, "domain": [("policy_id", "=", self.id)], "context": context}
