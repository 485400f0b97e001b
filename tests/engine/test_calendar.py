"""Working days."""

from datetime import date

import pytest
from engine_cases import calendar

EASTER = frozenset({date(2026, 4, 3), date(2026, 4, 6)})  # Good Friday and Easter Monday
OFFICE = calendar.WorkingCalendar(closed=EASTER)
TUESDAYS = calendar.WorkingCalendar(weekdays=frozenset({1}))
NEVER = calendar.WorkingCalendar(weekdays=frozenset())


@pytest.mark.parametrize(
    ("office", "day", "opens"),
    [
        (OFFICE, date(2026, 4, 2), date(2026, 4, 2)),
        (OFFICE, date(2026, 4, 3), date(2026, 4, 7)),
        (OFFICE, date(2026, 4, 5), date(2026, 4, 7)),
        (TUESDAYS, date(2026, 4, 1), date(2026, 4, 7)),
        (NEVER, date(2026, 4, 5), date(2026, 4, 5)),
    ],
)
def test_next_open(office, day, opens):
    assert office.next_open(day) == opens


@pytest.mark.parametrize(
    ("count", "day"), [(0, date(2026, 4, 2)), (1, date(2026, 4, 7)), (4, date(2026, 4, 10))]
)
def test_add_open_days(count, day):
    assert OFFICE.add_open_days(date(2026, 4, 2), count) == day


def test_closed_for_ever_answers_the_day_itself():
    closed = frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(800))
    office = calendar.WorkingCalendar(closed=closed)
    assert office.next_open(date(2026, 1, 1)) == date(2026, 1, 1)
