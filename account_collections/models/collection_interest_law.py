from decimal import Decimal

from odoo import api, fields, models

from ..engine import interest


class CollectionInterestLaw(models.Model):
    """What the law of a country grants a business that another business pays late.

    The rate is a reference rate and a margin; what is agreed instead has a floor in some
    countries. All of it is dated data that people keep: :class:`CollectionInterestRate`.
    """

    _name = "collection.interest.law"
    _description = "Law on Late Payment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    country_id = fields.Many2one("res.country", help="Applies to companies of this country.")
    country_group_id = fields.Many2one(
        "res.country.group", help="Applies where a country of this group has no law of its own."
    )
    source = fields.Char(string="Legal Source", translate=True)
    reference_id = fields.Many2one("collection.interest.reference", required=True)
    margin = fields.Float(
        digits=(16, 4), required=True, help="Points added to the reference rate."
    )
    step = fields.Float(
        string="Rounded up to", digits=(16, 4), help="Per cent; 0 does not round the rate."
    )
    mode = fields.Selection(
        [
            (interest.HALF_YEAR, "Rate of each half-year"),
            (interest.FIXED, "Rate of the half-year in which it became overdue"),
        ],
        string="Rate Applied",
        default=interest.HALF_YEAR,
        required=True,
    )
    floor_reference_id = fields.Many2one(
        "collection.interest.reference",
        string="Floor of Agreed Rates",
        help="A contract may not set a lower rate than a multiple of this one.",
    )
    floor_factor = fields.Float(string="Times", default=1.0)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    tier_ids = fields.One2many(
        "collection.interest.tier", "law_id", string="Fixed Compensation", copy=True
    )
    current_rate = fields.Float(compute="_compute_current_rate", digits=(16, 4))
    is_missing = fields.Boolean(related="reference_id.is_missing")

    _positive = models.Constraint(
        "CHECK (step >= 0 AND floor_factor >= 0)",
        "Rounding and the multiple of the floor cannot be negative.",
    )
    _country_unique = models.UniqueIndex(
        "(country_id) WHERE country_id IS NOT NULL AND active", "A country has one law."
    )

    @api.depends("reference_id.rate_ids.rate", "margin", "step")
    def _compute_current_rate(self):
        first = interest.half_year(fields.Date.context_today(self))
        for law in self:
            law.current_rate = float(law._get_rates().get(first, 0))

    @api.model
    def _find(self, country):
        """Return the law of ``country``: its own, else that of a group it belongs to."""
        own = self.search([("country_id", "=", country.id)], limit=1) if country else self
        groups = country.country_group_ids
        return own or self.search([("country_group_id", "in", groups.ids)], limit=1)

    def _get_rates(self):
        """Return {first day of a half-year: legal rate}."""
        self.ensure_one()
        margin, step = _exact(self.margin), _exact(self.step)
        return {
            rate.date_from: interest.legal_rate(_exact(rate.rate), margin, step)
            for rate in self.reference_id.rate_ids
        }

    def _get_floors(self):
        """Return {first day of a half-year: least rate that may be agreed}."""
        factor = _exact(self.floor_factor)
        return {
            rate.date_from: _exact(rate.rate) * factor for rate in self.floor_reference_id.rate_ids
        }

    def _get_terms(self, agreed=0.0):
        """Return the engine's terms.

        :param float agreed: rate of the contract; 0 is the legal one
        """
        self.ensure_one()
        return interest.Terms(
            self._get_rates(), self.mode, _exact(agreed) if agreed else None, self._get_floors()
        )

    def _get_tiers(self):
        """Return the fixed compensation as the engine takes it: ascending amounts."""
        return tuple(
            (_exact(tier.amount_from), _exact(tier.compensation))
            for tier in self.tier_ids.sorted("amount_from")
        )


def _exact(value):
    """Return a Float field's value as the Decimal that people see."""
    return Decimal(f"{value:.4f}").normalize() + 0
