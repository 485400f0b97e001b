from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.terms import Terms

#: Periods in days; 0 says that the policy has no such rule.
PERIODS = (
    "invoicing_days",
    "credit_days",
    "extension_days",
    "notification_days",
    "hand_over_days",
    "claim_days",
    "waiting_days",
)


class CollectionInsuranceTerm(models.Model):
    """What a policy says about deliveries of a period; a renewal is another record."""

    _name = "collection.insurance.term"
    _description = "Terms of a Credit Insurance Policy"
    _order = "date_start desc, id"

    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    date_start = fields.Date(string="Deliveries from", required=True)
    date_end = fields.Date(string="Until", required=True)
    roll_in = fields.Date(
        string="Rolled in from",
        help="Earlier deliveries from this day on, still unpaid, are taken into the policy.",
    )

    percent = fields.Float(
        string="Insured (%)",
        digits=(5, 2),
        required=True,
        default=90,
        help="Part of a debt that is insured within the buyer's own limit.",
    )
    blind_percent = fields.Float(
        string="Insured, Blind (%)",
        digits=(5, 2),
        help="Part of a debt that is insured within the discretionary limit.",
    )
    discretionary = fields.Monetary(
        string="Discretionary Limit",
        help="For each buyer on whom the insurer has decided nothing. A decision ends it, even "
        "one of zero.",
    )
    discretionary_grade = fields.Float(
        string="Lowest Grade",
        help="From 0 (worst) to 100 (best), for the discretionary limit; 0 asks for none.",
    )
    discretionary_conditions = fields.Text(
        string="Other Conditions", help="Of the discretionary limit, for people to check."
    )
    tax_covered = fields.Boolean(string="Tax Is Insured", default=True)
    reaches_back = fields.Boolean(
        string="Raises Reach Back",
        help="A raised limit covers what was delivered before it too.",
    )

    deductible = fields.Monetary(help="Of each claim, borne by us.")
    deductible_order = fields.Selection(
        [("indemnity", "Off the indemnity"), ("loss", "Off the loss")],
        string="Deductible Is Taken",
        required=True,
        default="indemnity",
        help="Off the loss: before the insured percentage is applied.",
    )
    maximum = fields.Monetary(
        string="Maximum Liability",
        help="What the insurer pays at most for the period, of all claims; 0 is no maximum.",
    )

    invoicing_days = fields.Integer(string="Invoice within (Days)", help="From the delivery.")
    credit_days = fields.Integer(
        string="Longest Term (Days)", help="Longest time to pay, from the delivery."
    )
    extension_days = fields.Integer(
        string="Extension Period (Days)",
        help="From the original due date. After it new deliveries to the buyer are uninsured "
        "until the debt is paid.",
    )
    notification_days = fields.Integer(
        string="Notify within (Days)", help="From the original due date."
    )
    hand_over_days = fields.Integer(
        string="Hand over within (Days)", help="From the end of the extension period."
    )
    claim_days = fields.Integer(
        string="Claim within (Days)", help="From the end of the extension period."
    )
    waiting_days = fields.Integer(
        string="Waiting Period (Days)", help="From the hand-over to the payment of the indemnity."
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_start <= date_end)", "Terms end on or after the day they begin."
    )
    _rolled_in_earlier = models.Constraint(
        "CHECK (roll_in IS NULL OR roll_in < date_start)",
        "What is rolled in was delivered before the terms begin.",
    )
    _percents = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100 AND blind_percent >= 0 AND blind_percent <= 100)",
        "The insured part is between 0 and 100 percent.",
    )
    _not_negative = models.Constraint(
        """CHECK (discretionary >= 0 AND deductible >= 0 AND maximum >= 0
                  AND discretionary_grade >= 0 AND discretionary_grade <= 100
                  AND invoicing_days >= 0 AND credit_days >= 0 AND extension_days >= 0
                  AND notification_days >= 0 AND hand_over_days >= 0 AND claim_days >= 0
                  AND waiting_days >= 0)""",
        "Amounts and days are not negative, a grade is between 0 and 100.",
    )

    @api.constrains("date_start", "date_end", "policy_id")
    def _check_overlap(self):
        for term in self:
            others = term.policy_id.term_ids - term
            if any(
                term.date_start <= other.date_end and other.date_start <= term.date_end
                for other in others
            ):
                raise ValidationError(
                    self.env._("A policy has one set of terms at a time: their dates overlap.")
                )

    @api.constrains("hand_over_days", "claim_days", "extension_days")
    def _check_clocks(self):
        for term in self:
            if (term.hand_over_days or term.claim_days) and not term.extension_days:
                raise ValidationError(
                    self.env._("Hand-over and claim are counted from the extension period: set it.")
                )

    @api.depends("policy_id.display_name", "date_start", "date_end")
    def _compute_display_name(self):
        for term in self:
            term.display_name = (
                f"{term.policy_id.display_name}, "
                f"{fields.Date.to_string(term.date_start) or ''} – "
                f"{fields.Date.to_string(term.date_end) or ''}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Other terms are other covers."""
        terms = super().create(vals_list)
        terms.policy_id._mark()
        return terms

    def write(self, vals):
        self.policy_id._mark()
        result = super().write(vals)
        self.policy_id._mark()
        return result

    def unlink(self):
        self.policy_id._mark()
        return super().unlink()

    def _get_facts(self):
        """Return these terms as the engine reads them."""
        self.ensure_one()
        decimal = self.env["collection.ledger"]._to_decimal
        return Terms(
            start=self.date_start,
            end=self.date_end,
            percent=decimal(self.percent),
            blind_percent=decimal(self.blind_percent),
            discretionary=decimal(self.discretionary),
            discretionary_grade=decimal(self.discretionary_grade) or None,
            tax_covered=self.tax_covered,
            deductible=decimal(self.deductible),
            deductible_first=self.deductible_order == "loss",
            maximum=decimal(self.maximum) or None,
            roll_in=self.roll_in or None,
            reaches_back=self.reaches_back,
            **{name: self[name] or None for name in PERIODS},
        )
