from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang
from odoo.tools.translate import LazyTranslate

from ..engine import indicators
from ..engine.figures import Figures, Period, month_ends
from .collection_snapshot import FLOWS, STOCKS, WINDOW
from .collection_snapshot_measure import DIMENSIONS

_lt = LazyTranslate(__name__)

#: Months that figures know: twelve to show, and those that a DSO is counted back over.
MONTHS = 25

AMOUNT, DAYS, PERCENT, COUNT = "amount", "days", "percent", "count"


class Indicator(NamedTuple):
    """What an indicator is called, how it is computed in words, and which way is better.

    :ivar formula: names of measures in it are replaced by their values
    """

    label: str
    unit: str
    formula: str
    better: int = -1


#: Why an indicator has no value, in words.
REASONS = {
    indicators.NO_SALES: _lt("there were no sales in the period"),
    indicators.CREDITS_EXCEED: _lt("credits exceed what is owed"),
    indicators.SALES_TOO_SHORT: _lt("more is outstanding than all sales that are known"),
    indicators.NOTHING_OWED: _lt("nothing is owed"),
    indicators.NOTHING_TO_COLLECT: _lt("there was nothing to collect"),
    indicators.NOTHING_DUE: _lt("nothing fell due in the period"),
    indicators.NOTHING_PAID: _lt("nothing was paid in the month"),
    indicators.NOTHING_PROMISED: _lt("no promise was to be kept in the month"),
    indicators.NOTHING_RESOLVED: _lt("no dispute was resolved in the month"),
    indicators.NOTHING_REMINDED: _lt("nobody was reminded in the period"),
    indicators.NO_HISTORY: _lt("nothing is known of this time yet"),
    indicators.NO_RATE: _lt("a company has no exchange rate for this currency"),
    indicators.NO_FORECAST: _lt("there is no cash forecast for this"),
    indicators.NOTHING_EXPECTED: _lt("nothing was expected"),
    indicators.OTHER_SITES: _lt("a site was added since: see the notes"),
    indicators.NO_BASELINE: _lt("nothing is known of the month before go-live"),
}

INDICATORS = {
    "outstanding": Indicator(
        _lt("Outstanding"), AMOUNT, _lt("Open debts %(debts)s and credits %(credits)s")
    ),
    "overdue": Indicator(_lt("Overdue"), AMOUNT, _lt("Debts past their due date, before credits")),
    "at_risk": Indicator(
        _lt("At Risk"), AMOUNT, _lt("Debts overdue for longer than the company's limit")
    ),
    "disputed": Indicator(_lt("Disputed"), AMOUNT, _lt("What open disputes contest")),
    "promised_open": Indicator(_lt("Promised"), AMOUNT, _lt("Promises that are open"), 1),
    "cash": Indicator(
        _lt("Cash of the Month"), AMOUNT, _lt("Received from customers, less what went back"), 1
    ),
    "sales": Indicator(
        _lt("Sales of the Month"), AMOUNT, _lt("Tax included, less credit notes"), 1
    ),
    "dso": Indicator(
        _lt("DSO"),
        DAYS,
        _lt("Outstanding %(outstanding)s / sales of 90 days %(sales_window)s × 90"),
    ),
    "best_dso": Indicator(
        _lt("Best Possible DSO"),
        DAYS,
        _lt(
            "Not due %(not_due)s, less credits beyond what is overdue, "
            "/ sales of 90 days %(sales_window)s × 90"
        ),
    ),
    "add": Indicator(_lt("Average Days Delinquent"), DAYS, _lt("DSO less best possible DSO")),
    "count_back": Indicator(
        _lt("DSO, Count-back"),
        DAYS,
        _lt("Outstanding %(outstanding)s less the sales of whole months, the last one pro rata"),
    ),
    "cei": Indicator(
        _lt("Collection Effectiveness"),
        PERCENT,
        _lt(
            "(Opening + sales %(sales)s - closing %(outstanding)s) / "
            "(opening + sales - closing not overdue), of the month"
        ),
        1,
    ),
    "collection_rate": Indicator(
        _lt("Collection Rate"),
        PERCENT,
        _lt("Cash %(cash)s / (opening + sales %(sales)s), of the month"),
        1,
    ),
    "cash_efficiency": Indicator(
        _lt("Paid on Time"),
        PERCENT,
        _lt("Paid by its due date %(paid_on_time)s / fell due in 90 days %(fallen_due)s"),
        1,
    ),
    "overdue_rate": Indicator(
        _lt("Overdue Rate"), PERCENT, _lt("Overdue %(overdue)s / debts %(debts)s")
    ),
    "unpaid_rate": Indicator(
        _lt("Unpaid Rate"),
        PERCENT,
        _lt("Still unpaid %(still_unpaid)s / fell due in 90 days %(fallen_due)s"),
    ),
    "dispute_rate": Indicator(
        _lt("Dispute Rate"), PERCENT, _lt("Disputed %(disputed)s / debts %(debts)s")
    ),
    "risk_rate": Indicator(
        _lt("Share at Risk"), PERCENT, _lt("At risk %(at_risk)s / debts %(debts)s")
    ),
    "exposure_variation": Indicator(
        _lt("Exposure, Variation"), PERCENT, _lt("Outstanding against the end of the month before")
    ),
    "days_to_pay": Indicator(
        _lt("Days to Pay"), DAYS, _lt("From the invoice's date, by amount, of the month's payments")
    ),
    "days_late": Indicator(
        _lt("Days Late"), DAYS, _lt("After the due date, by amount, of the month's payments")
    ),
    "resolution_days": Indicator(
        _lt("Days to Resolve a Dispute"),
        DAYS,
        _lt("Of the disputes resolved in the month, without days in which a customer was awaited"),
    ),
    "promise_kept_rate": Indicator(
        _lt("Promises Kept"), PERCENT, _lt("Kept / judged in the month, by number"), 1
    ),
    "promise_kept_amount_rate": Indicator(
        _lt("Promises Kept, by Amount"), PERCENT, _lt("Received / promised, of the month"), 1
    ),
    "customer_count": Indicator(_lt("Customers Who Owe"), COUNT, _lt("With open debts")),
    "reminder_count": Indicator(
        _lt("Reminders"), COUNT, _lt("Sent in the month, announcements included"), 1
    ),
}


