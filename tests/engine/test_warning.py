"""Early warning: who slows down is told of, who is as ever is not."""

from datetime import timedelta

import pytest
from engine_cases import MODULES, TODAY
from hypothesis import given
from hypothesis import strategies as st

warning = MODULES["warning"]

#: A payment a week until half a year ago, on the average a day late.
PAST = [(TODAY - timedelta(days=100 + 7 * number), number % 3) for number in range(26)]


def lately(*late):
    return [(TODAY - timedelta(days=5 + 7 * number), days) for number, days in enumerate(late)]


@pytest.mark.parametrize(
    ("last", "overdue", "expected"),
    [
        (lately(12, 14, 13, 15, 12), (), (1, 13)),  # a good payer who begins to delay
        (lately(1, 0, 2, 1, 0), (), None),
        (lately(90, 0, 1, 2), (), None),  # one exception
        (lately(4, 5, 4, 5, 4), (), None),  # slower, but by little
        (lately(14, 15), (), None),  # too few to tell
        (lately(14, 15), (16, 18), (1, 15)),  # what is overdue speaks as well
        (lately(-9, -9, -9, -9), (), None),  # faster is no warning
        ((), (40, 50), None),
    ],
)
def test_slowdowns(last, overdue, expected):
    found = warning.slowdown([*PAST, *last], overdue, TODAY)
    assert (found and (found.before, found.lately)) == expected


def test_one_transfer_is_one_observation():
    """Fifty invoices paid late in one transfer are one late payment."""
    assert warning.slowdown([*PAST, *[(TODAY, 20)] * 50], (), TODAY) is None


def test_who_was_never_regular_raises_no_alarm():
    wild = [(day, 40 * (number % 2)) for number, (day, _late) in enumerate(PAST)]
    assert warning.slowdown([*wild, *lately(40, 0, 40, 40)], (), TODAY) is None


def test_without_history():
    assert warning.slowdown([], (), TODAY) is None
    assert warning.slowdown(lately(30, 30, 30, 30), (), TODAY) is None


NUMBERS = st.lists(st.integers(-50, 200), min_size=1, max_size=20)


@given(NUMBERS, NUMBERS)
def test_ranks_are_fair(before, after):
    """Exchanging both sides changes the sign alone."""
    score = warning.rank_score(before, after)
    assert score == pytest.approx(-warning.rank_score(after, before))
    assert warning.rank_score(before, [value + 1000 for value in after]) >= score
