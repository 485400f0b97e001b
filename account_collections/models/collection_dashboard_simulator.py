from decimal import Decimal

from odoo import api, models

from ..engine import indicators, simulator
from ..engine.indicators import Undefined
from .collection_indicator import AMOUNT, DAYS, PERCENT
from .collection_snapshot import WINDOW


class CollectionDashboard(models.AbstractModel):
    """What a shorter DSO, fewer overdue debts or faster disputes would bring in cash."""

    _inherit = "collection.dashboard"

    @api.model
    @api.readonly
    def simulate(self, domain=(), currency_id=None, days=5, overdue_rate=None, dispute_days=None):
        """Return where the companies or the segment shown stand, and what each change brings.

        :param float days: by which the DSO is shorter
        :param float overdue_rate: percent; by default as it is
        :param float dispute_days: that a dispute takes; by default as it is
        :raises AccessError: for those without a role in collections
        """
        self.env["collection.snapshot"].check_access("read")
        view = self._prepare_view(list(domain), currency_id)
        standing = self._get_standing(view["figures"])
        answer = {
            "as_of": view["as_of"],
            "currency": view["currency"].id,
            "currencies": self._get_currencies(),
            "notes": self._get_notes(view),
        }
        if isinstance(standing, Undefined):
            return {**answer, "missing": self._explain_missing(standing)}
        now = indicators.overdue_rate(standing.overdue, standing.receivables) or Decimal(0)
        rate = now if overdue_rate is None else Decimal(repr(overdue_rate))
        taken = standing.dispute_days if dispute_days is None else Decimal(repr(dispute_days))
        shorter = Decimal(repr(days))
        effects = [
            self._prepare_days(view, standing, shorter),
            self._prepare_overdue(view, standing, rate, now),
            self._prepare_disputes(view, standing, taken),
        ]
        return {**answer, "sliders": effects, **self._prepare_standing(view, standing)}

    @api.model
    def _get_standing(self, figures):
        """Return the :class:`Standing` of figures, or why there is none.

        Of a company that is not known for a year the sales of 90 days are taken for a year's.
        """
        outstanding = figures.tell("outstanding")
        if isinstance(outstanding, Undefined):
            return outstanding
        sales = figures.tell("sales_year")
        if isinstance(figures.tell("sales", 11), Undefined):
            sales = figures.tell("sales_window") / WINDOW * simulator.YEAR
        if sales <= 0:
            return Undefined(indicators.NO_SALES)
        resolution = self._get_resolution_days(figures)
        disputed = figures.tell("disputed")
        late = figures.tell("overdue_net")
        return simulator.Standing(sales, outstanding, late, disputed, resolution)

    @api.model
    def _get_resolution_days(self, figures):
        """Return the days that a dispute took, of all that were resolved in twelve months."""
        known = [one.sums for one in figures.periods[-12:] if one.sums]
        days = sum(sums["resolve_days"] for sums in known)
        count = sum(sums["resolved_count"] for sums in known)
        return indicators.mean(days, count, indicators.NOTHING_RESOLVED) or Decimal(0)

    @api.model
    def _prepare_standing(self, view, standing):
        amounts = [
            ("sales_year", self.env._("Sales of a Year"), standing.sales),
            ("sales_year", self.env._("Sales of a Day"), simulator.a_day(standing.sales)),
            ("outstanding", self.env._("Outstanding"), standing.receivables),
            ("overdue", self.env._("Overdue, Less Credits"), standing.overdue),
            ("disputed", self.env._("Disputed"), standing.disputed),
        ]
        return {
            "standing": [
                {
                    "label": label,
                    "value": self._format(amount, AMOUNT, view["currency"]),
                    "action": self._get_action(code, view, name=label),
                }
                for code, label, amount in amounts
            ]
        }

    @api.model
    def _prepare_slider(self, view, name, label, value, least, most, effect, arithmetic):
        """Return a slider with what it brings; ``arithmetic`` is a sentence with its numbers."""
        defined = not isinstance(effect, Undefined)
        cash = effect.cash if defined else effect
        return {
            "name": name,
            "label": label,
            "value": float(round(value, 1)),
            "min": least,
            "max": float(most),
            "cash": self._format(cash, AMOUNT, view["currency"]),
            "days": self._format(effect.days, DAYS, None) if defined else "",
            "is_gain": defined and round(cash) > 0,
            "is_loss": defined and round(cash) < 0,
            "is_fixed": least == most,
            "arithmetic": arithmetic if defined else self._explain_missing(effect),
        }

    @api.model
    def _prepare_days(self, view, standing, days):
        effect = simulator.of_days(standing, days)
        arithmetic = self.env._(
            "%(sales)s / 365 × %(days)s days = %(cash)s",
            sales=self._format(standing.sales, AMOUNT, view["currency"]),
            days=self._format_number(days),
            cash=self._format(effect.cash, AMOUNT, view["currency"]),
        )
        label = self.env._("DSO Shorter by")
        return self._prepare_slider(view, "days", label, days, -30, 60, effect, arithmetic)

    @api.model
    def _prepare_overdue(self, view, standing, rate, now):
        effect = simulator.of_overdue_rate(standing, rate)
        current = standing.receivables - standing.overdue
        arithmetic = self.env._(
            "Overdue %(overdue)s - not overdue %(current)s × %(rate)s / (100 %% - %(rate)s)",
            overdue=self._format(standing.overdue, AMOUNT, view["currency"]),
            current=self._format(current, AMOUNT, view["currency"]),
            rate=self._format(rate, PERCENT, None),
        )
        label = self.env._("Overdue Rate of")
        most = max(50, min(now + 10, 95))
        return self._prepare_slider(
            view, "overdue_rate", label, rate, 0, most, effect, arithmetic
        )

    @api.model
    def _prepare_disputes(self, view, standing, days):
        effect = simulator.of_dispute_days(standing, days)
        label = self.env._("Days to Resolve a Dispute")
        arithmetic = self.env._("No dispute was resolved yet: their time is not known.")
        if standing.dispute_days > 0:
            arithmetic = self.env._(
                "Disputed %(disputed)s × (1 - %(days)s / %(now)s days)",
                disputed=self._format(standing.disputed, AMOUNT, view["currency"]),
                days=self._format_number(days),
                now=self._format_number(standing.dispute_days),
            )
        # Without a time that disputes take there is nothing to slide.
        most = max(30, standing.dispute_days * 2) if standing.dispute_days > 0 else 0
        return self._prepare_slider(
            view, "dispute_days", label, days, 0, most, effect, arithmetic
        )
