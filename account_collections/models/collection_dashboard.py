from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..engine import indicators
from ..engine.indicators import Undefined
from .collection_indicator import AMOUNT, COUNT

#: Months that a chart shows.
CHART_MONTHS = 12

#: Days of the cash that is expected.
EXPECTED_DAYS = 30

#: Money in a journal of these types was received.
MONEY = ("bank", "cash", "credit")

#: Measure of the snapshots that a graph shows for an indicator, where it is called otherwise.
MEASURES = {
    "best_dso": "delinquent_days",
    "add": "delinquent_days",
    "count_back": "dso",
    "cei": "outstanding",
    "collection_rate": "cash",
    "exposure_variation": "outstanding",
}


class CollectionDashboard(models.AbstractModel):
    """What the screens of indicators show: tiles, charts and tables, each with its records.

    A page is a method ``_get_<page>_page(view)`` that fills a :class:`dict`; ``view`` carries what
    all its parts need. Everything is read with the rights of the user.
    """

    _name = "collection.dashboard"
    _inherit = "collection.indicator"
    _description = "Dashboards of Receivables"

    @api.model
    @api.readonly
    def get_page(self, page, domain=(), currency_id=None):
        """Return a page for the browser.

        :param str page: ``operational``, ``performance``, ``management`` or ``meeting``
        :param domain: on snapshots, without dates
        :param int currency_id: in which companies are added up; by default the one that the user
            chose last, else that of the current company
        :raises AccessError: for those without a role in collections
        """
        self.env["collection.snapshot"].check_access("read")
        make = self._get_pages()[page]
        view = self._prepare_view(list(domain), currency_id)
        return {
            "as_of": view["as_of"],
            "currency": view["currency"].id,
            "currencies": self._get_currencies(),
            "notes": self._get_notes(view),
            "tiles": [],
            "charts": [],
            "tables": [],
            **make(view),
        }

    @api.model
    def _get_pages(self):
        """Return {page: function of the view}; add-ons add theirs."""
        return {
            "operational": self._get_operational_page,
            "performance": self._get_performance_page,
            "management": self._get_management_page,
            "meeting": self._get_meeting_page,
        }

    @api.model
    def _prepare_view(self, domain, currency_id):
        currency = self.env["res.currency"].browse(currency_id).exists()
        currency = currency or self._get_own_currency() or self.env.company.currency_id
        by_company = self._get_figures(domain, currency)
        companies = self.env["res.company"].union(*by_company)
        return {
            "domain": domain,
            "scope": self._get_scope(domain),
            "currency": currency,
            "companies": companies,
            "by_company": by_company,
            "figures": self._consolidate(by_company.values()),
            "since": self._get_sites_since(by_company),
            "targets": self.env["collection.target"]._get_targets(companies),
            "as_of": self._get_as_of(companies),
        }

    @api.model
    def choose_currency(self, currency_id):
        """Show amounts in this currency to the user from now on, on every device.

        :raises AccessError: for those without a role in collections
        """
        self.env["collection.snapshot"].check_access("read")
        currency = self.env["res.currency"].browse(currency_id).exists()
        # Everybody has own settings, which only this user's requests come to here.
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.env.user)
        settings.sudo().collection_currency_id = currency

    @api.model
    def _get_own_currency(self):
        # The user's own settings, and no other's.
        return self.env.user.sudo().res_users_settings_id.collection_currency_id

    @api.model
    def _get_as_of(self, companies):
        days = self.env["collection.snapshot.day"].search(
            [("company_id", "in", companies.ids)], order="computed_at desc", limit=1
        )
        return format_datetime(self.env, days.computed_at, dt_format="short") if days else False

    @api.model
    def _get_currencies(self):
        """Return the currencies that figures may be shown in: those of the user's companies, and
        those that are active."""
        active = self.env["res.currency"].search([])
        return [(one.id, one.name) for one in active | self.env.companies.currency_id]

    # === TILES === #

    @api.model
    def _make_tile(self, view, code):
        one = self._get_indicators()[code]
        figures, currency = view["figures"], view["currency"]
        value = figures.tell(code)
        change = figures.compare(code, 1)
        tile = {
            "code": code,
            "label": self.env._(one.label),
            "value": self._format(value, one.unit, currency),
            "defined": not isinstance(value, Undefined),
            "explanation": self._explain(code, figures, currency),
            "action": self._get_action(code, view),
        }
        if not isinstance(change, Undefined):
            tile["change"] = self.env._(
                "%s since last month", self._format_change(change, one.unit, currency)
            )
            tile["good"] = self._is_good(change, one.better)
        elif change.reason == indicators.OTHER_SITES:
            tile["change"] = self.env._("Not compared with last month: a site was added.")
        return {**tile, **self._detail(view, code), **self._compare(view, code, value)}

    @api.model
    def _detail(self, view, code):
        """Tell credits where there are some: they are taken off what is outstanding, all together,
        and off no single debt that is overdue; so overdue may be the larger of the two.
        """
        figures, currency = view["figures"], view["currency"]
        credits = figures.tell("credits")
        if code not in ("outstanding", "overdue") or isinstance(credits, Undefined) or not credits:
            return {}
        words = {
            name: self._format(figures.tell(name), AMOUNT, currency)
            for name in ("debts", "credits")
        }
        if code == "outstanding":
            return {"detail": self.env._("Debts %(debts)s, credits %(credits)s", **words)}
        return {"detail": self.env._("Before credits of %s", words["credits"].lstrip("-"))}

    @api.model
    def _is_good(self, change, better):
        return None if abs(change) < Decimal("0.05") else (change > 0) == (better > 0)

    @api.model
    def _compare(self, view, code, value):
        """Return how a value stands against the target of the one company that is shown."""
        company = view["companies"]
        target = len(company) == 1 and view["targets"].get((company, code))
        if target in (None, False) or isinstance(value, Undefined):
            return {}
        one = self._get_indicators()[code]
        gap = value - Decimal(repr(target))
        words = {
            "target": self._format(Decimal(repr(target)), one.unit, view["currency"]),
            "gap": self._format_change(gap, one.unit, view["currency"]),
        }
        return {
            "target": self.env._("Target %(target)s, gap %(gap)s", **words),
            "gap": words["gap"],
            "on_target": gap * one.better >= 0,
        }

    @api.model
    def _make_count_tile(self, code, label, count, explanation, action):
        """Return a tile for a number of records of this moment."""
        return {
            "code": code,
            "label": label,
            "value": self._format(count, COUNT, None),
            "defined": True,
            "explanation": explanation,
            "action": action,
        }

    @api.model
    def _make_expected_tile(self, view):
        value = self._get_expected(view)
        explanation = self.env._(
            "What open items will probably bring within %s days, by the cash forecast.",
            EXPECTED_DAYS,
        )
        if isinstance(value, Undefined):
            explanation = self._explain_missing(value)
        action = "account_collections.collection_forecast_action"
        return {
            "code": "expected",
            "label": self.env._("Cash within %s Days", EXPECTED_DAYS),
            "value": self._format(value, AMOUNT, view["currency"]),
            "defined": not isinstance(value, Undefined),
            "explanation": explanation,
            "action": action if self.env.ref(action, raise_if_not_found=False) else False,
        }

    @api.model
    def _get_expected(self, view):
        """Return the cash that is expected of the cases shown, or :class:`Undefined`."""
        if view["figures"].missing:
            return Undefined(view["figures"].missing)
        is_all = all(one.field_expr == "company_id" for one in view["scope"].iter_conditions())
        forecasts = self.env.get("collection.forecast")
        if forecasts is None or not is_all:
            return Undefined(indicators.NO_FORECAST)
        found = forecasts._get_expected(view["companies"], EXPECTED_DAYS)
        if not found:
            return Undefined(indicators.NO_FORECAST)
        total = Decimal(0)
        for company, figures in found.items():
            amount = company.currency_id._convert(
                figures["expected"], view["currency"], company, figures["date"], round=False
            )
            total += self.env["collection.ledger"]._to_decimal(amount)
        return total

    # === CHARTS === #

    @api.model
    def _make_chart(self, view, title, kind, codes, unit, action):
        """Return a chart of twelve months.

        :param kind: ``line``, ``bar`` or ``stack``
        :param dict codes: {indicator or measure: label}
        """
        figures = view["figures"]
        months = min(CHART_MONTHS, len(figures.periods))
        backs = range(months - 1, -1, -1)
        return {
            "id": next(iter(codes)),
            "title": title,
            "kind": kind,
            "unit": unit,
            "labels": [self._format_month(figures.periods[-1 - back].day) for back in backs],
            "sets": [
                {
                    "code": code,
                    "label": label,
                    "data": [self._to_number(figures.tell(code, back)) for back in backs],
                }
                for code, label in codes.items()
            ],
            "note": self._explain_sites(view),
            "action": self._open_history(action, view),
        }

    @api.model
    def _to_number(self, value):
        """Return a value for a chart: what is not defined is a gap, not a zero."""
        return None if isinstance(value, Undefined) else round(float(value), 2)

    @api.model
    def _make_ageing_chart(self, view):
        labels = self.env.company._get_bucket_labels()
        codes = {"not_due": self.env._("Not Due")}
        codes.update({f"age_{number}": label for number, label in enumerate(labels, 1)})
        title = self.env._("Aged Balance")
        return self._make_chart(view, title, "stack", codes, AMOUNT, "overdue")

    @api.model
    def _label(self, *codes):
        """Return {code: label} of indicators."""
        known = self._get_indicators()
        return {code: self.env._(known[code].label) for code in codes}

    # === TABLES === #

    @api.model
    def _make_group_table(self, view, dimension, title, nobody, codes, limit=8):
        """Return indicators by the groups of a dimension, the largest first."""
        found = self._get_figures_by(dimension, view["domain"], view["currency"])

        def size(group):
            value = found[group].tell("outstanding")
            return Decimal(0) if isinstance(value, Undefined) else value

        known = self._get_indicators()
        rows = [
            {
                # Names of colleagues are no secret among those who work together.
                "cells": [
                    group.sudo().display_name or nobody,
                    *(
                        self._format(found[group].tell(code), known[code].unit, view["currency"])
                        for code in codes
                    ),
                ],
                "action": self._get_action(
                    "outstanding", view, Domain(dimension, "=", group.id), group.sudo().display_name
                ),
            }
            for group in sorted(found, key=size, reverse=True)[:limit]
        ]
        return self._make_table(title, ["", *self._label(*codes).values()], rows)

    @api.model
    def _make_table(self, title, columns, rows, empty=None, action=False, texts=()):
        """Return a table of figures.

        :param rows: dictionaries of ``cells``, the first a name, and an ``action``
        :param texts: numbers of the columns that hold words, not figures
        """
        return {
            "title": title,
            "columns": columns,
            "rows": rows,
            "empty": empty or self.env._("Nothing to show."),
            "action": action,
            "texts": [0, *texts],
        }

    # === RECORDS BEHIND === #

    @api.model
    def _open(self, model, name, domain, views=("list", "form"), **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, view) for view in views],
            "domain": list(domain),
            "context": context,
        }

    @api.model
    def _open_history(self, code, view, name=None):
        """Open months of the snapshots as Odoo's own graph and pivot."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_snapshot_action"
            ),
            "name": name or self.env._(self._get_indicators()[code].label),
            "domain": list(Domain(view["domain"]) & Domain("closing", "=", True)),
            "context": {"graph_measure": MEASURES.get(code, code)},
        }

    @api.model
    def _get_action(self, code, view, extra=Domain.TRUE, name=None):
        """Return the action that opens the records behind an indicator."""
        scope = view["scope"] & extra
        items = Domain("case_id", "any", scope)
        name = name or self.env._(self._get_indicators()[code].label)
        late = Domain("days_overdue", ">", self.env.company.collection_risk_days)
        records = {
            "outstanding": ("collection.item", items),
            "overdue": ("collection.item", items & Domain("is_overdue", "=", True)),
            "at_risk": ("collection.item", items & late),
            "disputed": ("collection.dispute", items & Domain("is_open", "=", True)),
            "promised_open": ("collection.promise", items & Domain("state", "=", "open")),
            "overdue_rate": ("collection.item", items & Domain("is_overdue", "=", True)),
        }
        if code in records:
            model, domain = records[code]
            return self._open(model, name, domain)
        return self._open_history(code, view, name)

    @api.model
    def _get_cases(self, view, domain):
        """Return the cases of this view, with the rights of the user."""
        return self.env["collection.case"].search(view["scope"] & Domain(domain))

    @api.model
    def _format_day(self, day):
        return format_date(self.env, day) if day else ""

    @api.model
    def _get_days_ago(self, days):
        return fields.Date.subtract(fields.Date.context_today(self), days=days)
