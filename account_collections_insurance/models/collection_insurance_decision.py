from odoo import api, fields, models
from odoo.addons.account_collections.wording import with_colon
from odoo.exceptions import UserError, ValidationError

from ..engine.limits import CUTTING, ENDING, Decision

KINDS = [
    ("requested", "Requested"),
    ("full", "Granted in full"),
    ("partial", "Granted in part"),
    ("conditional", "Granted with conditions"),
    ("revised", "Revised"),
    ("refused", "Refused"),
    ("increase_refused", "Increase refused"),
    ("reduced", "Reduced"),
    ("pre_notice", "Withdrawal announced"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Expired"),
    ("annulled", "Entry annulled"),
]


class CollectionInsuranceDecision(models.Model):
    """A step in the life of a buyer's limit. The history only grows: nobody changes or deletes
    what was entered; a wrong entry is annulled by another one."""

    _name = "collection.insurance.decision"
    _description = "Decision on a Credit Limit"
    _order = "date_effective desc, date_announced desc, id desc"
    _rec_name = "kind"

    buyer_id = fields.Many2one(
        "collection.insurance.buyer", required=True, index=True, ondelete="restrict"
    )
    policy_id = fields.Many2one(related="buyer_id.policy_id", store=True, index=True)
    company_id = fields.Many2one(related="buyer_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="buyer_id.currency_id")
    kind = fields.Selection(KINDS, string="Decision", required=True)
    amount = fields.Monetary(help="The limit; of a temporary one what comes on top.")
    amount_requested = fields.Monetary(string="Requested")
    temporary = fields.Boolean(help="On top of the permanent limit, between two days.")
    date_announced = fields.Date(
        string="Announced",
        required=True,
        default=lambda self: self.env.company._collection_today(),
    )
    date_effective = fields.Date(
        string="In Effect from",
        required=True,
        default=lambda self: self.env.company._collection_today(),
        help="Deliveries from this day on; what was delivered before keeps the earlier limit.",
    )
    date_until = fields.Date(string="Until", help="Last day of the limit; empty: no end.")
    reference = fields.Char(help="The insurer's number of the decision.")
    conditions = fields.Text()
    source = fields.Char(
        readonly=True, help="The file it was read from; empty: a person entered it."
    )
    annuls_id = fields.Many2one(
        "collection.insurance.decision", string="Annuls", readonly=True, ondelete="restrict"
    )
    annulled_by_ids = fields.One2many("collection.insurance.decision", "annuls_id")
    is_annulled = fields.Boolean(
        compute="_compute_is_annulled", search="_search_is_annulled", string="Annulled"
    )

    _annulled_once = models.UniqueIndex(
        "(annuls_id) WHERE annuls_id IS NOT NULL", "This entry is annulled already."
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A limit is not negative.")
    _dates_ordered = models.Constraint(
        "CHECK (date_until IS NULL OR date_until >= date_effective)",
        "A limit ends on or after the day it begins.",
    )
    _temporary_ends = models.Constraint(
        "CHECK (temporary IS NOT TRUE OR date_until IS NOT NULL"
        " OR kind NOT IN ('full', 'partial', 'conditional', 'revised'))",
        "A temporary limit has a last day.",
    )
    _annuls_something = models.Constraint(
        "CHECK ((kind = 'annulled') = (annuls_id IS NOT NULL))",
        "Choose the entry to annul, and annul it there.",
    )

    @api.depends("annulled_by_ids")
    def _compute_is_annulled(self):
        for decision in self:
            decision.is_annulled = bool(decision.annulled_by_ids)

    @api.model
    def _search_is_annulled(self, operator, value):
        if operator != "in":
            return NotImplemented
        operators = {"any" if wanted else "not any" for wanted in value}
        if len(operators) != 1:
            return [(1, "=", int(bool(operators)))]
        return [("annulled_by_ids", operators.pop(), [])]

    @api.constrains("kind", "amount", "date_announced", "date_effective", "annuls_id", "buyer_id")
    def _check_decision(self):
        for decision in self:
            if decision.kind in ENDING and decision.amount:
                raise ValidationError(
                    self.env._("What was refused, withdrawn or has expired leaves no limit.")
                )
            if decision.kind in CUTTING and decision.date_effective < decision.date_announced:
                raise ValidationError(
                    self.env._("A limit is cut from the day it is announced, or later.")
                )
            if decision.annuls_id and decision.annuls_id.buyer_id != decision.buyer_id:
                raise ValidationError(self.env._("An entry of another buyer cannot be annulled."))

    @api.depends("kind", "amount", "currency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for decision in self:
            name = labels.get(decision.kind, "")
            if decision.amount:
                name = with_colon(self.env, name, decision.currency_id.format(decision.amount))
            decision.display_name = name

    # === APPEND ONLY === #

    @api.model_create_multi
    def create(self, vals_list):
        """What was decided changes the cover of what the buyer owes."""
        decisions = super().create(vals_list)
        decisions.buyer_id._mark()
        self.env["collection.insurance.request"]._answer(decisions)
        return decisions

    def write(self, vals):
        """Refuse: the history only grows."""
        raise UserError(self.env._("A decision is never changed: annul it and enter another one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of limits is kept: annul what is wrong."))

    def action_annul(self):
        """Enter that these entries were wrong; they count no more."""
        for decision in self:
            if decision.kind == "annulled":
                raise UserError(self.env._("Enter the decision again instead."))
            self.create(
                {
                    "buyer_id": decision.buyer_id.id,
                    "kind": "annulled",
                    "annuls_id": decision.id,
                    "date_effective": decision.date_effective,
                }
            )
        return True

    # === FACTS === #

    @api.model
    def _read_facts(self, buyers):
        """Return {buyer id: [the engine's decisions]}, without what was annulled: one query."""
        decimal = self.env["collection.ledger"]._to_decimal
        found = {}
        rows = self.search_fetch(
            [
                ("buyer_id", "in", buyers.ids),
                ("kind", "!=", "annulled"),
                ("is_annulled", "=", False),
            ],
            ["buyer_id", "kind", "amount", "date_announced", "date_effective", "date_until",
             "temporary", "reference"],
        )  # fmt: skip
        for row in rows:
            found.setdefault(row.buyer_id.id, []).append(
                Decision(
                    kind=row.kind,
                    amount=decimal(row.amount),
                    announced=row.date_announced,
                    effective=row.date_effective,
                    until=row.date_until or None,
                    temporary=row.temporary,
                    reference=row.reference or "",
                )
            )
        return found
