"""Was a promise kept? What was promised, what came in by when, and the answer.

Amounts are :class:`~decimal.Decimal`, those of one promise all in one currency. Payments count
on their value date, whenever somebody reconciled them, so that an answer can change when a
payment turns up late in the books, or comes back.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .calendar import WorkingCalendar
from .facts import ZERO

OPEN = "open"
KEPT = "kept"
PARTLY_KEPT = "partly_kept"
BROKEN = "broken"

ACTIVE = "active"
COMPLETED = "completed"

MONTHLY = "monthly"
WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a promise may be missed and still be kept.

    :ivar days: working days after the promised date
    :ivar percent: of the promised amount that may be lacking

    >>> tolerance = Tolerance()
    >>> tolerance.last_day(date(2026, 3, 20))      # a Friday
    datetime.date(2026, 3, 24)
    """

    days: int = 2
    percent: Decimal = Decimal(1)
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    def last_day(self, promised):
        """Return the last day on which money still counts: the day of the check."""
        if self.days:
            return self.calendar.add_open_days(promised, self.days)
        return self.calendar.next_open(promised)

    def least(self, amount):
        """Return the least that keeps a promise of ``amount``."""
        return amount * (1 - self.percent / 100)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a customer undertook.

    :ivar made: day on which it was given
    :ivar check: last day on which money counts, see :meth:`Tolerance.last_day`
    :ivar settled: {item key: amount of it that was paid when the promise was given}
    :ivar before: what earlier instalments of the same plan promised; money goes to them first
    """

    amount: Decimal
    made: date
    check: date
    settled: dict
    before: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payment:
    """Money for an item, on its value date; a payment that came back is none."""

    item: int
    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """``received`` came in time and belongs to the promise: never more than was promised."""

    state: str
    received: Decimal


def judge(promise, payments, today, tolerance):
    """Judge a promise on ``today``; the order of ``payments`` does not matter.

    >>> promise = Promise(Decimal(1000), date(2026, 3, 18), date(2026, 3, 24), {7: ZERO})
    >>> payments = [Payment(7, date(2026, 3, 21), Decimal(997))]
    >>> judge(promise, payments, date(2026, 3, 25), Tolerance()).state
    'kept'
    """
    total = _received(promise, payments)
    due = promise.before + promise.amount
    own = min(max(total - promise.before, ZERO), promise.amount)
    if total >= tolerance.least(due):
        return Verdict(KEPT, own)
    if today <= promise.check:
        return Verdict(OPEN, own)
    return Verdict(PARTLY_KEPT if own else BROKEN, own)


def _received(promise, payments):
    """Return what came in for the promise's items until its check.

    What was paid when the promise was given does not count, even if its reconciliation is
    undone and done again; money that had come by then, but was in no book, does.
    """
    early = dict.fromkeys(promise.settled, ZERO)
    total = ZERO
    for payment in payments:
        if payment.item not in early or payment.date > promise.check:
            continue
        if payment.date <= promise.made:
            early[payment.item] += payment.amount
        else:
            total += payment.amount
    return total + sum(
        (max(early[item] - settled, ZERO) for item, settled in promise.settled.items()), ZERO
    )


def kept_rates(judged):
    """Return the rates of promises kept (by count, by amount), None where nothing was judged.

    :param judged: triples (promised, received in time, whether it counts as kept)

    >>> rows = [(1000, 1000, True), (2000, 2000, True), (5000, 3000, False), (2000, 0, False)]
    >>> kept_rates([(Decimal(p), Decimal(r), kept) for p, r, kept in rows])
    (Decimal('0.5'), Decimal('0.6'))
    """
    if not judged:
        return None, None
    promised = sum((row[0] for row in judged), ZERO)
    received = sum((min(row[1], row[0]) for row in judged), ZERO)
    return Decimal(sum(row[2] for row in judged)) / len(judged), received / promised


# === PLANS === #


def judge_plan(states, tolerated):
    """Return what becomes of a plan: ``active``, ``completed`` or ``broken``.

    :param states: verdicts on its instalments in the order of their dates
    :param int tolerated: instalments that may be missed before it breaks

    >>> judge_plan([KEPT, BROKEN, OPEN], tolerated=0), judge_plan([KEPT, BROKEN, OPEN], tolerated=1)
    ('broken', 'active')
    """
    missed = sum(state in (PARTLY_KEPT, BROKEN) for state in states)
    if missed > tolerated:
        return BROKEN
    if OPEN in states:
        return ACTIVE
    # Money goes to the oldest instalment first: the last one is kept when all of it came.
    return COMPLETED if states[-1] == KEPT else BROKEN


def schedule(total, count, first, every=MONTHLY, first_payment=ZERO, unit=Decimal("0.01")):
    """Return the instalments of a plan as pairs (date, amount); the last takes the rounding.

    :param int count: instalments in all, the first payment included
    :param date first: day of the first one
    :param str every: ``monthly``, on the day of the first as far as months have it, or ``weekly``
    :param first_payment: amount of the first one; zero makes all of them equal
    :param unit: smallest amount of the currency

    >>> schedule(Decimal(100), 3, date(2026, 1, 31))
    [(datetime.date(2026, 1, 31), Decimal('33.33')), \
(datetime.date(2026, 2, 28), Decimal('33.33')), (datetime.date(2026, 3, 31), Decimal('33.34'))]
    """
    amounts = [first_payment] if first_payment else []
    equal = count - len(amounts)
    if equal:
        rest = total - first_payment
        amounts += [(rest / equal).quantize(unit, ROUND_HALF_UP)] * (equal - 1)
        amounts.append(total - sum(amounts, ZERO))
    return [(_step(first, number, every), amount) for number, amount in enumerate(amounts)]


def _step(first, number, every):
    if every == WEEKLY:
        return first + timedelta(weeks=number)
    years, month = divmod(first.month - 1 + number, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def spread(amounts, items):
    """Give each of ``amounts`` its part of ``items``: in their order, both.

    :param items: pairs (key, open amount), the oldest debt first
    :return: for each amount, a list of triples (key, part, what earlier amounts took of it)

    >>> spread([Decimal(50), Decimal(70)], [("a", Decimal(80)), ("b", Decimal(40))])
    [[('a', Decimal('50'), Decimal('0'))], \
[('a', Decimal('30'), Decimal('50')), ('b', Decimal('40'), Decimal('0'))]]
    """
    taken = dict.fromkeys((key for key, _open in items), ZERO)
    shares = []
    for amount in amounts:
        share, left = [], amount
        for key, there in items:
            part = min(left, there - taken[key])
            if part > ZERO:
                share.append((key, part, taken[key]))
                taken[key] += part
                left -= part
        shares.append(share)
    return shares
