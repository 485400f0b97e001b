"""Backtests use what was known on a day, and count what came of it."""

import doctest
from datetime import date, timedelta

import pytest
from benches import prediction, warning

from lib.backtest import methods, samples, scores
from lib.progress import SetupError

DAY = timedelta(days=1)
START = date(2025, 1, 6)

METHODS = {
    name: getattr(methods, name) for name in ("engine", "global_mean", "customer_mean")
}


def make_items(late, count=120):
    """Return items of customers, due every third day and paid so many days late."""
    return [
        samples.Item(
            customer,
            due - 30 * DAY,
            due,
            due + days * DAY,
            100.0,
        )
        for customer, days in late.items()
        for due in (START + 3 * number * DAY for number in range(count))
    ]


ITEMS = make_items({"prompt": 0, "slow": 20})


def test_examples():
    assert doctest.testmod(scores).failed == 0


def test_nothing_of_the_future_is_known():
    day = START + 200 * DAY
    for item in samples.known_on(ITEMS, day):
        assert item.issued <= day
        assert item.paid is None or item.paid <= day
    # What happens later changes no guess.
    changed = [
        samples.Item(one.customer, one.issued, one.due, one.paid + 99 * DAY, one.amount)
        if one.paid > day
        else one
        for one in ITEMS
    ]
    there = samples.open_on(ITEMS, day)
    guesses = [
        method(samples.known_on(ledger, day), day)(there)
        for ledger in (ITEMS, changed)
        for method in METHODS.values()
    ]
    assert guesses[:3] == guesses[3:]


def test_regular_payers_are_foretold():
    figures = prediction.measure(ITEMS, START + 200 * DAY, METHODS)
    assert figures["mae"] < 1.5 < figures["mae_global_mean"]
    assert figures["auc"] == 1
    assert figures["auc_global_mean"] == 0.5
    assert figures["weekly_error"] < 0.2
    assert figures["four_weeks_error"] < 0.1


def test_cash_that_came_as_told():
    day = START + 200 * DAY
    there = [one for one in samples.open_on(ITEMS, day) if one.item.paid <= day + 28 * DAY]
    told = [methods.certain(one, one.days_late) for one in there]
    found = scores.cash(there, told)
    assert (found["weekly_error"], found["four_weeks_error"], found["weekly_noise"]) == (0, 0, 0)


@pytest.mark.parametrize("items", [[], ITEMS[:1], make_items({"A": 0}, count=2)])
def test_a_ledger_that_is_too_short_is_refused(items):
    with pytest.raises(SetupError):
        samples.choose_days(items)


def test_who_slows_down_is_found():
    """Payments all over a month, so that dealing them out anew leaves no pattern."""
    payments = {
        name: [(START + 4 * number * DAY, number * 7 % 5) for number in range(150)]
        for name in "ABCDEFGH"
    }
    days = [START + number * warning.MONTH for number in range(5, 19)]
    found = warning.measure(payments, days, warning.random.Random(0))
    assert found["watched"] > 5
    assert found["false_per_100"] < 2
    assert found["found"] > 0.9
