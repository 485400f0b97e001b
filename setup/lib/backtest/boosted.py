"""The learned model to compare with: scikit-learn's boosted trees, given what the engine is given.

It learns from past days: what was open then, by what was known of the customer on that day, and
from each invoice on the day it was issued. The last weeks are left out, in which only what was paid
fast is known; what is open even so counts as paid today.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta

from .methods import certain
from .samples import Sample, open_on

#: Past days to learn from, the distance between them, and the weeks that are left out.
PAST_DAYS = 13
STEP = timedelta(days=14)
LEFT_OUT = timedelta(days=49)


class History:
    """Features of an item on a day, by what was paid until then."""

    def __init__(self, known):
        self.paid, self.issued, self._seen = defaultdict(list), defaultdict(list), {}
        for one in known:
            self.issued[one.customer].append(one.issued)
            if one.paid:
                self.paid[one.customer].append((one.paid, (one.paid - one.due).days))
        for rows in (*self.paid.values(), *self.issued.values()):
            rows.sort()

    def features(self, sample):
        item, day = sample.item, sample.day
        if (item.customer, day) not in self._seen:
            self._seen[item.customer, day] = self._of_customer(item.customer, day)
        return [
            *self._seen[item.customer, day],
            (day - item.due).days,
            (item.due - item.issued).days,
            math.log1p(item.amount),
            item.due.weekday(),
            item.due.day,
            day.weekday(),
        ]

    def _of_customer(self, customer, day):
        rows = self.paid.get(customer, [])
        rows = rows[: bisect_right(rows, (day, math.inf))]
        late = [days for _paid, days in rows]
        return [
            len(late),
            bisect_right(self.issued.get(customer, []), day) - len(late),
            *_figures(late),
            *_figures(late[-10:]),
            sum(days > 0 for days in late) / len(late) if late else math.nan,
            (day - rows[-1][0]).days if rows else math.nan,
        ]


def _figures(values):
    """Return mean, median, P80, deviation."""
    if not values:
        return [math.nan] * 4
    mean, ordered = sum(values) / len(values), sorted(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return [mean, ordered[len(ordered) // 2], ordered[len(ordered) * 4 // 5], spread]


def boosted(known, day):
    """Days late by absolute error, and late or not, from the same features."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    history = History(known)
    last = day - LEFT_OUT
    past = [Sample(one, one.issued) for one in known if one.issued <= last]
    for number in range(PAST_DAYS):
        past += open_on(known, last - number * STEP)
    features = [history.features(sample) for sample in past]
    late = [((sample.item.paid or day) - sample.item.due).days for sample in past]
    dates = HistGradientBoostingRegressor(loss="absolute_error", random_state=0)
    risks = HistGradientBoostingClassifier(random_state=0)
    # On a few thousand rows, threads wait for each other more than they work.
    with threadpool_limits(1):
        dates.fit(features, late)
        risks.fit(features, [days > 0 for days in late])

    def guess(samples):
        rows = [history.features(sample) for sample in samples]
        return [
            certain(sample, days, score=risk, risk=risk)
            for sample, days, risk in zip(
                samples, dates.predict(rows).tolist(), risks.predict_proba(rows)[:, -1].tolist()
            )
        ]

    return lambda samples: guess(samples) if samples else []
