from decimal import Decimal

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..engine import credit
from ..wording import choices_of

#: Conditions, one of which a rule has to have.
CONDITIONS = (
    "case_state",
    "min_rank",
    "min_overdue",
    "min_days",
    "limit",
    "is_broken_promise",
    "category_ids",
)


class CollectionCreditRule(models.Model):
    """When customers get a warning, or nothing more on credit; :mod:`..engine.credit` judges."""

    _name = "collection.credit.rule"
    _description = "Credit Rule"
    _order = "sequence, id"

    name = fields.Char(
        required=True, translate=True, help="Those who may not sell or deliver read it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    action = fields.Selection(
        [
            (credit.WARN, "Warn"),
            (credit.ORDERS, "Hold orders"),
            (credit.DELIVERIES, "Hold deliveries"),
            (credit.BOTH, "Hold orders and deliveries"),
            (credit.EXCLUDE, "Never hold (exclusion)"),
        ],
        required=True,
        default=credit.WARN,
        help="An exclusion that applies to a customer silences every other rule.",
    )
    case_state = fields.Selection(
        selection=choices_of("collection.case", "state"),
        string="Stage of the Case",
    )
    min_rank = fields.Integer(
        string="Level from Rank", help="The case reached a level of this rank or above."
    )
    min_overdue = fields.Float(string="Overdue from", help="Company currency.")
    min_days = fields.Integer(string="Overdue for Days")
    limit = fields.Selection(
        [(credit.INTERNAL, "Credit limit of the customer")],
        string="Exposure Exceeds",
        help="What is open, less credits, with what is ordered and not invoiced and the order "
        "that is asked for.",
    )
    is_broken_promise = fields.Boolean(string="Broke a Promise")
    category_ids = fields.Many2many("res.partner.category", string="Only with Tags")

    _positive = models.Constraint(
        "CHECK (min_rank >= 0 AND min_overdue >= 0 AND min_days >= 0)",
        "Ranks, amounts and days of a rule cannot be negative.",
    )

    @api.constrains("active", *CONDITIONS)
    def _check_conditions(self):
        for rule in self:
            if not any(rule[name] for name in CONDITIONS):
                raise ValidationError(
                    self.env._(
                        "Rule %(name)s: say when it applies, at least one condition.",
                        name=rule.name,
                    )
                )

    # === CACHE: every order and delivery on a screen asks for them === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache("company_id")
    def _get_rules(self, company_id):
        """Return the rules of a company, as the engine takes them."""
        self.flush_model()
        rules = self.sudo().search([("company_id", "in", (False, company_id))])
        return tuple(rule._prepare_rule() for rule in rules)

    def _prepare_rule(self):
        self.ensure_one()
        return credit.Rule(
            key=self.id,
            action=self.action,
            state=self.case_state or None,
            rank=self.min_rank,
            overdue=Decimal(f"{self.min_overdue:.2f}"),
            days=self.min_days,
            limit=self.limit or None,
            broken=self.is_broken_promise,
            tags=frozenset(self.category_ids.ids),
        )
