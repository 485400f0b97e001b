"""When an open item will be paid: dates, weeks, and the risk that it is late."""

from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 13

#: Risks told: to be late by more than so many days.
LATE_BY = (0, 15, 30)


#: Payments that make a habit, and how much likelier than on others its weekday has to be.
ENOUGH = 5
STRIKING = 2.0


#: How often promises are kept, before a customer's own are known, and how many of them it weighs.
KEPT_RATE, KEPT_STRENGTH = 0.6, 4


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is expected of an open item, as of the day it was predicted on.

    :ivar p50: day until which it is paid as likely as not; None beyond all that was ever seen
    :ivar p80: day until which it is paid with a probability of 80 %
    :ivar late: {days: probability to be late by more than these}
    :ivar weeks: probability to be paid in each of the next weeks; the rest is paid later or never
    :ivar usual: the same from habit alone, as if nothing was promised or contested
    :ivar contested: the same of the part that is contested, None without one
    """

    p50: date | None
    p80: date | None
    late: dict
    weeks: tuple
    usual: tuple
    contested: tuple | None


class Predictor:
    """Predicts the items of one customer; those due on one day are alike.

    :param payer: :class:`~.delays.Payer`
    """

    def __init__(self, payer, today):
        self.payer = payer
        self.today = today
        self._now = payer.week.last(today)
        self._ends = [
            payer.week.last(today + timedelta(weeks=week)) - self._now
            for week in range(1, WEEKS + 1)
        ]
        self._known = {}

    def predict(self, due, held_until=None, promised=None, kept=0.0, contested_until=None):
        """Return the :class:`Prediction` of an item.

        :param date held_until: it is contested until then, say: nobody pays it before
        :param date promised: day on which it was promised to be paid
        :param float kept: probability that such a promise is kept
        :param date contested_until: a part of it is contested until then
        """
        key = (due, held_until, promised, kept, contested_until)
        if key not in self._known:
            self._known[key] = self._predict(*key)
        return self._known[key]

    def _predict(self, due, held_until, promised, kept, contested_until):
        usual = unpaid = self.payer.survival(due, self.today)
        if held_until:
            unpaid = self.payer.survival(due, self.today, held_until)
        if promised:
            day = max(self.payer.week.number(promised) - self._now, 1)
            unpaid = _promise(unpaid, day, kept)
        contested = None
        if contested_until:
            contested = self._weeks(self.payer.survival(due, self.today, contested_until))
        return Prediction(
            p50=self._day(unpaid, 0.5),
            p80=self._day(unpaid, 0.2),
            late={days: self._risk(unpaid, due, days) for days in LATE_BY},
            weeks=self._weeks(unpaid),
            usual=self._weeks(usual),
            contested=contested,
        )

    def _weeks(self, unpaid):
        ends = [1.0, *(_after(unpaid, end) for end in self._ends)]
        return tuple(before - after for before, after in zip(ends, ends[1:]))

    def _day(self, unpaid, left):
        for steps, there in enumerate(unpaid, start=1):
            if there <= left:
                return self.payer.week.day(self._now + steps)
        return None

    def _risk(self, unpaid, due, days):
        limit = date.fromordinal(min(due.toordinal() + days, date.max.toordinal()))
        if limit <= self.today:
            return 1.0
        return _after(unpaid, self.payer.week.last(limit) - self._now)


def _after(unpaid, steps):
    """Return the probability to be unpaid after so many open days."""
    return unpaid[min(steps, len(unpaid)) - 1] if steps > 0 else 1.0


def _promise(unpaid, promised, kept):
    """Return what is unpaid if with probability ``kept`` all is paid after ``promised`` days."""
    return [
        kept * (steps < promised) + (1 - kept) * left for steps, left in enumerate(unpaid, start=1)
    ]


def kept_rate(judged, rate):
    """Return the chance that a promise is kept, by how many of the customer's were judged.

    >>> kept_rate(0, None), kept_rate(4, 1.0)
    (0.6, 0.8)
    """
    judged = judged or 0
    return (judged * (rate or 0) + KEPT_STRENGTH * KEPT_RATE) / (judged + KEPT_STRENGTH)


def explain(payer, due, today, held_until=None, promised=None, kept=0.0, contested_until=None):
    """Return the main reasons for a prediction, the weightiest first, as pairs (code, values).

    Arguments are those of :meth:`Predictor.predict`. Codes: ``contested``, ``promised``,
    ``overdue``, then one of ``habit``, ``little_history`` and ``no_history``, and ``weekday``.
    """
    found = []
    if held_until:
        found.append(("contested", {"until": held_until}))
    if promised:
        found.append(("promised", {"day": promised, "percent": round(kept * 100)}))
    if due < today:
        found.append(("overdue", {"days": (today - due).days}))
    if not payer.paid:
        found.append(("no_history", {"common": round(payer.common)}))
    else:
        code = "habit" if payer.paid >= ENOUGH else "little_history"
        values = {"count": payer.paid, "usual": round(payer.usual), "common": round(payer.common)}
        found.append((code, values))
    share = max(payer.factors) / sum(payer.factors)
    if payer.paid >= ENOUGH and share * len(payer.factors) > STRIKING:
        weekday = payer.week.weekday(payer.factors.index(max(payer.factors)))
        found.append(("weekday", {"weekday": weekday}))
    return found


def predict_all(delays, items):
    """Yield (key, :class:`Prediction`, reasons) of open items, one customer after the other.

    :param delays: :class:`~.delays.Delays`
    :param items: {customer: [(key, arguments of :meth:`Predictor.predict` by name)]}

    >>> from .delays import Delays, Observed
    >>> paid = [Observed("A", date(2026, 1, day), date(2026, 2, day), date(2026, 2, day + 5))
    ...         for day in range(1, 21)]
    >>> today = date(2026, 3, 18)
    >>> [(key, found, reasons)] = predict_all(
    ...     Delays(paid, today), {"A": [("invoice", {"due": date(2026, 4, 1)})]})
    >>> found.p50, found.late[0] > 0.75, found.late[15] < 0.1
    (datetime.date(2026, 4, 6), True, True)
    >>> reasons
    [('habit', {'count': 20, 'usual': 5, 'common': 5})]
    """
    for customer, asked in items.items():
        payer = delays.payer(customer)
        predictor = Predictor(payer, delays.today)
        for key, arguments in asked:
            found = predictor.predict(**arguments)
            yield key, found, explain(payer, today=delays.today, **arguments)
