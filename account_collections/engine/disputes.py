"""Figures of disputes: how old, how long to resolve, until when, how much of the sales.

Days are calendar days unless they are called working days. While a dispute awaits the
customer its clock stands still. Amounts are :class:`~decimal.Decimal`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .facts import ZERO

#: Steps of escalation of a dispute past its deadline.
LAST_STEP = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The life of a dispute.

    :ivar amount: disputed amount, company currency
    :ivar resolved: day of its resolution, None while it is open
    :ivar stopped: days for which the clock stood still, as far as they are over
    :ivar waiting_since: day since which the clock stands still, None when it runs
    """

    opened: date
    resolved: date | None = None
    amount: Decimal = ZERO
    stopped: int = 0
    waiting_since: date | None = None


def age(span, today):
    """Return the days that the clock of a dispute ran, until its resolution or ``today``.

    >>> age(Span(date(2026, 3, 2), stopped=4), date(2026, 3, 18))
    12
    >>> age(Span(date(2026, 3, 2), waiting_since=date(2026, 3, 5)), date(2026, 3, 18))
    3
    """
    end = span.resolved or span.waiting_since or today
    return max((end - span.opened).days - span.stopped, 0)


def mean_days(spans):
    """Return the mean time to resolve in days, None when nothing is resolved.

    >>> first = date(2026, 1, 1)
    >>> rows = [(5, 1000), (12, 3000), (31, 6000)]
    >>> spans = [Span(first, first + timedelta(days=d), Decimal(a)) for d, a in rows]
    >>> mean_days(spans), round(weighted_days(spans), 1)
    (Decimal('16'), Decimal('22.7'))
    """
    days = [age(span, span.resolved) for span in spans if span.resolved]
    return Decimal(sum(days)) / len(days) if days else None


def weighted_days(spans):
    """Return the mean time to resolve weighted by the disputed amounts, None without any."""
    resolved = [span for span in spans if span.resolved]
    total = sum((span.amount for span in resolved), ZERO)
    if not total:
        return None
    return sum((age(span, span.resolved) * span.amount for span in resolved), ZERO) / total


def deadline(opened, working_days, calendar):
    """Return the day by which a dispute should be resolved.

    :param calendar: :class:`~.calendar.WorkingCalendar`
    """
    return calendar.add_open_days(opened, working_days)


def resumed_deadline(due, stopped_on, today, calendar):
    """Return the deadline once the clock runs again: the working days left are still left.

    A deadline that had passed before the clock stopped does not come back.

    :param due: deadline before the clock stopped
    """
    if due <= stopped_on:
        return due
    days = (stopped_on + timedelta(days=n) for n in range(1, (due - stopped_on).days + 1))
    return calendar.add_open_days(today, sum(calendar.is_open(day) for day in days))


def escalation_step(due, today, every, calendar):
    """Return how far a dispute past its deadline has to be escalated, 0 for not at all.

    The first step is taken the day after the deadline, the next ones ``every`` working days
    apart, the third is the last.
    """
    if today <= due:
        return 0
    step, day = 1, due
    while every and step < LAST_STEP:
        day = calendar.add_open_days(day, every)
        if today <= day:
            break
        step += 1
    return step


def rate(disputed, invoiced):
    """Return the disputed share of what was invoiced, in percent; None without invoices.

    Both are amounts or both are numbers of invoices.

    >>> round(rate(560, 2466), 1)
    Decimal('22.7')
    """
    return Decimal(disputed) * 100 / Decimal(invoiced) if invoiced else None


def disputed_days_of_sales(disputed, sales, days):
    """Return the days by which disputes lengthen the DSO, None without sales.

    As the simple DSO is receivables / sales x days, its disputed part is this.

    :param disputed: amount in dispute at the end of the period
    :param sales: sales of the period, tax included
    :param days: length of the period

    >>> round(disputed_days_of_sales(Decimal(22000), Decimal(310000), 92), 2)
    Decimal('6.53')
    """
    return disputed / sales * days if sales else None


def spread(amount, rooms):
    """Return ``amount`` laid over ``rooms`` in their order, none given more than it holds.

    >>> spread(Decimal(70), [Decimal(50), Decimal(50)])
    [Decimal('50'), Decimal('20')]
    """
    parts = []
    for room in rooms:
        part = min(amount, room)
        parts.append(part)
        amount -= part
    return parts
