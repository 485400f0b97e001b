from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..engine import facts
from ..engine.segment import CONDITIONS, Conditions
from .collection_ledger import id_array

#: Degrees of trust that a scenario may ask for.
TRUST = {
    "good": frozenset({"good"}),
    "not_bad": frozenset({"good", "normal"}),
    "normal": frozenset({"normal"}),
    "not_good": frozenset({"normal", "bad"}),
    "bad": frozenset({"bad"}),
}


class CollectionScenario(models.Model):
    """Who is reminded how: a segment of customers, a ladder of levels, thresholds.

    Scenarios are tried in sequence; the first whose segment takes the customer applies, the
    fallback comes last. Amounts are in the currency of the company that uses the scenario.
    """

    _name = "collection.scenario"
    _description = "Collection Scenario"
    _inherit = ["mail.thread"]
    _order = "is_fallback, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty to share the scenario between all companies."
    )
    description = fields.Text(translate=True)
    level_ids = fields.One2many("collection.level", "scenario_id", copy=True)
    level_count = fields.Integer(compute="_compute_level_count")

    is_fallback = fields.Boolean(
        string="Fallback",
        help="Applies to every customer that no other scenario takes. Its segment is ignored.",
    )
    partner_domain = fields.Char(
        string="Customers", default="[]", help="Customers that this scenario is for."
    )
    # A condition is asked when its amount is not zero: nobody asks for 'at least 0'.
    min_outstanding = fields.Float(
        string="Outstanding From", help="Company currency; 0 asks nothing."
    )
    max_outstanding = fields.Float(
        string="Outstanding Under", help="Company currency; 0 asks nothing."
    )
    min_overdue = fields.Float(string="Overdue From", help="Company currency; 0 asks nothing.")
    min_days_overdue = fields.Integer(
        string="Days Overdue From", help="Age of the oldest overdue item; 0 asks nothing."
    )

    max_overdue = fields.Float(
        string="Overdue Under", help="Company currency; 0 asks nothing."
    )
    max_days_overdue = fields.Integer(
        string="Days Overdue Under", help="Age of the oldest overdue item; 0 asks nothing."
    )
    min_items = fields.Integer(
        string="Overdue Items From", help="Number of overdue items; 0 asks nothing."
    )
    max_items = fields.Integer(
        string="Overdue Items Under", help="Number of overdue items; 0 asks nothing."
    )
    trust = fields.Selection(
        [
            ("good", "Good debtors"),
            ("not_bad", "Good and normal debtors"),
            ("normal", "Normal debtors"),
            ("not_good", "Normal and bad debtors"),
            ("bad", "Bad debtors"),
        ],
        help="Degree of trust of the customer, as accounting knows it; empty asks nothing.",
    )

    mode = fields.Selection(
        [
            (facts.PROGRESSIVE, "Progressive: never skip a level"),
            (facts.BY_AGE, "By age: jump to the level the item calls for"),
        ],
        default=facts.PROGRESSIVE,
        required=True,
    )
    net_credits = fields.Boolean(
        string="Net Credits First",
        default=True,
        help="Credit notes and unallocated payments reduce the oldest debt before deciding. "
        "Otherwise they are only mentioned in the reminder.",
    )
    threshold = fields.Float(
        string="Low Threshold",
        help="Company currency. A lower overdue total is left alone.",
    )
    case_count = fields.Integer(compute="_compute_case_count")
    timeline = fields.Html(compute="_compute_timeline", sanitize=False)

    @api.depends("level_ids")
    def _compute_level_count(self):
        for scenario in self:
            scenario.level_count = len(scenario.level_ids)

    def _compute_case_count(self):
        counts = dict(
            self.env["collection.case"]._read_group(
                [("scenario_id", "in", self.ids)], ["scenario_id"], ["__count"]
            )
        )
        for scenario in self:
            scenario.case_count = counts.get(scenario, 0)

    @api.depends(
        "level_ids.name",
        "level_ids.rank",
        "level_ids.delay",
        "level_ids.trigger",
        "level_ids.channel",
        "level_ids.other_channel_ids.channel",
        "level_ids.approval",
        "level_ids.min_amount",
    )
    def _compute_timeline(self):
        for scenario in self:
            scenario.timeline = self.env["ir.qweb"]._render(
                "account_collections.scenario_timeline", {"scenario": scenario}
            )

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for scenario in self:
            try:
                self.env["res.partner"]._search(scenario._get_partner_domain())
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The customers of scenario %(name)s cannot be read: %(error)s",
                        name=scenario.name,
                        error=error,
                    )
                ) from error

    def unlink(self):
        # A cascade in the database would not end the reminders that wait at these levels.
        self.with_context(active_test=False).level_ids.unlink()
        return super().unlink()

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_case_action"
        )
        return {**action, "domain": [("scenario_id", "=", self.id)]}

    # === FACTS === #

    @api.model
    def _get_ordered(self, company):
        """Return the scenarios of ``company`` in the order they are tried."""
        return self.sudo().search([("company_id", "in", (False, company.id))])

    def _get_partner_domain(self):
        """Return the segment's :class:`Domain` on customers."""
        self.ensure_one()
        return Domain(safe_eval(self.partner_domain or "[]"))

    def _get_segment(self, partner_ids):
        """Return the engine's segment: (key, customers among ``partner_ids``, conditions)."""
        self.ensure_one()
        if self.is_fallback:
            return self.id, None, Conditions()
        customers = None
        domain = self._get_partner_domain()
        if not domain.is_true():
            partners = self.env["res.partner"].with_context(active_test=False)
            query = partners._search(domain, order="id")
            # thousands of ids in a domain are taken apart one by one
            known = SQL.identifier(query.table, "id")
            query.add_where(SQL("%s = ANY(%s)", known, id_array(partner_ids)))
            customers = set(query)
        conditions = Conditions(self._get_wanted(), self._get_conditions())
        return self.id, customers, conditions

    @api.model
    def _get_conditions(self):
        """Return the registry of the engine's conditions by code; add-ons add theirs."""
        return CONDITIONS

    def _get_wanted(self):
        """Return {code of a condition: what the scenario wants, None where it asks nothing}."""
        self.ensure_one()
        amount = self.env["collection.ledger"]._to_decimal
        amounts = ("min_outstanding", "max_outstanding", "min_overdue", "max_overdue")
        counts = ("min_days_overdue", "max_days_overdue", "min_items", "max_items")
        return {
            **{code: amount(self[code]) if self[code] else None for code in amounts},
            **{code: self[code] or None for code in counts},
            "trust": TRUST.get(self.trust),
        }

    def _get_facts(self):
        """Return the engine's view of the scenario."""
        self.ensure_one()
        return facts.Scenario(
            key=self.id,
            levels=tuple(level._get_facts() for level in self.level_ids.sorted("rank")),
            mode=self.mode,
            net_credits=self.net_credits,
            threshold=self.env["collection.ledger"]._to_decimal(self.threshold),
        )
