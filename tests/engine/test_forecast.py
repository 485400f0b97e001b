"""What open items bring by week: parts that add up, bands that hold what chance allows."""

from itertools import product

import pytest
from engine_cases import DAY, MODULES, TODAY
from hypothesis import given, settings
from hypothesis import strategies as st

forecast = MODULES["forecast"]
WEEKS = 13

amounts = st.integers(1, 10**6).map(lambda cents: cents / 100)
chances = st.floats(0, 1, allow_nan=False)
by_week = st.lists(st.floats(0, 1 / WEEKS), min_size=WEEKS, max_size=WEEKS).map(tuple)


def exact(payments):
    """Return {receipts: probability} of independent payments, by looking at all cases."""
    found = {}
    for paid in product((False, True), repeat=len(payments)):
        value, likely = 0.0, 1.0
        for (amount, chance), is_paid in zip(payments, paid):
            value += amount * is_paid
            likely *= chance if is_paid else 1 - chance
        found[value] = found.get(value, 0.0) + likely
    return found


def reached(spread, value):
    return sum(chance for there, chance in spread.items() if there >= value - 1e-6)


def test_published_example():
    """10,000 by .6/.3/.1 and 5,000 by .2/.5/.3: 7,000, 5,500 and 2,500."""
    parts = [(10000.0, (0.6, 0.3, 0.1)), (5000.0, (0.2, 0.5, 0.3))]
    totals = [
        (
            sum(amount * weeks[week] for amount, weeks in parts),
            sum(amount**2 * weeks[week] * (1 - weeks[week]) for amount, weeks in parts),
        )
        for week in range(3)
    ]
    assert [mean for mean, _variance in totals] == pytest.approx([7000, 5500, 2500])
    first, second, _third = forecast.bands(parts, totals)
    # 15,000 with .12, 10,000 with .48, 5,000 with .08, nothing with .32.
    assert (first.p80, first.p50, first.p20) == pytest.approx((0, 10000, 10000), abs=40)
    # 15,000 with .15, 10,000 with .15, 5,000 with .35, nothing with .35.
    assert (second.p80, second.p50, second.p20) == pytest.approx((0, 5000, 10000), abs=40)
    # Both within three weeks for certain; half of what the second week brings in the half of it.
    mean, whole = forecast.horizon(parts, totals, 21)
    assert (mean, whole.p80, whole.p20) == pytest.approx((15000, 15000, 15000), abs=40)
    assert forecast.horizon(parts, totals, 14)[0] == pytest.approx(12500)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(amounts, chances), min_size=1, max_size=7))
def test_bands_are_those_of_all_cases(payments):
    found = forecast.band(list(payments))
    spread = exact(payments)
    slack = (len(payments) + 2) * sum(amount for amount, _chance in payments) / forecast.GRID
    for level, value in zip(forecast.LEVELS, (found.p80, found.p50, found.p20)):
        assert reached(spread, value - slack) >= level - 1e-6
        assert reached(spread, value + slack) <= level + 1e-6
    assert 0 <= found.p80 <= found.p50 <= found.p20


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(amounts, chances), min_size=60, max_size=100))
def test_many_payments_come_to_their_mean(payments):
    mean = sum(amount * chance for amount, chance in payments)
    deviation = sum(amount**2 * chance * (1 - chance) for amount, chance in payments) ** 0.5
    found = forecast.band(list(payments))
    assert abs(found.p50 - mean) <= deviation + 0.02 * sum(amount for amount, _c in payments)
    assert found.p20 - found.p80 <= 4 * deviation + 1


@settings(deadline=None)
@given(
    amounts,
    st.floats(0.1, 10),
    by_week,
    st.lists(st.tuples(amounts, st.integers(-10, 120), chances), max_size=4),
    amounts | st.just(0.0),
)
def test_parts_add_up_to_the_item(amount, rate, usual, promised, disputed):
    asked = [forecast.Promised(own, TODAY + days * DAY, kept) for own, days, kept in promised]
    held = tuple(chance / 2 for chance in usual)
    parts = forecast.split(amount, amount * rate, usual, TODAY, asked, disputed, held)
    assert sum(part.amount for part in parts) == pytest.approx(amount)
    assert sum(part.amount_currency for part in parts) == pytest.approx(amount * rate)
    for part in parts:
        assert part.amount > 0
        assert len(part.weeks) == WEEKS
        assert sum(part.weeks) <= 1 + 1e-6


@pytest.mark.parametrize(
    "days, week",
    [(-3, 0), (0, 0), (1, 0), (7, 0), (8, 1), (91, 12)],
)
def test_a_promise_lies_in_its_week(days, week):
    weeks = forecast.promised_weeks((0.0,) * WEEKS, days, 0.8)
    assert weeks.index(0.8) == week


def test_a_promise_beyond_the_weeks_is_not_in_them():
    assert sum(forecast.promised_weeks((0.05,) * WEEKS, 92, 0.8)) == pytest.approx(0.2 * 0.65)


def test_what_is_absurd_or_nothing():
    assert forecast.band([]) == forecast.Band(0.0, 0.0, 0.0)
    huge = forecast.band([(1e15, 0.5), (0.01, 0.5)], 1.0, 1.0)
    assert huge.p20 == pytest.approx(1e15, rel=0.02)
    assert forecast.split(0.0, 5.0, (1.0,), TODAY) == []
    assert forecast.net([], 5.0) == []
    assert forecast.error([5.0], [-1.0]).together is None
