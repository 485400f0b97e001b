"""Sums of one or several companies by month, and the indicators that follow from them."""

import calendar
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from . import indicators
from .indicators import Undefined


@dataclass(frozen=True, slots=True)
class Period:
    """A month, until and including ``day``.

    :ivar sums: measures by name; empty when nothing is known of the month
    :ivar sites: companies that are added up in them, where there are several
    """

    day: date
    sums: dict = field(default_factory=dict)
    sites: frozenset = frozenset()

    @property
    def days(self):
        """Return the days of the month that count.

        >>> Period(date(2026, 2, 28)).days, Period(date(2026, 3, 18)).days
        (28, 18)
        """
        return self.day.day


@dataclass(frozen=True, slots=True)
class Figures:
    """:ivar periods: month after month, the present one last

    :ivar missing: why nothing of all this can be told (a code of :mod:`indicators`), if so
    :ivar window: days of sales that the DSO compares with
    """

    periods: list
    missing: str | None = None
    window: int = 90

    def tell(self, code, back=0):
        """Return an indicator ``back`` months ago: a Decimal or :class:`Undefined`.

        >>> sums = {"outstanding": Decimal(250), "sales_window": Decimal(310)}
        >>> figures = Figures([Period(date(2026, 3, 31), sums)], window=92)
        >>> round(figures.tell("dso"), 2), figures.tell("dso", 1)
        (Decimal('74.19'), Undefined(reason='no_history'))
        """
        if self.missing:
            return Undefined(self.missing)
        if back >= len(self.periods) or not self.periods[-1 - back].sums:
            return Undefined(indicators.NO_HISTORY)
        sums = self.periods[-1 - back].sums
        if code in COMPUTE:
            return COMPUTE[code](sums, self, back)
        return sums[code]

    def compare(self, code, back):
        """Return by how much an indicator differs from ``back`` months ago, a Decimal.

        Not what was added up of other sites: one that came since is no growth.

        >>> january = Period(date(2026, 1, 31), {"sales": Decimal(40)}, frozenset("a"))
        >>> february = Period(date(2026, 2, 28), {"sales": Decimal(100)}, frozenset("ab"))
        >>> Figures([january, february]).compare("sales", 1)
        Undefined(reason='other_sites')
        """
        change = indicators.difference(self.tell(code), self.tell(code, back))
        if isinstance(change, Undefined) or self.has_sites_of(0, back):
            return change
        return Undefined(indicators.OTHER_SITES)

    def has_sites_of(self, back, before):
        """Return whether the same sites are added up in both months."""
        return self.periods[-1 - back].sites == self.periods[-1 - before].sites

    def opening(self, back):
        """Return what was outstanding when the month began, or :class:`Undefined`."""
        before = back + 1
        if before >= len(self.periods) or not self.periods[-1 - before].sums:
            return Undefined(indicators.NO_HISTORY)
        if not self.has_sites_of(back, before):
            return Undefined(indicators.OTHER_SITES)
        return self.periods[-1 - before].sums["outstanding"]

    def months(self, back):
        """Return the months that a DSO is counted back over, the latest first."""
        known = []
        for period in reversed(self.periods[: len(self.periods) - back]):
            if not period.sums or period.sites != self.periods[-1 - back].sites:
                break
            known.append(indicators.Month(period.sums["sales"], period.days))
        return known


def month_ends(today, count):
    """Return the last days of the ``count`` months until ``today``, which is the last of them.

    >>> [str(day) for day in month_ends(date(2026, 1, 18), 3)]
    ['2025-11-30', '2025-12-31', '2026-01-18']
    """
    days = [today]
    year, month = today.year, today.month
    for _turn in range(count - 1):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        days.append(date(year, month, calendar.monthrange(year, month)[1]))
    return days[::-1]


def _with_opening(compute):
    """Let ``compute(sums, opening)`` be told only where the month's opening is known."""

    def told(sums, figures, back):
        opening = figures.opening(back)
        return opening if isinstance(opening, Undefined) else compute(sums, opening)

    return told


def _rate(function, part, whole):
    return lambda sums, _figures, _back: function(sums[part], sums[whole])


def _mean(part, whole, reason):
    return lambda sums, _figures, _back: indicators.mean(sums[part], sums[whole], reason)


def overdue_net(sums):
    """Return what is overdue, less credits: those settle the oldest debts first.

    >>> overdue_net({"outstanding": Decimal(90), "not_due": Decimal(60)})
    Decimal('30')
    >>> overdue_net({"outstanding": Decimal(40), "not_due": Decimal(60)})
    Decimal('0')
    """
    return max(sums["outstanding"] - sums["not_due"], Decimal(0))


def _of_sales(function, with_overdue=False):
    def told(sums, figures, _back):
        late = (overdue_net(sums),) if with_overdue else ()
        return function(sums["outstanding"], *late, sums["sales_window"], figures.window)

    return told


#: Indicator → function of the sums of a period, the figures, and how many months back it is.
COMPUTE = {
    "overdue_net": lambda sums, _figures, _back: overdue_net(sums),
    "dso": _of_sales(indicators.dso),
    "best_dso": _of_sales(indicators.best_possible_dso, with_overdue=True),
    "add": _of_sales(indicators.average_days_delinquent, with_overdue=True),
    "count_back": lambda sums, figures, back: indicators.dso_count_back(
        sums["outstanding"], figures.months(back)
    ),
    "cei": _with_opening(
        lambda sums, opening: indicators.collection_effectiveness(
            opening, sums["sales"], sums["outstanding"], overdue_net(sums)
        )
    ),
    "collection_rate": _with_opening(
        lambda sums, opening: indicators.collection_rate(sums["cash"], opening, sums["sales"])
    ),
    "exposure_variation": _with_opening(
        lambda sums, opening: indicators.variation(sums["outstanding"], opening)
    ),
    "cash_efficiency": _rate(indicators.cash_efficiency, "paid_on_time", "fallen_due"),
    "overdue_rate": _rate(indicators.overdue_rate, "overdue", "debts"),
    "unpaid_rate": _rate(indicators.unpaid_rate, "still_unpaid", "fallen_due"),
    "dispute_rate": _rate(indicators.dispute_rate, "disputed", "debts"),
    "risk_rate": _rate(indicators.risk_rate, "at_risk", "debts"),
    "days_to_pay": _mean("paid_days", "paid", indicators.NOTHING_PAID),
    "days_late": _mean("late_days", "paid", indicators.NOTHING_PAID),
    "resolution_days": _mean("resolve_days", "resolved_count", indicators.NOTHING_RESOLVED),
    "promise_kept_rate": lambda sums, _figures, _back: indicators.percent(
        sums["promise_kept_count"], sums["promise_count"], indicators.NOTHING_PROMISED
    ),
    "promise_kept_amount_rate": lambda sums, _figures, _back: indicators.percent(
        sums["promise_received"], sums["promised"], indicators.NOTHING_PROMISED
    ),
}
