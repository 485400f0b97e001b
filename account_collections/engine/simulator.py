"""What shorter delays bring in cash: the arithmetic behind the sliders."""

from dataclasses import dataclass
from decimal import Decimal

from .indicators import CREDITS_EXCEED, NO_SALES, Undefined

#: Days that a year of sales is spread over.
YEAR = 365


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a company or segment stands.

    :ivar sales: of a year, tax included
    :ivar receivables: outstanding
    :ivar overdue: of it
    :ivar disputed: of it
    :ivar dispute_days: that a dispute takes, on the average
    """

    sales: Decimal
    receivables: Decimal
    overdue: Decimal
    disputed: Decimal = Decimal(0)
    dispute_days: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Effect:
    """:ivar cash: freed once, company currency; :ivar days: of DSO"""

    cash: Decimal
    days: Decimal


def a_day(sales):
    """Return the sales of a day."""
    return sales / YEAR


def of_days(standing, days):
    """Return the :class:`Effect` of a DSO that is ``days`` shorter; below zero it is longer.

    >>> effect = of_days(Standing(Decimal(70_000_000), Decimal(12_000_000), Decimal(0)), 5)
    >>> round(effect.cash)
    958904
    """
    if standing.sales <= 0:
        return Undefined(NO_SALES)
    return Effect(a_day(standing.sales) * days, Decimal(days))


def of_overdue_rate(standing, target):
    """Return the :class:`Effect` of an overdue rate of ``target`` percent, all else equal.

    What is not overdue stays; so overdue may be target / (100 - target) of it.

    >>> effect = of_overdue_rate(Standing(*map(Decimal, (365000, 100000, 40000))), 25)
    >>> effect.cash, effect.days
    (Decimal('20000'), Decimal('20'))
    """
    if standing.sales <= 0:
        return Undefined(NO_SALES)
    current = standing.receivables - standing.overdue
    if current < 0 or target >= 100:
        return Undefined(CREDITS_EXCEED)
    cash = standing.overdue - current * Decimal(target) / (100 - Decimal(target))
    return Effect(cash, cash / a_day(standing.sales))


def of_dispute_days(standing, target):
    """Return the :class:`Effect` of disputes that take ``target`` days.

    What is in dispute at a time is as much as the time it stays there.

    >>> standing = Standing(*map(Decimal, (365000, 100000, 40000, 6000, 30)))
    >>> of_dispute_days(standing, 20).cash
    Decimal('2000')
    """
    if standing.sales <= 0:
        return Undefined(NO_SALES)
    if standing.dispute_days <= 0:
        return Effect(Decimal(0), Decimal(0))
    cash = standing.disputed - standing.disputed * Decimal(target) / standing.dispute_days
    return Effect(cash, cash / a_day(standing.sales))
