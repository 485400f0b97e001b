from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..engine import payment_days


class ResPartner(models.Model):
    """When a customer pays, and when it is not there."""

    _inherit = "res.partner"

    collection_payment_days = fields.Char(
        string="Payment Days",
        help="Days of the month on which the customer pays, such as 10,25; 31 is the last day "
        "of the month. An overdue invoice waits for the next of them.",
    )
    collection_quiet_ids = fields.One2many(
        "collection.quiet.day",
        "partner_id",
        string="Closing Days",
        groups="account_collections.group_collection_readonly,"
        "account_collections.group_collection_user",
    )
    collection_holiday_note = fields.Char(
        string="Public Holidays", compute="_compute_collection_holiday_note"
    )

    @api.constrains("collection_payment_days")
    def _check_collection_payment_days(self):
        for partner in self:
            try:
                payment_days.parse(partner.collection_payment_days or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(piece)s” is no day of a month: payment days are numbers from 1 to "
                        "31 with commas between, such as 10,25.",
                        piece=error,
                    )
                ) from error

    @api.depends("country_id", "state_id")
    @api.depends_context("company", "lang")
    def _compute_collection_holiday_note(self):
        """Say which calendar counts, and that there is none where there is none."""
        company = self.env.company
        for partner in self:
            partner.collection_holiday_note = partner._get_holiday_note(company)

    def _get_holiday_note(self, company):
        self.ensure_one()
        if not company.collection_public_holidays:
            return self.env._("Not followed: the company's calendar counts alone.")
        country = self.country_id or company.country_id
        if not country:
            return self.env._("No country is known: the company's calendar counts alone.")
        today = company._collection_today()
        days = self.env["collection.holidays"]._get_days(
            country.code,
            (self.state_id.code, self.state_id.name),
            today,
            fields.Date.end_of(fields.Date.add(today, years=1), "year"),
        )
        if not days:
            return self.env._(
                "No calendar of public holidays is known for %(country)s: the company's "
                "calendar counts alone.",
                country=country.name,
            )
        return self.env._(
            "%(country)s; the next one is %(name)s, on %(date)s.",
            country=country.name,
            name=days[min(days)],
            date=format_date(self.env, min(days)),
        )
