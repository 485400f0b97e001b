"""What a late payment costs: simple interest by periods, and fixed compensation.

Amounts are :class:`~decimal.Decimal`, those of one debt all in its own currency; rates are per
cent a year. A year has 365 days, a leap year too. Interest is counted for each day after the due
date, that of the payment included: due on 31 May and paid on 30 June are 30 days. What is paid or
credited on a day cuts the principal from the next day on. No interest bears interest.

Rates are known by half-years. Either each half-year has its own, or the one of the half-year in
which the debt became overdue stays (``FIXED``, as in the United Kingdom). A rate that is agreed
takes their place, but never below the floor that the law sets.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from .facts import ZERO

DAY = timedelta(days=1)
YEAR = Decimal(365)

HALF_YEAR = "half_year"
FIXED = "fixed"


class MissingRate(Exception):
    """No rate is known for a half-year: ``first`` is its first day."""

    def __init__(self, first):
        super().__init__(first)
        self.first = first


def half_year(day):
    """Return the first day of the half-year of ``day``.

    >>> half_year(date(2026, 6, 30)), half_year(date(2026, 7, 1))
    (datetime.date(2026, 1, 1), datetime.date(2026, 7, 1))
    """
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def next_half_year(first):
    return date(first.year, 7, 1) if first.month == 1 else date(first.year + 1, 1, 1)


def legal_rate(reference, margin, step=ZERO):
    """Return the rate that a law makes of a reference rate: never below zero.

    :param step: per cent; the rate is rounded up to a multiple of it, as in Belgium

    >>> legal_rate(Decimal("2.15"), Decimal(10)), legal_rate(Decimal("2.15"), 8, Decimal("0.5"))
    (Decimal('12.15'), Decimal('10.5'))
    """
    rate = max(reference + margin, ZERO)
    return (rate / step).to_integral_value(ROUND_CEILING) * step if step else rate


@dataclass(frozen=True, slots=True)
class Terms:
    """At what rate a debt bears interest.

    :ivar rates: {first day of a half-year: legal rate}
    :ivar floors: {first day of a half-year: least that may be agreed}
    :ivar agreed: rate of the contract, None where the legal one applies
    """

    rates: dict = field(default_factory=dict)
    mode: str = HALF_YEAR
    agreed: Decimal | None = None
    floors: dict = field(default_factory=dict)

    def rate(self, first):
        """Return the rate in the half-year that begins on ``first``.

        :raises MissingRate: it is not known
        """
        if self.agreed is not None:
            return max(self.agreed, self.floors.get(first, ZERO), ZERO)
        if first not in self.rates:
            raise MissingRate(first)
        return max(self.rates[first], ZERO)


@dataclass(frozen=True, slots=True)
class Debt:
    """What was due, and what cut it.

    :ivar cuts: (value date, amount) of payments and credit notes; what came back is negative
    """

    due: date
    amount: Decimal
    cuts: tuple = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Days, ``first`` and ``last`` included, of one principal at one rate."""

    first: date
    last: date
    principal: Decimal
    rate: Decimal
    amount: Decimal

    @property
    def days(self):
        return (self.last - self.first).days + 1


def periods(debt, terms, until, since=None, places=2):
    """Return the periods for which ``debt`` bears interest, oldest first.

    The sum is rounded, once; a period is what its end adds to it. So a table of periods adds up.

    :param until: last day
    :param since: last day that was dealt with before; the due date by default
    :raises MissingRate: for a half-year in which something was owed

    >>> rates = {date(2025, 1, 1): Decimal("13.15"), date(2025, 7, 1): Decimal("12.15")}
    >>> debt = Debt(date(2025, 5, 31), Decimal(12000), ((date(2025, 8, 15), Decimal(12000)),))
    >>> for period in periods(debt, Terms(rates), date(2025, 12, 31)):
    ...     print(period.days, period.rate, period.amount)
    30 13.15 129.70
    46 12.15 183.75
    """
    start = max(debt.due, since or debt.due)
    cent = Decimal(1).scaleb(-places)
    found, exact, told = [], ZERO, ZERO
    for first, last in _split(debt, terms, start, until):
        principal = debt.amount - sum(amount for day, amount in debt.cuts if day < first)
        if principal <= 0:
            continue
        rate = terms.rate(half_year(debt.due + DAY if terms.mode == FIXED else first))
        exact += principal * rate * ((last - first).days + 1) / (YEAR * 100)
        total = exact.quantize(cent, ROUND_HALF_UP)
        found.append(Period(first, last, principal, rate, total - told))
        told = total
    return found


def _split(debt, terms, start, until):
    """Yield (first, last day) of stretches in which neither principal nor rate changes."""
    ends = {until, *(day for day, _amount in debt.cuts)}
    if terms.mode == HALF_YEAR:
        change = next_half_year(half_year(start + DAY))
        while change <= until:
            ends.add(change - DAY)
            change = next_half_year(change)
    for end in sorted(ends):
        if start < end <= until:
            yield start + DAY, end
            start = end


def last_day(debt):
    """Return the last day on which anything was owed, None while something still is.

    >>> last_day(Debt(date(2026, 1, 31), Decimal(100), ((date(2026, 2, 9), Decimal(100)),)))
    datetime.date(2026, 2, 9)
    """
    left = debt.amount
    for day, amount in sorted(debt.cuts):
        left -= amount
        if left <= 0:
            return day
    return None


def compensation(amount, tiers):
    """Return the fixed compensation for a late debt of ``amount``.

    :param tiers: ((from that amount on, compensation), …), ascending

    >>> british = ((0, 40), (1000, 70), (10000, 100))
    >>> [compensation(amount, british) for amount in (Decimal("999.99"), 1000, 10000)]
    [40, 70, 100]
    """
    place = bisect_right([least for least, _compensation in tiers], amount)
    return tiers[place - 1][1] if place else ZERO
