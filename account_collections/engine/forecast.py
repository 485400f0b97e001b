"""Expected receipts: what open items bring in the weeks to come, and how sure that is.

A *part* of an item is paid in one of the weeks, later or never, by itself: what an item brings in a
week is its amount times the probability of that week. A period's receipts are a sum of such parts.
Its distribution is worked out on a grid: the parts that move it most one by one, exactly, and all
others together as a normal distribution, which many small ones come to.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

USUAL, PROMISED, DISPUTED = KINDS = ("usual", "promised", "disputed")

#: Steps of the grid: a figure of a band is exact to this part of what may come in at most.
GRID = 400

#: Parts looked at one by one, and how far the others may be from their mean.
MOST_LARGE = 40
DEVIATIONS = 4.0

#: Less than this share of an item is a trace of arithmetic.
TRACE = 1e-9

#: Levels of a band: receipts that are reached with this probability.
LEVELS = (0.8, 0.5, 0.2)


class Part(NamedTuple):
    """A part of an open item.

    :ivar kind: ``usual``, ``promised`` or ``disputed``
    :ivar amount: in company currency
    :ivar amount_currency: in the item's own
    :ivar weeks: probability to be paid in each of the next weeks
    :ivar day: the day it is promised for
    """

    kind: str
    amount: float
    amount_currency: float
    weeks: tuple
    day: date | None = None


class Promised(NamedTuple):
    """A promised part of an item, in the item's currency; ``kept`` is the chance that it is."""

    amount_currency: float
    day: date
    kept: float


@dataclass(frozen=True, slots=True)
class Band:
    """Receipts that are reached with 80, 50 and 20 %: the prudent, the middle, the good case."""

    p80: float
    p50: float
    p20: float


# === PARTS OF AN ITEM === #


def net(debts, credit):
    """Return what is left of ``debts``, the first ones being met by ``credit``.

    What is left of the credit is nobody's payment: it makes no other receipt smaller.

    >>> net([100.0, 50.0, 80.0], 120.0)
    [0.0, 30.0, 80.0]
    >>> net([100.0], 500.0)
    [0.0]
    """
    left = []
    for debt in debts:
        met = min(debt, credit)
        left.append(debt - met)
        credit -= met
    return left


def split(amount, amount_currency, usual, today, promised=(), disputed=0.0, held=None):
    """Return the :class:`Part` list of an item: contested, promised, and the rest.

    What is contested is not promised; no part exceeds what is left of the item.

    :param usual: probabilities by week, from habit
    :param promised: :class:`Promised` parts, the earliest first
    :param disputed: contested amount, in company currency
    :param held: probabilities by week of what is contested

    >>> weeks = (0.5, 0.3)
    >>> parts = split(1000.0, 1000.0, weeks, date(2026, 3, 18), disputed=100.0, held=(0.0, 0.1),
    ...               promised=[Promised(600.0, date(2026, 3, 27), 0.8)])
    >>> [(part.kind, part.amount) for part in parts]
    [('disputed', 100.0), ('promised', 600.0), ('usual', 300.0)]
    >>> [round(chance, 2) for chance in parts[1].weeks]
    [0.1, 0.86]
    """
    own = amount_currency / amount if amount else 1.0
    parts, left, trace = [], amount, TRACE * amount
    if (contested := min(disputed, left)) > trace:
        parts.append(Part(DISPUTED, contested, contested * own, held or usual))
        left -= contested
    for one in promised:
        taken = min(one.amount_currency / own if own else 0.0, left)
        if taken > trace:
            weeks = promised_weeks(usual, (one.day - today).days, one.kept)
            parts.append(Part(PROMISED, taken, taken * own, weeks, one.day))
            left -= taken
    if left > trace:
        parts.append(Part(USUAL, left, left * own, usual))
    return parts


def promised_weeks(usual, days, kept):
    """Return the probabilities by week of what is promised for a day ``days`` days from now.

    With probability ``kept`` it is paid in that day's week (in the first one, if that day is
    over), else as usual.

    >>> promised_weeks((0.25, 0.25), 8, 0.5)
    (0.125, 0.625)
    """
    week = max(days - 1, 0) // 7
    return tuple(
        kept * (number == week) + (1 - kept) * chance for number, chance in enumerate(usual)
    )


def within(weeks, days):
    """Return what of figures by week falls within so many days; of a week its even share.

    >>> within([70.0, 7.0], 8)
    71.0
    >>> within([70.0, 7.0], 100)
    77.0
    """
    whole, rest = divmod(days, 7)
    return sum(weeks[:whole]) + sum(weeks[whole : whole + 1]) * rest / 7


# === BANDS === #


