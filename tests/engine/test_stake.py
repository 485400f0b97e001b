"""What is at stake: worked figures, and what holds whatever the figures are."""

import pytest
from engine_cases import MODULES
from hypothesis import given
from hypothesis import strategies as st

stake = MODULES["stake"]
Stake = stake.Stake


@pytest.mark.parametrize(
    ("figures", "at_risk", "gain", "per_minute"),
    [
        ((12000, 0.6, 0.3, 6), 7200, 2160, 360),
        ((12000, 0.6, 0.15, 1), 7200, 1080, 1080),  # to approve a letter is quicker done
        ((500, 1, 0.3, 6), 500, 150, 25),
        ((9000, 0, 0.3, 6), 0, 0, 0),  # it comes by itself
        ((9000, 0.5, 0, 6), 4500, 0, 0),  # nothing can be done about it
        ((-300, 0.5, 0.3, 6), 0, 0, 0),  # we owe them
        ((0, 0.9, 0.3, 6), 0, 0, 0),
    ],
)
def test_worked_figures(figures, at_risk, gain, per_minute):
    found = Stake(*figures)
    assert found.at_risk == pytest.approx(at_risk)
    assert found.gain == pytest.approx(gain)
    assert found.per_minute == pytest.approx(per_minute)


def test_work_takes_time():
    with pytest.raises(ValueError, match="time"):
        Stake(100, 0.5, 0.3, 0)


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ((), 1),  # beyond all that was ever seen
        ((0.4,), 0.6),
        ((0.4, 0.3), 0.3),
        ((0.4, 0.3, 0.3), 0.3),
        ((0.7, 0.4), 0),  # rounded by a hair too much
    ],
)
def test_what_is_not_paid_soon(weeks, expected):
    assert stake.unpaid_soon(weeks) == pytest.approx(expected)


SHARES = st.floats(0, 1)
MINUTES = st.floats(0.1, 600)
STAKES = st.builds(Stake, st.floats(-1e9, 1e9), SHARES, SHARES, MINUTES)


@given(STAKES)
def test_no_more_is_gained_than_is_at_risk(found):
    assert 0 <= found.gain <= found.at_risk <= max(found.amount, 0)


@given(STAKES, st.floats(1, 100))
def test_more_money_comes_first_and_more_time_last(found, factor):
    richer = Stake(found.amount * factor, found.unpaid, found.lift, found.minutes)
    slower = Stake(found.amount, found.unpaid, found.lift, found.minutes * factor)
    # proportions are kept but for the last digit
    assert richer.per_minute >= found.per_minute * (1 - 1e-9)
    assert slower.per_minute <= found.per_minute * (1 + 1e-9)


@given(st.integers(-1000, 10000), st.integers(0, 1000))
def test_what_is_older_is_less_likely_to_come_by_itself(days, older):
    assert 0 < stake.unpaid_by_age(days) <= stake.unpaid_by_age(days + older) < 1
