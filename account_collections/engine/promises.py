"""Was a promise kept? What was promised, what came in by when, and the answer.

Amounts are :class:`~decimal.Decimal`, those of one promise all in one currency. Payments count
on their value date, whenever somebody reconciled them, so that an answer can change when a
payment turns up late in the books, or comes back.

Only money keeps a promise. What is credited is no longer owed: the promise shrinks by it, and
when nothing is left of it, it says nothing of the customer.
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

#: Nothing is left of what was promised: it was credited, or written off in time.
CREDITED = "credited"

#: What settles an item: money; a credit note, by which it was never owed; any other entry.
MONEY = "money"
CREDIT_NOTE = "credit_note"
ENTRY = "entry"

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
class Part:
    """What a promise takes of an item.

    :ivar owed: what was open of the item when the promise was given
    :ivar before: what earlier instalments of the same plan took of it
    """

    item: int
    amount: Decimal
    owed: Decimal
    before: Decimal = ZERO

    def lost(self, relief):
        """Return how much of the part is no longer owed; later instalments lose first.

        :param relief: what of the item was credited since

        >>> part = Part(7, Decimal(600), owed=Decimal(1000))
        >>> part.lost(Decimal(300)), part.lost(Decimal(500))
        (Decimal('0'), Decimal('100'))
        """
        room = max(self.owed - relief, ZERO)
        return self.amount - max(min(self.before + self.amount, room) - self.before, ZERO)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a customer undertook.

    :ivar made: day on which it was given
    :ivar check: last day on which money counts, see :meth:`Tolerance.last_day`
    :ivar settled: {item key: amount of it that was paid when the promise was given}
    :ivar before: what earlier instalments of the same plan promised; money goes to them first
    :ivar credited: as ``settled``, what was credited by then
    :ivar parts: what it takes of its items
    :ivar earlier: what earlier instalments of the same plan take of theirs
    """

    amount: Decimal
    made: date
    check: date
    settled: dict
    before: Decimal = ZERO
    credited: dict = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    earlier: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """What settled an item, on its value date; a payment that came back is none."""

    item: int
    date: date
    amount: Decimal
    kind: str = MONEY


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a promise.

    :ivar received: money that came in time and belongs to it: never more than was promised
    :ivar credited: what is no longer owed of it
    """

    state: str
    received: Decimal
    credited: Decimal = ZERO


def judge(promise, payments, today, tolerance):
    """Judge a promise on ``today``; the order of ``payments`` does not matter.

    >>> promise = Promise(Decimal(1000), date(2026, 3, 18), date(2026, 3, 24), {7: ZERO})
    >>> payments = [Payment(7, date(2026, 3, 21), Decimal(997))]
    >>> judge(promise, payments, date(2026, 3, 25), Tolerance()).state
    'kept'
    """
    relief = _relief(promise, payments)
    credited = _lost(promise.parts, relief)
    left = promise.amount - credited
    if credited and left <= promise.amount - tolerance.least(promise.amount):
        return Verdict(CREDITED, ZERO, credited)
    before = promise.before - _lost(promise.earlier, relief)
    total = sum(_received(promise, payments).values(), ZERO)
    own = min(max(total - before, ZERO), left)
    if total >= tolerance.least(before + left):
        return Verdict(KEPT, own, credited)
    if today <= promise.check:
        return Verdict(OPEN, own, credited)
    return Verdict(PARTLY_KEPT if own else BROKEN, own, credited)


def _received(promise, payments):
    """Return {item key: money that came in for it until the check}."""
    in_time = [one for one in payments if one.kind == MONEY and one.date <= promise.check]
    return _since(promise.made, promise.settled, in_time)


def _relief(promise, payments):
    """Return {item key: what is no longer owed of it}.

    A credit note says that it never was, whenever it is written; another entry, such as a
    write-off, excuses nobody whose promise was broken by then.
    """
    found = [
        one
        for one in payments
        if one.kind == CREDIT_NOTE or (one.kind == ENTRY and one.date <= promise.check)
    ]
    known = {item: promise.credited.get(item, ZERO) for item in promise.settled}
    return _since(promise.made, known, found)


def _lost(parts, relief):
    return sum((part.lost(relief.get(part.item, ZERO)) for part in parts), ZERO)


def _since(made, known, payments):
    """Return {item key: what settled it since the promise was given}.

    What had settled it by then does not count, even if its reconciliation is undone and done
    again; money that had come by then, but was in no book, does.

    :param dict known: {item key: what was known to have settled it when it was given}
    """
    early, late = dict.fromkeys(known, ZERO), dict.fromkeys(known, ZERO)
    for payment in payments:
        if payment.item in known:
            days = early if payment.date <= made else late
            days[payment.item] += payment.amount
    return {item: late[item] + max(early[item] - amount, ZERO) for item, amount in known.items()}


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

    :param states: verdicts on its instalments in the order of their dates; of one that was
        credited there is nothing to judge
    :param int tolerated: instalments that may be missed before it breaks

    >>> judge_plan([KEPT, BROKEN, OPEN], tolerated=0), judge_plan([KEPT, BROKEN, OPEN], tolerated=1)
    ('broken', 'active')
    """
    states = [state for state in states if state != CREDITED]
    missed = sum(state in (PARTLY_KEPT, BROKEN) for state in states)
    if missed > tolerated:
        return BROKEN
    if OPEN in states:
        return ACTIVE
    # Money goes to the oldest instalment first: the last one is kept when all of it came.
    return COMPLETED if not states or states[-1] == KEPT else BROKEN


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
