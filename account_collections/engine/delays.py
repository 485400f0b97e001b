"""How long customers take to pay: hazards per open day of lateness, learnt from a ledger.

A *hazard* is the probability that what is unpaid until a day is paid on that day. Counting by
hazards, an item that is still open is evidence too: it has not been paid on any day until today.

Lateness is counted in open days: weekdays on which nobody here pays are no days at all, so that
what falls due on a Saturday and is paid on Monday is paid on its day.

A customer's hazards are its own, as far as there is history, shrunk to those of customers who pay
alike, and these to the whole portfolio (the posterior of a beta-Stacy process, which for known
payment days is that of a Dirichlet process). Old history weighs less.
"""

import itertools
import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

#: Open days before and after the due date that are told apart.
EARLIEST, LATEST = -60, 140
SPAN = LATEST - EARLIEST + 1

#: What is believed of a portfolio without any history, worth this many payments.
BELIEF = 2.0
BELIEVED_BEFORE, BELIEVED_AFTER = 0.01, 0.08

#: A weekday with less than this share of an average weekday's payments is closed.
CLOSED_SHARE = 0.15
LEAST_TO_CLOSE = 60
MOST_CLOSED = 3

#: Items at risk that a day's hazard in the portfolio rests on: where there are fewer, days borrow
#: from their neighbours.
SMOOTH = 40.0

#: Payments from which a customer's own weekdays are looked at, and what the portfolio's weigh.
LEAST_FOR_WEEKDAYS = 8
WEEKDAY_STRENGTH = 6.0

#: Public holidays count as closed where less than this share of what other days bring was paid on
#: those that are over, and so many payments could have been.
HOLIDAY_SHARE = 0.3
LEAST_ON_HOLIDAYS = 10

#: However late an item is, belief keeps this share of its strength: a customer of whom nobody saw
#: such an item paid is not one who never pays it.
FLOOR = 0.3

#: Nothing is paid on a day for certain.
SURE = 0.97


