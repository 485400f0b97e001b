"""Early warning: a customer pays later than it used to, and not by chance.

The last payments are compared with those before by ranks (Mann and Whitney's test, corrected for
ties), so that one payment that took a year, or a customer that never was regular, raises no alarm.
What is paid on one day is one observation: one transfer pays many invoices. What is overdue counts
as paid today, the earliest it can be.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class Limits:
    """When a slow-down is worth a warning.

    :ivar days: how far back the last payments reach
    :ivar least: observations that the last payments have to be
    :ivar known: observations that have to be known from before
    :ivar score: standard deviations by which the ranks have to differ from chance
    :ivar slower: days by which it has to be slower, at the median
    """

    days: int = 90
    least: int = 3
    known: int = 12
    score: float = 2.0
    slower: float = 5.0


@dataclass(frozen=True, slots=True)
class Slowdown:
    """What is told of a customer: days late at the median before and of the last payments."""

    before: float
    lately: float
    count: int
    score: float


def slowdown(paid, overdue, today, limits=Limits()):
    """Return the :class:`Slowdown` of a customer, or None.

    :param paid: pairs (day of payment, days late)
    :param overdue: days by which open items are overdue

    >>> from datetime import date
    >>> day = date(2026, 3, 18)
    >>> before = [(day - timedelta(days=100 + 7 * number), number % 3) for number in range(30)]
    >>> found = slowdown(before + [(day - timedelta(days=9 * number), 14) for number in range(5)],
    ...                  [], day)
    >>> found.before, found.lately, found.count
    (1.0, 14.0, 5)
    >>> slowdown(before, [], day) is None
    True
    """
    by_day = defaultdict(list)
    for day, late in paid:
        by_day[day].append(late)
    since = today - timedelta(days=limits.days)
    before = [_mean(late) for day, late in by_day.items() if day <= since]
    lately = [_mean(late) for day, late in by_day.items() if since < day <= today]
    if overdue:
        lately.append(_mean(overdue))
    if len(lately) < limits.least or len(before) < limits.known:
        return None
    usual, now = median(before), median(lately)
    if now - usual < limits.slower:
        return None
    score = rank_score(before, lately)
    if score < limits.score:
        return None
    return Slowdown(float(usual), float(now), len(lately), score)


def rank_score(before, lately):
    """Return by how many standard deviations the ranks of ``lately`` are above chance.

    >>> round(rank_score([1, 2, 3, 4, 5, 6], [7, 8, 9]), 2)
    2.32
    >>> rank_score([1, 1, 1], [1, 1])
    0.0
    """
    ordered = sorted([(value, False) for value in before] + [(value, True) for value in lately])
    count, total, ties, start = len(ordered), 0.0, 0, 0
    while start < count:
        end = start
        while end < count and ordered[end][0] == ordered[start][0]:
            end += 1
        total += (start + 1 + end) / 2 * sum(is_late for _value, is_late in ordered[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    product = len(before) * len(lately)
    expected = len(lately) * (count + 1) / 2
    variance = product / 12 * (count + 1 - ties / (count * (count - 1)))
    return (total - expected) / math.sqrt(variance) if variance > 0 else 0.0


def _mean(values):
    return sum(values) / len(values)


# === EXPOSURE === #


@dataclass(frozen=True, slots=True)
class JumpLimits:
    """When what a customer owes is far more than ever before.

    :ivar known: weeks in which it owed something, to compare with
    :ivar factor: times of the most that it owed
    :ivar deviations: robust standard deviations above the usual
    """

    known: int = 10
    factor: float = 2.0
    deviations: float = 4.0


def jump(before, now, least, limits=JumpLimits()):
    """Return the most that was owed before, where ``now`` is far above it, else None.

    :param before: what was open in each of the last weeks, in any order
    :param least: smaller amounts are worth no warning

    >>> steady = [900, 1000, 1100, 950, 1050, 1000, 980, 1020, 990, 1010]
    >>> jump(steady, 2500, least=500), jump(steady, 2000, least=500)
    (1100, None)
    >>> jump([100, 5000] * 5, 9000, least=500) is None
    True
    """
    if len(before) < limits.known or now < least:
        return None
    most, usual = max(before), median(before)
    spread = 1.4826 * median(abs(value - usual) for value in before)
    if now < limits.factor * most or now < usual + limits.deviations * spread:
        return None
    return most