class CollectionIndicator(models.AbstractModel):
    """From snapshots to indicators: added up first, in one currency, as far as the user may see."""

    _name = "collection.indicator"
    _description = "Indicators of Receivables"

    @api.model
    def _get_indicators(self):
        """Return {code: :class:`Indicator`}; its value is ``engine.figures.Figures.tell(code)``."""
        return INDICATORS

    # === FIGURES === #

    @api.model
    def _get_figures(self, domain=(), currency=None):
        """Return {company: :class:`Figures`} of the user's companies, latest month last.

        Two queries and a rate each month. In a month in which a company was measured, groups
        without rows are zero; before that nothing is known.

        :param domain: on snapshots, without dates
        :param currency: into which amounts are converted, at each day's own rate
        """
        companies = self._get_companies(domain)
        days = self._query_days(companies)
        sums = self._query_sums(companies, domain)
        return {
            company: self._make_figures(
                company,
                currency,
                days.get(company, {}),
                {day: found for (one, day, _group), found in sums.items() if one == company},
            )
            for company in companies
        }

    @api.model
    def _get_figures_by(self, dimension, domain=(), currency=None):
        """Return {record of a dimension: :class:`Figures`} of this month and the one before."""
        companies = self._get_companies(domain)
        days = self._query_days(companies)
        parts = {}
        for (company, day, group), sums in self._query_sums(
            companies, domain, dimension, months=1
        ).items():
            parts.setdefault(group, {}).setdefault(company, {})[day] = sums
        return {
            group: self._consolidate(
                self._make_figures(company, currency, days.get(company, {}), by_day, 2)
                for company, by_day in by_company.items()
            )
            for group, by_company in parts.items()
        }

    @api.model
    def _make_figures(self, company, currency, known, sums, months=MONTHS):
        """Return :class:`Figures` of a company.

        :param dict known: {month: its last day that was measured}
        :param dict sums: {day: {measure: amount}}
        """
        currency = currency or company.currency_id
        missing = self._get_missing(company, currency, known)
        today = max(known.values(), default=company._collection_today())
        periods = []
        for day in month_ends(today, months):
            measured = known.get(day.replace(day=1))
            if missing or not measured:
                periods.append(Period(day))
                continue
            converted = self._convert_sums(sums.get(measured, {}), company, currency, measured)
            periods.append(Period(measured, converted))
        return Figures(periods, missing, WINDOW)

    @api.model
    def _get_companies(self, domain):
        """Return those of the user's companies that a domain on snapshots asks for."""

        def of_company(one):
            if one.field_expr != "company_id":
                return Domain.TRUE
            field = "name" if "like" in one.operator else "id"
            return Domain(field, one.operator, one.value)

        return self.env.companies.filtered_domain(Domain(domain).map_conditions(of_company))

    @api.model
    def _get_missing(self, company, currency, known):
        if not known:
            return indicators.NO_HISTORY
        if currency != company.currency_id and not self._has_rate(company, currency):
            return indicators.NO_RATE
        return None

    @api.model
    def _has_rate(self, company, currency):
        """Return whether amounts of ``company`` can be converted: Odoo would take them at par."""
        # Rates are no secret; a reader of figures has no rights on them.
        rates = self.env["res.currency.rate"].sudo()
        roots = (False, company.root_id.id)
        where = [("currency_id", "=", currency.id), ("company_id", "in", roots)]
        return bool(rates.search_count(where, limit=1))

    @api.model
    def _query_days(self, companies):
        """Return {company: {month: its last day that was measured}}."""
        rows = self.env["collection.snapshot.day"]._read_group(
            [("company_id", "in", companies.ids)], ["company_id", "date:month"], ["date:max"]
        )
        found = {}
        for company, month, day in rows:
            found.setdefault(company, {})[month] = day
        return found

    @api.model
    def _query_sums(self, companies, domain, dimension=None, months=MONTHS):
        """Return {(company, day, group): {measure: Decimal}} of the ends of months."""
        names = [*STOCKS, *FLOWS]
        since = fields.Date.subtract(fields.Date.context_today(self), months=months)
        rows = self.env["collection.snapshot"]._read_group(
            Domain(domain)
            & Domain("company_id", "in", companies.ids)
            & Domain("closing", "=", True)
            & Domain("date", ">=", since.replace(day=1)),
            ["company_id", "date:day", *([dimension] if dimension else ())],
            [f"{name}:sum" for name in names],
        )
        to_decimal = self.env["collection.ledger"]._to_decimal
        width = len(names)
        return {
            (row[0], row[1], row[2] if dimension else None): dict(
                zip(names, map(to_decimal, row[-width:]), strict=True)
            )
            for row in rows
        }

    @api.model
    def _convert_sums(self, sums, company, currency, day):
        """Return ``sums`` in ``currency``; measures that have no rows are zero."""
        zero = Decimal(0)
        sums = {name: sums.get(name, zero) for name in (*STOCKS, *FLOWS)}
        if currency == company.currency_id:
            return sums
        own = company.currency_id
        rate = Decimal(repr(own._get_conversion_rate(own, currency, company, day)))
        snapshot_fields = self.env["collection.snapshot"]._fields
        return {
            name: value * rate if snapshot_fields[name].type == "monetary" else value
            for name, value in sums.items()
        }

    @api.model
    def _consolidate(self, figures):
        """Return the :class:`Figures` of several companies together.

        Months are those of the latest one; a company that is not known in a month has no part
        in it, and months of other companies are not compared.
        """
        figures = [one for one in figures if one.missing != indicators.NO_HISTORY]
        if not figures:
            return Figures([], indicators.NO_HISTORY, WINDOW)
        missing = next((one.missing for one in figures if one.missing), None)
        latest = max(figures, key=lambda one: one.periods[-1].day)
        periods = []
        for period in latest.periods:
            month = period.day.replace(day=1)
            parts = {
                site: other.sums
                for site, one in enumerate(figures)
                for other in one.periods
                if other.sums and other.day.replace(day=1) == month
            }
            names = next(iter(parts.values()), ())
            sums = {name: sum(part[name] for part in parts.values()) for name in names}
            periods.append(Period(period.day, sums, frozenset(parts)))
        return Figures(periods, missing, WINDOW)

    # === IN WORDS === #

    @api.model
    def _format(self, value, unit, currency):
        """Return a value in the reader's notation, or that it is not defined."""
        if isinstance(value, indicators.Undefined):
            return self.env._("Not defined")
        if unit == AMOUNT:
            rounded = round(value)
            text = formatLang(self.env, abs(rounded), digits=0)
            sign = "-" if rounded < 0 else ""
            if currency.position == "after":
                return f"{sign}{text}\N{NO-BREAK SPACE}{currency.symbol}"
            return f"{sign}{currency.symbol}{text}"
        number = self._format_number(value, 0 if unit == COUNT else 1)
        if unit == PERCENT:
            return f"{number}\N{NO-BREAK SPACE}%"
        if unit == DAYS:
            return self.env._("%s d", number)
        return number

    @api.model
    def _format_change(self, value, unit, currency):
        """Return a value with its sign."""
        sign = "" if isinstance(value, indicators.Undefined) or value <= 0 else "+"
        return sign + self._format(value, unit, currency)

    @api.model
    def _format_number(self, value, digits=1):
        return formatLang(self.env, float(value), digits=digits)

    @api.model
    def _explain(self, code, figures, currency, back=0):
        """Return how an indicator is computed, with its numbers, or why it has no value."""
        value = figures.tell(code, back)
        if isinstance(value, indicators.Undefined):
            return self._explain_missing(value)
        sums = figures.periods[-1 - back].sums
        words = {name: self._format(amount, AMOUNT, currency) for name, amount in sums.items()}
        return self.env._(self._get_indicators()[code].formula) % words

    @api.model
    def _explain_missing(self, undefined):
        why = self.env._(REASONS[undefined.reason])
        return self.env._("Not defined, because %s.", why)

    @api.model
    def _format_month(self, day):
        return format_date(self.env, day, date_format="MMM yy")

    # === BEHIND THE NUMBERS === #

    @api.model
    def _get_scope(self, domain):
        """Return what a domain on snapshots says of the groups that cases are in too."""
        groups = ("company_id", *DIMENSIONS)
        return Domain(domain).map_conditions(
            lambda one: one if one.field_expr.split(".")[0] in groups else Domain.TRUE
        )
