from odoo import api, fields, models
from odoo.tools import format_date


class CollectionInsolvencyTerm(models.Model):
    """How long creditors have: the law of a country, from a day on."""

    _name = "collection.insolvency.term"
    _description = "Terms of Insolvency"
    _order = "country_id, date_from desc"

    country_id = fields.Many2one(
        "res.country", help="Country of the proceedings; empty for all others."
    )
    date_from = fields.Date(
        string="In Force from",
        required=True,
        help="For proceedings published on or after this day.",
    )
    claim_months = fields.Integer(
        string="Months to Declare",
        required=True,
        default=2,
        help="From the publication, for creditors of the same country.",
    )
    claim_months_abroad = fields.Integer(
        string="Months from Abroad",
        required=True,
        default=4,
        help="From the publication, for creditors of another country.",
    )
    title_months = fields.Integer(
        string="Months for Retention of Title",
        required=True,
        default=3,
        help="From the publication, to claim goods that are still ours.",
    )

    _terms_positive = models.Constraint(
        "CHECK (claim_months > 0 AND claim_months_abroad > 0 AND title_months > 0)",
        "Terms are a month at least.",
    )
    _country_unique = models.UniqueIndex(
        "(COALESCE(country_id, 0), date_from)", "A country has one law at a time."
    )

    @api.depends_context("lang")
    @api.depends("country_id", "date_from")
    def _compute_display_name(self):
        for term in self:
            country = term.country_id.name or self.env._("All countries")
            term.display_name = f"{country}, {format_date(self.env, term.date_from)}"

    @api.model
    def _get(self, country, day):
        """Return the terms of ``country`` for what was published on ``day``, else those of all."""
        for scope in (country.id, False) if country else (False,):
            found = self.search(
                [("country_id", "=", scope), ("date_from", "<=", day)],
                order="date_from desc",
                limit=1,
            )
            if found:
                return found
        return self
