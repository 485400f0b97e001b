from odoo import api, models
from odoo.fields import Domain

from ..engine import indicators
from ..engine.figures import Figures, Period
from ..engine.indicators import Undefined
from .collection_indicator import AMOUNT
from .collection_snapshot import FLOWS, STOCKS, WINDOW

#: Customers that are listed by what they owe.
LARGEST = 10

#: Days that movements look back.
WEEK = 7


class CollectionDashboard(models.AbstractModel):
    """Several companies in one currency: where each stands, what moved, where the risk is."""

    _inherit = "collection.dashboard"

    @api.model
    def _get_management_page(self, view):
        tiles = [self._make_tile(view, "outstanding"), self._make_expected_tile(view)]
        tiles += [
            self._make_tile(view, code) for code in ("overdue", "dso", "cash", "at_risk")
        ]
        return {
            "tiles": tiles,
            "charts": [
                self._make_chart(
                    view,
                    self.env._("Outstanding and Overdue"),
                    "bar",
                    self._label("outstanding", "overdue"),
                    AMOUNT,
                    "outstanding",
                ),
                self._make_chart(
                    view,
                    self.env._("Sales and Cash"),
                    "bar",
                    self._label("sales", "cash"),
                    AMOUNT,
                    "cash",
                ),
            ],
            "tables": [
                self._make_site_table(view),
                self._make_movement_table(view),
                self._make_gain_table(view),
                self._make_receipts_table(view),
                self._make_risk_table(view),
            ],
        }

    # === SITES === #

    @api.model
    def _make_site_table(self, view):
        """Each company with its own targets, in the currency of the page."""
        codes = ("outstanding", "overdue_rate", "dso", "cei")
        known, currency = self._get_indicators(), view["currency"]
        rows = []
        for company, figures in view["by_company"].items():
            here = {**view, "companies": company, "figures": figures}
            cells = [self._name_site(view, company)]
            for code in codes:
                value = figures.tell(code)
                gap = self._compare(here, code, value).get("gap")
                text = self._format(value, known[code].unit, currency)
                cells.append(f"{text} ({gap})" if gap else text)
            scope = Domain("company_id", "=", company.id)
            rows.append(
                {"cells": cells, "action": self._get_action("outstanding", view, scope)}
            )
        title = self.env._("Sites, with the Gap to Their Targets")
        return self._make_table(
            title,
            [self.env._("Company"), *self._label(*codes).values()],
            rows,
            action=self._open("collection.target", self.env._("Targets"), [], ("list",)),
        )

    # === MOVEMENTS === #

    @api.model
    def _make_movement_table(self, view):
        """What changed since last week; how much came in meanwhile."""
        before = self._get_figures_of_last_week(view)
        new = before.missing == indicators.OTHER_SITES
        known, currency = self._get_indicators(), view["currency"]
        rows = []
        for code in ("outstanding", "overdue", "at_risk", "disputed", "promised_open", "dso"):
            now, then = view["figures"].tell(code), before.tell(code)
            change = indicators.difference(now, then)
            unit = known[code].unit
            row = {
                "cells": [
                    self.env._(known[code].label),
                    *(self._format(one, unit, currency) for one in (then, now)),
                    self._format_change(change, unit, currency),
                ],
                "action": self._get_action(code, view),
            }
            if not isinstance(change, Undefined):
                row["good"] = self._is_good(change, known[code].better)
            rows.append(row)
        day = self._format_day(before.periods[-1].day) if before.periods else self.env._("Then")
        columns = ["", day, self.env._("Now"), self.env._("Change")]
        table = self._make_table(self.env._("Since Last Week"), columns, rows)
        note = self.env._("Nothing is compared: a site was added since last week.")
        return {**table, "note": new and note}

    @api.model
    def _get_figures_of_last_week(self, view):
        """Return the :class:`Figures` of the last day measured a week ago or before.

        A day longer than a month ago is no last week.
        """
        parts, days = [], []
        for company, figures in view["by_company"].items():
            if figures.missing:
                continue
            day = self._find_day(company)
            days.append(day)
            sums = day and self._query_day(company, day, view["domain"])
            parts.append(
                self._convert_sums(sums, company, view["currency"], day) if day else None
            )
        if not any(parts):
            return Figures([], indicators.NO_HISTORY, WINDOW)
        if None in parts:
            return Figures([], indicators.OTHER_SITES, WINDOW)
        total = {name: sum(part[name] for part in parts) for name in (*STOCKS, *FLOWS)}
        return Figures([Period(min(days), total)], None, WINDOW)

    @api.model
    def _find_day(self, company):
        return (
            self.env["collection.snapshot.day"]
            .search(
                [
                    ("company_id", "=", company.id),
                    ("date", "<=", self._get_days_ago(WEEK)),
                    ("date", ">", self._get_days_ago(WEEK + 31)),
                ],
                limit=1,
            )
            .date
        )

    @api.model
    def _query_day(self, company, day, domain):
        """Return {measure: Decimal} of one day of a company."""
        names = [*STOCKS, *FLOWS]
        [sums] = self.env["collection.snapshot"]._read_group(
            Domain(domain) & Domain("company_id", "=", company.id) & Domain("date", "=", day),
            aggregates=[f"{name}:sum" for name in names],
        )
        to_decimal = self.env["collection.ledger"]._to_decimal
        return dict(zip(names, map(to_decimal, sums), strict=True))

    # === RISKS === #

    @api.model
    def _make_risk_table(self, view):
        """The customers who owe most of what is overdue."""
        cases = self.env["collection.case"].search(
            view["scope"] & Domain("overdue", ">", 0), order="overdue desc, id", limit=LARGEST
        )
        rows = [
            {
                "cells": [
                    case.display_name,
                    self._format_case(case, case.overdue),
                    self._format_case(case, case.outstanding),
                    str(case.days_overdue),
                    dict(case._fields["state"]._description_selection(self.env))[case.state],
                ],
                "action": case.get_formview_action(),
            }
            for case in cases
        ]
        columns = [
            self.env._("Customer"),
            self.env._("Overdue"),
            self.env._("Outstanding"),
            self.env._("Days"),
            self.env._("Stage"),
        ]
        empty = self.env._("Nobody is overdue.")
        return self._make_table(self.env._("Largest Risks"), columns, rows, empty, texts=(4,))

    @api.model
    def _format_case(self, case, amount):
        """Return an amount of a case, in the currency of its own company."""
        to_decimal = self.env["collection.ledger"]._to_decimal
        return self._format(to_decimal(amount), AMOUNT, case.currency_id)
