from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import indicators
from ..engine.figures import Figures, Period
from .collection_indicator import AMOUNT, DAYS, PERCENT
from .collection_snapshot import WINDOW

#: Days before go-live in which the day that figures are compared with must lie.
BASELINE_DAYS = 31

#: Weeks of the forecast that are compared with what came in.
WEEKS = 8

#: By what a forecast can be filtered.
FORECAST_GROUPS = ("company_id", "user_id", "scenario_id")


class CollectionDashboard(models.AbstractModel):
    """What it has brought: in cash since go-live, and the receipts against their forecast."""

    _inherit = "collection.dashboard"

    # === GAIN SINCE GO-LIVE === #

    @api.model
    def _make_gain_table(self, view):
        """Each company against the last day that was measured before it went live."""
        rows = []
        for company, since in (
            self.env["collection.portfolio"]._get_live_since(view["companies"]).items()
        ):
            before = self._get_baseline(view, company, since)
            now = view["by_company"][company]
            name = f"{company.name}, " if len(view["companies"]) > 1 else ""
            rows += [
                self._make_days_row(view, name, since, before, now, company),
                self._make_overdue_row(view, name, since, before, now, company),
            ]
        columns = [
            "",
            self.env._("Live since"),
            self.env._("Before"),
            self.env._("Now"),
            self.env._("In Cash"),
        ]
        empty = self.env._("Not defined before go-live: no portfolio is live yet.")
        return self._make_table(self.env._("Gain since Go-live"), columns, rows, empty)

    @api.model
    def _get_baseline(self, view, company, since):
        """Return the :class:`Figures` of the last day measured before ``since``."""
        days = self.env["collection.snapshot.day"].search(
            [
                ("company_id", "=", company.id),
                ("date", "<", since),
                ("date", ">=", fields.Date.subtract(since, days=BASELINE_DAYS)),
            ],
            limit=1,
        )
        if not days:
            return Figures([], indicators.NO_BASELINE, WINDOW)
        sums = self._query_day(company, days.date, view["domain"])
        converted = self._convert_sums(sums, company, view["currency"], days.date)
        return Figures([Period(days.date, converted)], None, WINDOW)

    @api.model
    def _make_days_row(self, view, name, since, before, now, company):
        outstanding, sales = now.tell("outstanding"), now.tell("sales_window")
        gain = indicators.gain_of_days(before.tell("dso"), outstanding, sales, WINDOW)
        arithmetic = self.env._(
            "%(before)s × sales of 90 days %(sales)s / 90 - outstanding %(outstanding)s",
            before=self._format(before.tell("dso"), DAYS, None),
            sales=self._format(sales, AMOUNT, view["currency"]),
            outstanding=self._format(outstanding, AMOUNT, view["currency"]),
        )
        return self._make_gain_row(view, "dso", name, since, before, now, gain, arithmetic, company)

    @api.model
    def _make_overdue_row(self, view, name, since, before, now, company):
        overdue, debts = now.tell("overdue"), now.tell("debts")
        gain = indicators.gain_of_overdue(before.tell("overdue_rate"), overdue, debts)
        arithmetic = self.env._(
            "%(before)s × debts %(debts)s - overdue %(overdue)s",
            before=self._format(before.tell("overdue_rate"), PERCENT, None),
            debts=self._format(debts, AMOUNT, view["currency"]),
            overdue=self._format(overdue, AMOUNT, view["currency"]),
        )
        return self._make_gain_row(
            view, "overdue_rate", name, since, before, now, gain, arithmetic, company
        )

    @api.model
    def _make_gain_row(self, view, code, name, since, before, now, gain, arithmetic, company):
        """:param arithmetic: how ``gain`` follows, with its numbers, where it is defined"""
        one = self._get_indicators()[code]
        is_known = not isinstance(gain, indicators.Undefined)
        row = {
            "cells": [
                f"{name}{self.env._(one.label)}",
                self._format_day(since),
                self._format(before.tell(code), one.unit, view["currency"]),
                self._format(now.tell(code), one.unit, view["currency"]),
                self._format_change(gain, AMOUNT, view["currency"]),
            ],
            "note": arithmetic if is_known else self._explain_missing(gain),
            "action": self._get_history_of(company, code, view),
        }
        return {**row, "good": self._is_good(gain, 1)} if is_known else row

    @api.model
    def _get_history_of(self, company, code, view):
        action = self._open_history(code, view)
        domain = Domain(action["domain"]) & Domain("company_id", "=", company.id)
        return {**action, "domain": list(domain)}

    # === RECEIPTS AGAINST FORECAST === #

    @api.model
    def _make_receipts_table(self, view):
        """Weeks that are over: what the first forecast of each expected, and what came in."""
        title = self.env._("Receipts against Forecast")
        columns = [
            self.env._("Week until"),
            self.env._("Forecast"),
            self.env._("Received"),
            self.env._("Difference"),
            self.env._("Received, %"),
        ]
        if not self._can_be_forecast(view):
            why = self._explain_missing(indicators.Undefined(indicators.NO_FORECAST))
            return self._make_table(title, columns, [], why)
        weeks, domain = self._query_receipts(view)
        rows = [
            self._make_receipts_row(
                view,
                self._format_day(day),
                sums,
                domain
                & Domain("date_to", ">=", monday)
                & Domain("date_to", "<=", fields.Date.end_of(monday, "week")),
            )
            for monday, (day, sums) in sorted(weeks.items(), reverse=True)[:WEEKS]
        ]
        empty = self.env._("No week of a forecast is over yet.")
        return self._make_table(title, columns, rows, empty)

    @api.model
    def _can_be_forecast(self, view):
        """Return whether the forecast knows all groups that are filtered by, and all rates."""
        groups = {one.field_expr.split(".")[0] for one in view["scope"].iter_conditions()}
        return groups.issubset(FORECAST_GROUPS) and not view["figures"].missing

    @api.model
    def _query_receipts(self, view):
        """Return {monday: (last day, (expected, received))}, and the domain of all.

        Weeks of several companies that end in the same week of the calendar are one.
        """
        last = self.env["collection.forecast"]._get_last(view["companies"])
        over = Domain.OR(
            Domain("company_id", "=", one.company_id.id) & Domain("date_to", "<", one.date)
            for one in last
        )
        since = self._get_days_ago(7 * (WEEKS + 1))
        domain = view["scope"] & over & Domain("week", "=", 1) & Domain("date_to", ">=", since)
        to_decimal = self.env["collection.ledger"]._to_decimal
        weeks = {}
        for company, day, *amounts in self.env["collection.forecast.week"]._read_group(
            domain, ["company_id", "date_to:day"], ["expected:sum", "received:sum"]
        ):
            monday = fields.Date.start_of(day, "week")
            last_day, sums = weeks.get(monday, (day, (Decimal(0), Decimal(0))))
            own = company.currency_id
            rate = Decimal(repr(own._get_conversion_rate(own, view["currency"], company, day)))
            fresh = [to_decimal(amount) * rate for amount in amounts]
            weeks[monday] = max(last_day, day), tuple(map(sum, zip(sums, fresh, strict=True)))
        return weeks, domain

    @api.model
    def _make_receipts_row(self, view, label, sums, domain):
        expected, received = sums
        difference = received - expected
        return {
            "cells": [
                label,
                *(self._format(one, AMOUNT, view["currency"]) for one in sums),
                self._format_change(difference, AMOUNT, view["currency"]),
                self._format(indicators.forecast_rate(received, expected), PERCENT, None),
            ],
            "action": self._open("collection.forecast.week", label, domain, ("list", "pivot")),
        }