class Observed(NamedTuple):
    """One item's history: when it was issued, due and paid; ``paid`` is None while it is open."""

    customer: object
    issued: date
    due: date
    paid: date | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How much history weighs.

    :ivar half_life: days after which an item weighs half
    :ivar strength: payments that customers who pay alike are worth beside the customer's own
    :ivar group_strength: the same, of the portfolio beside customers who pay alike
    :ivar groups: into how many groups of customers who pay alike the portfolio is divided
    """

    half_life: float = 180
    strength: float = 8
    group_strength: float = 40
    groups: int = 6


class OpenDays:
    """Numbers the days on which there are payments; a closed day has the number of the next.

    >>> week = OpenDays(closed={5, 6})
    >>> week.number(date(2026, 3, 21)) == week.number(date(2026, 3, 23))    # Saturday, Monday
    True
    >>> week.day(week.number(date(2026, 3, 20)) + 1)
    datetime.date(2026, 3, 23)
    """

    __slots__ = ("closed", "length", "_open", "_rank")

    def __init__(self, closed=()):
        self.closed = frozenset(closed)
        self._open = [weekday for weekday in range(7) if weekday not in self.closed]
        self.length = len(self._open)
        self._rank = [sum(other < weekday for other in self._open) for weekday in range(7)]

    def number(self, day):
        weeks, weekday = divmod(day.toordinal() - 1, 7)
        return weeks * self.length + self._rank[weekday]

    def last(self, day):
        """Return the number of the last open day until and including ``day``."""
        return self.number(day) - (day.weekday() in self.closed)

    def day(self, number):
        weeks, rank = divmod(number, self.length)
        return date.fromordinal(weeks * 7 + self._open[rank] + 1)

    def weekday(self, slot):
        return self._open[slot]


def open_days(paid):
    """Return the :class:`OpenDays` that payment dates speak of; all days while there are few."""
    counts = [0] * 7
    for day in paid:
        counts[day.weekday()] += 1
    total = sum(counts)
    if total < LEAST_TO_CLOSE:
        return OpenDays()
    closed = [day for day in range(7) if counts[day] < CLOSED_SHARE * total / 7]
    # Who pays on two days of the week has a habit; on the others one may pay.
    return OpenDays(closed if len(closed) <= MOST_CLOSED else ())


def observed_holidays(paid, holidays, week):
    """Return those of ``holidays`` that fall on open days, if payments keep them at all.

    >>> days = [date(2026, 3, number) for number in range(2, 32)]
    >>> holiday, later = date(2026, 3, 19), date(2026, 12, 25)
    >>> paid = [day for day in days if day.weekday() < 5 and day != holiday for _each in range(20)]
    >>> observed_holidays(paid, {holiday, later}, OpenDays({5, 6})) == {holiday, later}
    True
    >>> observed_holidays(paid + [holiday] * 20, {holiday, later}, OpenDays({5, 6}))
    frozenset()
    """
    if not paid:
        return frozenset()
    first, last = min(paid), max(paid)
    ours = frozenset(day for day in holidays if day.weekday() not in week.closed)
    over = {day for day in ours if first <= day <= last}
    usual = len(paid) / (week.number(last) - week.number(first) + 1) * len(over)
    kept = sum(day in over for day in paid) < HOLIDAY_SHARE * usual
    return ours if kept and usual >= LEAST_ON_HOLIDAYS else frozenset()


class Counts:
    """Weighted payments and items at risk, by the slot of the due date and open days of lateness.

    :param sights: (slot, first day at risk, last day, paid, weight), days as indices from 0
    """

    __slots__ = ("_length", "_rows", "days", "total")

    def __init__(self, sights, length):
        self._length = length
        self._rows = {}
        self.total = 0.0
        for slot, start, end, paid, weight in sights:
            if slot not in self._rows:
                self._rows[slot] = ([0.0] * SPAN, [0.0] * (SPAN + 1))
            events, changes = self._rows[slot]
            changes[start] += weight
            changes[end + 1] -= weight
            if paid:
                events[end] += weight
                self.total += weight
        first = min((sight[1] for sight in sights), default=0)
        last = max((sight[2] for sight in sights), default=-1)
        self.days = range(first, last + 1)
        for slot, (events, changes) in self._rows.items():
            self._rows[slot] = (events, list(itertools.accumulate(changes)))

    def summed(self, factors):
        """Return (payments, items at risk times their weekday's factor) by days of lateness."""
        events, at_risk = [0.0] * SPAN, [0.0] * SPAN
        for slot, (paid, risk) in self._rows.items():
            phase = slot + EARLIEST
            for index in self.days:
                events[index] += paid[index]
                at_risk[index] += risk[index] * factors[(phase + index) % self._length]
        return events, at_risk

    def weekday_factors(self, hazards, believed):
        """Return what each slot of the week makes of the hazards, shrunk to ``believed``."""
        seen, expected = [0.0] * self._length, [0.0] * self._length
        for due, (paid, risk) in self._rows.items():
            phase = due + EARLIEST
            for index in self.days:
                slot = (phase + index) % self._length
                seen[slot] += paid[index]
                expected[slot] += risk[index] * hazards[index]
        total = sum(expected)
        scale = sum(seen) / total if total > 0 else 1.0
        return [
            (paid + WEEKDAY_STRENGTH * belief) / (scale * max(there, 0.0) + WEEKDAY_STRENGTH)
            for paid, there, belief in zip(seen, expected, believed)
        ]


class Belief:
    """Hazards, and the share of items that they leave unpaid until each day: see ``FLOOR``."""

    __slots__ = ("hazards", "left")

    def __init__(self, hazards):
        self.hazards, self.left = hazards, []
        left = 1.0
        for hazard in hazards:
            self.left.append(max(left, FLOOR))
            left *= 1 - hazard


class Delays:
    """What a ledger tells of delays, as of a day.

    :param observed: :class:`Observed` items, open ones included
    :param date today: nothing after it is used
    :param holidays: days on which banks are closed, of the past and to come
    """

    def __init__(self, observed, today, settings=Settings(), holidays=()):
        self.today = today
        self.settings = settings
        known = [
            one if one.paid is None or one.paid <= today else one._replace(paid=None)
            for one in observed
            if one.issued <= today
        ]
        paid = [one.paid for one in known if one.paid]
        self.week = open_days(paid)
        ahead = observed_holidays(paid, holidays, self.week)
        self.closed = frozenset(self.week.number(day) for day in ahead if day > today)
        self._sights = self._see(known)
        self._learn_portfolio()
        self._learn_groups()

    def _see(self, known):
        """Return {customer: [(slot, first day at risk, last day, paid, weight)]}.

        In an order of their own: sums of floats depend on it, the ledger's must not matter.
        """
        week, decay = self.week, math.log(2) / self.settings.half_life
        now = week.last(self.today)
        sights = defaultdict(list)
        for customer, issued, due, paid in known:
            number = week.number(due)
            end = (week.number(paid) if paid else now) - number
            start = min(week.number(issued) - number, end)
            # By the day it was issued: by that of its payment, what is paid late would weigh more.
            age = (self.today - issued).days
            sights[customer].append(
                (
                    number % week.length,
                    min(max(start, EARLIEST), LATEST) - EARLIEST,
                    min(max(end, EARLIEST), LATEST) - EARLIEST,
                    paid is not None and end <= LATEST,
                    math.exp(-decay * age),
                )
            )
        return {customer: sorted(sights[customer]) for customer in sorted(sights, key=str)}

    # === PORTFOLIO === #

    def _learn_portfolio(self):
        counts = Counts(list(itertools.chain(*self._sights.values())), self.week.length)
        even = self.factors = [1.0] * self.week.length
        believed = [
            BELIEVED_BEFORE if index + EARLIEST < 0 else BELIEVED_AFTER for index in range(SPAN)
        ]
        for _turn in range(3):
            events, risk = counts.summed(self.factors)
            self.hazards = _shrink(*_smooth(events, risk), Belief(believed), BELIEF)
            self.factors = counts.weekday_factors(self.hazards, even)

    # === CUSTOMERS WHO PAY ALIKE === #

    def _learn_groups(self):
        """Divide customers by their usual lateness, itself shrunk to that of the portfolio."""
        usual = {customer: _usual(sights) for customer, sights in self._sights.items()}
        weight = sum(count for count, _sum in usual.values())
        self.usual = sum(total for _count, total in usual.values()) / weight if weight else 0.0
        self._usual = {
            customer: (total + 3 * self.usual) / (count + 3)
            for customer, (count, total) in usual.items()
        }
        ordered = sorted(self._usual, key=lambda customer: (self._usual[customer], str(customer)))
        self._bounds = []
        members, filled = [[]], 0.0
        for customer in ordered:
            share = weight * len(members) / max(self.settings.groups, 1)
            if filled >= share > 0 and self._usual[members[-1][-1]] < self._usual[customer]:
                self._bounds.append(self._usual[customer])
                members.append([])
            members[-1].append(customer)
            filled += usual[customer][0]
        portfolio = Belief(self.hazards)
        self._groups = [self._group(customers, portfolio) for customers in members]

    def _group(self, customers, portfolio):
        sights = itertools.chain.from_iterable(self._sights[customer] for customer in customers)
        counts = Counts(list(sights), self.week.length)
        smoothed = _smooth(*counts.summed(self.factors))
        return Belief(_shrink(*smoothed, portfolio, self.settings.group_strength))

    # === ONE CUSTOMER === #

    def payer(self, customer):
        """Return the :class:`Payer`: what is believed of one customer."""
        sights = self._sights.get(customer, ())
        if not sights:
            common = self._in_days(self.usual)
            return Payer(self.week, self.hazards, self.factors, self.closed, common=common)
        group = self._groups[bisect_right(self._bounds, self._usual[customer])]
        counts = Counts(sights, self.week.length)
        events, risk = counts.summed(self.factors)
        hazards = _shrink(events, risk, group, self.settings.strength, counts.days)
        factors = self.factors
        if counts.total >= LEAST_FOR_WEEKDAYS:
            factors = counts.weekday_factors(hazards, factors)
        weight, total = _usual(sights)
        return Payer(
            self.week,
            hazards,
            factors,
            self.closed,
            paid=sum(sight[3] for sight in sights),
            usual=self._in_days(total / weight) if weight else None,
            common=self._in_days(self.usual),
        )

    def _in_days(self, open_days):
        return open_days * 7 / self.week.length


@dataclass(frozen=True, slots=True)
class Payer:
    """Hazards of a customer by open days of lateness, and the factors of weekdays on them.

    :ivar closed: numbers of the days that are holidays: what is due then is paid the day after
    :ivar paid: payments of the customer that they were learnt from
    :ivar usual: days late that were usual for it, old ones weighing less; None without any
    :ivar common: the same of the whole portfolio
    """

    week: OpenDays
    hazards: list
    factors: list
    closed: frozenset = frozenset()
    paid: int = 0
    usual: float | None = None
    common: float = 0.0

    def survival(self, due, today, held_until=None, horizon=400, least=0.005):
        """Return the probabilities to be unpaid after each open day that follows ``today``.

        They end where hardly anything is left, or at the horizon.

        :param date held_until: until then nobody pays, for a reason of its own
        """
        now, length = self.week.last(today), self.week.length
        waits = max(self.week.last(held_until) - now, 0) if held_until else 0
        unpaid, left = [1.0] * min(waits, horizon), 1.0
        hazards, factors = self.hazards, self.factors
        first = now + 1 + waits
        index = first - self.week.number(due) - EARLIEST
        put_off = 1.0
        for slot in range(first, now + 1 + horizon):
            hazard = hazards[min(max(index, 0), SPAN - 1)] * factors[slot % length]
            put_off *= 1 - min(hazard, SURE)
            if slot not in self.closed:
                left *= put_off
                put_off = 1.0
            unpaid.append(left)
            if left < least:
                break
            index += 1
        return unpaid


# === COUNTING === #


def _usual(sights):
    """Return (weight, weighted sum of lateness), of which extremes count as less extreme."""
    paid = [(weight, min(max(end + EARLIEST, -25), 40)) for _s, _b, end, is_paid, weight in sights
            if is_paid]  # fmt: skip
    return sum(weight for weight, _late in paid), sum(weight * late for weight, late in paid)


def _smooth(events, risk):
    """Return payments and items at risk, those of thin days together with their neighbours'."""
    summed_events, summed_risk = _cumulated(events), _cumulated(risk)
    smooth_events, smooth_risk = [], []
    for index in range(SPAN):
        low, high = index, index + 1
        while summed_risk[high] - summed_risk[low] < SMOOTH and high - low < 31:
            low, high = max(low - 1, 0), min(high + 1, SPAN)
            if low == 0 and high == SPAN:
                break
        width = high - low
        smooth_events.append((summed_events[high] - summed_events[low]) / width)
        smooth_risk.append((summed_risk[high] - summed_risk[low]) / width)
    return smooth_events, smooth_risk


def _cumulated(values):
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _shrink(events, risk, belief, strength, days=range(SPAN)):
    """Return the posterior hazards: what was seen, and ``strength`` payments as believed.

    :param days: those on which anything was seen; on the others belief stands
    """
    hazards = list(belief.hazards)
    for index in days:
        left = strength * belief.left[index]
        hazards[index] = min((events[index] + left * hazards[index]) / (risk[index] + left), 1.0)
    return hazards
