from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..engine.interest import half_year


class ResCompany(models.Model):
    """Late-payment interest: whether it is claimed, by which law, at which rate."""

    _inherit = "res.company"

    collection_interest = fields.Boolean(
        string="Late-Payment Interest",
        help="Compute each day what customers who pay late owe in interest and compensation. "
        "Nothing is billed before somebody says so.",
    )
    collection_interest_since = fields.Date(
        string="Debts Due from",
        default=lambda self: fields.Date.subtract(fields.Date.context_today(self), years=1),
        help="Debts that fell due before this day bear no interest here.",
    )
    collection_interest_law_id = fields.Many2one(
        "collection.interest.law",
        string="Law on Late Payment",
        help="Empty: the law of the company's country.",
    )
    collection_interest_rate = fields.Float(
        string="Agreed Rate",
        digits=(16, 4),
        help="Per cent a year, of the general terms of sale; 0 applies the rate of the law. "
        "Customers may have one of their own.",
    )
    collection_interest_compensation = fields.Boolean(
        string="Fixed Compensation",
        default=True,
        help="Claim the fixed compensation for recovery costs of each invoice paid late.",
    )
    collection_interest_on_statement = fields.Boolean(
        string="Interest on Statements",
        help="Statements of account say how much interest and compensation may be claimed.",
    )
    collection_interest_account_id = fields.Many2one(
        "account.account",
        string="Account of Interest",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        check_company=True,
        help="Interest notes are booked here; empty: on the account of the sales journal.",
    )

    @api.constrains("collection_interest_rate", "collection_interest_law_id")
    def _check_collection_interest_rate(self):
        for company in self:
            company._check_agreed_rate(company.collection_interest_rate)

    def _get_interest_law(self):
        """Return the law on late payment of the company, empty where none is known."""
        self.ensure_one()
        # Whoever writes a rate has it checked; laws are no secret.
        company = self.sudo()
        own = company.collection_interest_law_id
        return own or company.env["collection.interest.law"]._find(company.country_id)

    def _check_agreed_rate(self, rate):
        """Refuse a rate that may not be agreed.

        :raises ValidationError: it is negative, or below the floor of this half-year
        """
        self.ensure_one()
        if rate < 0:
            raise ValidationError(self.env._("A rate of interest cannot be negative."))
        law = self._get_interest_law()
        floor = law and law._get_floors().get(half_year(self._collection_today()))
        if rate and floor and rate < floor:
            raise ValidationError(
                self.env._(
                    "%(law)s: a rate of less than %(floor)s %% may not be agreed.",
                    law=law.name,
                    floor=formatLang(self.env, float(floor), digits=2),
                )
            )
