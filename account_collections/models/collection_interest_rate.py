from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, formatLang

from ..engine.interest import half_year
from ..wording import with_colon


class CollectionInterestRate(models.Model):
    """A reference rate in one half-year: it is not carried over to the next."""

    _name = "collection.interest.rate"
    _description = "Reference Rate of a Half-Year"
    _order = "reference_id, date_from desc"

    reference_id = fields.Many2one(
        "collection.interest.reference", required=True, ondelete="cascade", index=True
    )
    date_from = fields.Date(
        string="Half-Year from",
        required=True,
        default=lambda self: half_year(fields.Date.context_today(self)),
    )
    rate = fields.Float(required=True, digits=(16, 4), help="Per cent a year.")
    note = fields.Char()

    _half_year_unique = models.UniqueIndex("(reference_id, date_from)", "A half-year has one rate.")

    @api.depends("date_from", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rate in self:
            value = formatLang(self.env, rate.rate, digits=2)
            rate.display_name = with_colon(
                self.env, format_date(self.env, rate.date_from), f"{value} %"
            )

    @api.constrains("date_from")
    def _check_date_from(self):
        for rate in self:
            if rate.date_from != half_year(rate.date_from):
                raise ValidationError(self.env._("A half-year begins on 1 January or on 1 July."))
