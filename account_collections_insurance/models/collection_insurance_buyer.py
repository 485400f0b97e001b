from odoo import api, fields, models
from odoo.addons.account_collections.wording import choices_of
from odoo.exceptions import ValidationError

from ..engine import grades
from ..engine.limits import SILENT, changes_after, limit_on


class CollectionInsuranceBuyer(models.Model):
    """A legal entity as a policy's insurer knows it, with the history of its limit."""

    _name = "collection.insurance.buyer"
    _description = "Insured Buyer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "collection.insurance.policy",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    name = fields.Char(required=True, help="As the insurer writes it.")
    active = fields.Boolean(default=True)
    insurer_ref = fields.Char(string="Insurer's Number", copy=False)
    registration = fields.Char(string="Registration Number", copy=False)
    vat = fields.Char(string="VAT Number")
    code = fields.Char(string="Customer Code")
    registration_key = fields.Char(compute="_compute_registration_key", store=True)
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        domain="[('parent_id', '=', False)]",
        check_company=True,
        help="All our records of this legal entity: the limit is one for them together.",
    )
    is_matched = fields.Boolean(
        string="Matched", compute="_compute_is_matched", store=True, index=True
    )
    grade = fields.Char(help="As the insurer writes it.")
    grade_value = fields.Float(
        string="Grade (0-100)",
        compute="_compute_grade_value",
        store=True,
        aggregator="avg",
        help="The grade on one scale for all insurers: 100 is the best.",
    )

    decision_ids = fields.One2many(
        "collection.insurance.decision", "buyer_id", string="Decisions", readonly=True
    )
    limit_amount = fields.Monetary(
        string="Limit", compute="_compute_limit", store=True, help="For what is delivered today."
    )
    limit_kind = fields.Selection(
        selection=choices_of("collection.insurance.decision", "kind"),
        string="Last Decision",
        compute="_compute_limit",
        store=True,
    )
    is_decided = fields.Boolean(
        string="Decided",
        compute="_compute_limit",
        store=True,
        help="The insurer has decided on this buyer: the discretionary limit is lost.",
    )
    limit_changes_on = fields.Date(
        string="Limit Changes on",
        compute="_compute_limit",
        store=True,
        index="btree_not_null",
        help="Next day on which the limit changes by what is known today.",
    )

    _insurer_ref_unique = models.UniqueIndex(
        "(policy_id, insurer_ref) WHERE insurer_ref IS NOT NULL",
        "The insurer's number of a buyer is unique within a policy.",
    )
    _registration_unique = models.UniqueIndex(
        "(policy_id, registration_key) WHERE registration_key IS NOT NULL",
        "A legal entity has one limit in a policy: this registration number is there already.",
    )

    # === COMPUTED === #

    @api.depends("registration")
    def _compute_registration_key(self):
        for buyer in self:
            buyer.registration_key = self._get_registration_key(buyer.registration)

    @api.depends("partner_ids")
    def _compute_is_matched(self):
        for buyer in self:
            buyer.is_matched = bool(buyer.partner_ids)

    @api.depends("grade", "policy_id.insurer_id.has_grades", "policy_id.insurer_id.grade_best",
                 "policy_id.insurer_id.grade_worst")  # fmt: skip
    def _compute_grade_value(self):
        for buyer in self:
            buyer.grade_value = buyer._normalise_grade() or 0

    def _normalise_grade(self):
        """Return the grade from 0 to 100, None when it is unknown or not on the scale."""
        insurer = self.policy_id.insurer_id
        try:
            number = float((self.grade or "").replace(",", "."))
        except ValueError:
            return None
        if not insurer.has_grades:
            return None
        decimal = self.env["collection.ledger"]._to_decimal
        return grades.normalise(
            decimal(number), decimal(insurer.grade_worst), decimal(insurer.grade_best)
        )

    @api.depends("decision_ids")
    def _compute_limit(self):
        facts = self.env["collection.insurance.decision"]._read_facts(self)
        for buyer in self:
            today = buyer.company_id._collection_today()
            decisions = facts.get(buyer.id, [])
            limit = limit_on(decisions, today, today)
            buyer.limit_amount = limit or 0
            buyer.is_decided = limit is not None
            buyer.limit_kind = _last_kind(decisions, today)
            buyer.limit_changes_on = next(iter(changes_after(decisions, today, today)), False)

    @api.model
    def _refresh_limits(self, company, today):
        """Read anew the limits that change by ``today``: of what begins or ends by itself."""
        due = self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("limit_changes_on", "<=", today)]
        )
        for name in ("limit_amount", "limit_kind", "is_decided", "limit_changes_on"):
            self.env.add_to_compute(self._fields[name], due)
        return due

    def write(self, vals):
        """Another customer, another policy or another grade is another cover."""
        is_moved = bool({"partner_ids", "policy_id", "grade", "active"} & set(vals))
        if is_moved:
            self._mark()
        result = super().write(vals)
        if is_moved:
            self._mark()
        return result

    def unlink(self):
        self._mark()
        return super().unlink()

    def _mark(self):
        """Have the covers of these buyers' customers computed again."""
        # Figures follow from what was entered, whoever may enter it.
        self.env["collection.insurance.exposure"].sudo()._mark(self.company_id, self.partner_ids)

    @api.constrains("partner_ids", "policy_id")
    def _check_partners(self):
        rivals = self.with_context(active_test=True).search(
            [
                ("policy_id", "in", self.policy_id.ids),
                ("partner_ids", "in", self.partner_ids.ids),
            ]
        )
        owners = {}
        for rival in rivals:
            for partner in rival.partner_ids:
                owners.setdefault((rival.policy_id, partner), []).append(rival)
        for (_policy, partner), twins in owners.items():
            if len(twins) > 1:
                mine = next((one for one in twins if one in self), twins[0])
                other = next(one for one in twins if one != mine)
                raise ValidationError(
                    self.env._(
                        "%(customer)s is %(buyer)s in this policy already: a customer has one "
                        "limit in it.",
                        customer=partner.display_name,
                        buyer=other.display_name,
                    )
                )
        for buyer in self:
            if buyer.partner_ids.filtered("parent_id"):
                raise ValidationError(
                    self.env._("A limit is that of a legal entity: choose the company itself.")
                )

    # === ACTIONS === #

    def action_match(self):
        """Look again for the customers of buyers who have none."""
        self.check_access("write")
        found = self.filtered(lambda buyer: not buyer.partner_ids)._match()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if found else "warning",
                "message": self.env._("Buyers matched: %(count)s", count=len(found)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_enter_decision(self):
        """Open the form of a new decision."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision of the Insurer"),
            "res_model": "collection.insurance.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_buyer_id": self.id},
        }


def _last_kind(decisions, today):
    """Return what the insurer said last of what is in effect; a request only before any answer."""
    begun = sorted(
        (one for one in decisions if one.announced <= today and one.begins <= today),
        key=lambda one: (one.begins, one.announced, one.reference),
    )
    answers = [one for one in begun if one.kind not in SILENT] or begun
    return answers[-1].kind if answers else False