def band(chances, mean=0.0, variance=0.0):
    """Return the :class:`Band` of a sum of independent payments.

    :param chances: pairs (amount, probability) of the largest ones
    :param mean: what all others bring on the average, and its ``variance``

    >>> band([(10000.0, 0.6)])
    Band(p80=0.0, p50=10000.0, p20=10000.0)
    >>> wide = band([], 1000.0, 100.0 ** 2)
    >>> round(wide.p80, -1), round(wide.p50, -1), round(wide.p20, -1)
    (920.0, 1000.0, 1080.0)
    """
    chances = [(amount, chance) for amount, chance in chances if amount > 0 and chance > 0]
    chances.sort(key=lambda one: -_variance(*one))
    for amount, chance in chances[MOST_LARGE:]:
        mean += amount * chance
        variance += _variance(amount, chance)
    low, step, spread = _grid(chances[:MOST_LARGE], mean, math.sqrt(max(variance, 0.0)))
    for amount, chance in chances[:MOST_LARGE]:
        spread = _add(spread, amount / step, chance) if step else spread
    return Band(*(_reached(spread, low, step, level) for level in LEVELS))


def _variance(amount, chance):
    return amount * amount * chance * (1 - chance)


def _grid(large, mean, deviation):
    """Return (first value, step, probabilities) of a grid, with all but the large ones on it."""
    low = max(mean - DEVIATIONS * deviation, 0.0)
    high = mean + DEVIATIONS * deviation + sum(amount for amount, _chance in large)
    step = (high - low) / GRID
    if not step:
        return low, 0.0, [1.0]
    # Each large one may end up a step further than it is.
    beyond = [0.0] * (len(large) + 1)
    if not deviation:
        return low, step, [1.0] + [0.0] * GRID + beyond
    edges = [_normal((low + (number + 0.5) * step - mean) / deviation) for number in range(GRID)]
    spread = [after - before for before, after in zip([0.0, *edges], [*edges, 1.0])]
    return low, step, spread + beyond


def _normal(value):
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def _add(spread, steps, chance):
    """Return the distribution with one more payment; between two steps, both have a share."""
    whole = int(steps)
    rest = steps - whole
    stays, here, beyond = 1 - chance, chance * (1 - rest), chance * rest
    size = len(spread)
    moved = [0.0] * whole + spread
    further = [0.0] * (whole + 1) + spread
    return [
        stays * spread[number] + here * moved[number] + beyond * further[number]
        for number in range(size)
    ]


def _reached(spread, low, step, level):
    """Return the largest value that is reached with at least this probability."""
    beyond = 0.0
    for number in range(len(spread) - 1, 0, -1):
        beyond += spread[number]
        if beyond >= level - 1e-9:
            return low + number * step
    return low


def bands(parts, totals):
    """Return the :class:`Band` of each week.

    :param parts: pairs (amount, probabilities by week) of the largest parts
    :param totals: pairs (mean, variance) by week of all parts, these included
    """
    found = []
    for week, (mean, variance) in enumerate(totals):
        chances = [(amount, weeks[week]) for amount, weeks in parts]
        found.append(band(chances, *_others(chances, mean, variance)))
    return found


def horizon(parts, totals, days):
    """Return (mean, :class:`Band`) of what comes within so many days; see :func:`bands`.

    Of all but the largest parts the weeks count as independent of each other, which makes the
    band a little wider than it is.
    """
    chances = [(amount, within(weeks, days)) for amount, weeks in parts]
    mean = within([one for one, _variance in totals], days)
    others = [
        _others([(amount, weeks[week]) for amount, weeks in parts], *total)
        for week, total in enumerate(totals)
    ]
    rest = within([one for one, _variance in others], days)
    variance = within([one for _mean, one in others], days)
    return mean, band(chances, rest, variance)


def _others(chances, mean, variance):
    """Return (mean, variance) of all but these."""
    mean -= sum(amount * chance for amount, chance in chances)
    variance -= sum(_variance(*one) for one in chances)
    return max(mean, 0.0), max(variance, 0.0)


# === WHAT CAME OF IT === #


@dataclass(frozen=True, slots=True)
class Error:
    """How far a forecast was from what came, as shares of what came; None where nothing came.

    :ivar weekly: the mean distance of the weeks
    :ivar together: the distance of all of them together; above zero, more was expected
    """

    weekly: float | None
    together: float | None


def error(expected, received):
    """Return the :class:`Error` of weeks that are over.

    >>> error([100.0, 50.0], [80.0, 80.0])
    Error(weekly=0.3125, together=-0.0625)
    >>> error([100.0], [0.0])
    Error(weekly=None, together=None)
    """
    total = sum(received)
    if total <= 0:
        return Error(None, None)
    apart = sum(abs(one - other) for one, other in zip(expected, received))
    return Error(apart / total, (sum(expected) - total) / total)
