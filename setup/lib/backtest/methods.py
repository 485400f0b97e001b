"""The engine, and the baselines that need no library: each learns from what was known on a day.

A method is called with known items and the day, and returns a function from samples to
:class:`Guess`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

from ..engine import load

ENGINE = load("account_collections", "collections_engine")
WEEKS = 4

#: Whose holidays a ledger may keep.
COUNTRIES = ("AU", "BE", "CA", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "NL", "US")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a method says of a sample.

    :ivar paid: day on which it is paid
    :ivar score: the higher, the more probably it is paid late
    :ivar risk: probability to be paid late, None where a method knows none
    :ivar weeks: probability of each of the next four weeks
    :ivar p80: day until which it is paid with a probability of 80 %
    """

    paid: date
    score: float
    weeks: tuple
    risk: float | None = None
    p80: date | None = None


def certain(sample, days_late, **values):
    """Return the guess of a method that knows one day only: it is in the future, at least."""
    paid = max(sample.item.due + timedelta(days=round(days_late)), sample.day + timedelta(days=1))
    week = (paid - sample.day - timedelta(days=1)).days // 7
    weeks = tuple(float(number == week) for number in range(WEEKS))
    return Guess(paid, values.pop("score", days_late), weeks, **values)


def engine(known, day):
    """The product's own prediction."""
    delays, prediction = ENGINE["delays"], ENGINE["prediction"]
    observed = [delays.Observed(one.customer, one.issued, one.due, one.paid) for one in known]
    learnt = delays.Delays(observed, day, holidays=find_holidays(known))
    predictors = {}

    def guess(sample):
        key = (sample.item.customer, sample.day)
        if key not in predictors:
            predictors[key] = prediction.Predictor(learnt.payer(key[0]), sample.day)
        found = predictors[key].predict(sample.item.due)
        far = sample.day + timedelta(days=365)
        return Guess(
            found.p50 or far, found.late[0], found.weeks[:WEEKS], found.late[0], found.p80 or far
        )

    return lambda samples: [guess(sample) for sample in samples]


def find_holidays(known):
    """Return the public holidays that payments keep most of all, of any country of COUNTRIES.

    The product knows its company's country; a ledger does not say, but shows when nobody paid.
    """
    paid = [one.paid for one in known if one.paid]
    if not paid:
        return ()
    week = ENGINE["delays"].open_days(paid)
    years = range(min(paid).year, max(paid).year + 3)
    found = []
    for country in COUNTRIES:
        days = ENGINE["delays"].observed_holidays(paid, _holidays(country, years), week)
        if days:
            over = {day for day in days if day <= max(paid)}
            found.append((sum(day in over for day in paid) / max(len(over), 1), country, days))
    return min(found)[2] if found else ()


@lru_cache
def _holidays(country, years):
    return frozenset(country_holidays(country, years=years))


def global_mean(known, day):
    """Everybody pays as late as all did on the average."""
    mean = _mean([(one.paid - one.due).days for one in known if one.paid], 0)
    return lambda samples: [certain(sample, mean) for sample in samples]


def customer_mean(known, day):
    """Everybody pays as late as on the average; a new customer as all do."""
    late = defaultdict(list)
    for one in known:
        if one.paid:
            late[one.customer].append((one.paid - one.due).days)
    overall = _mean([days for own in late.values() for days in own], 0)
    means = {customer: _mean(own, overall) for customer, own in late.items()}
    return lambda samples: [
        certain(sample, means.get(sample.item.customer, overall)) for sample in samples
    ]


def _mean(values, default):
    return sum(values) / len(values) if values else default
