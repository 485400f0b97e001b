"""Working days."""

from datetime import date, datetime, timedelta, timezone

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


# === DAYS ON WHICH A DEBTOR IS CLOSED === #


@pytest.mark.parametrize(
    ("closing", "begin", "end", "days"),
    [
        # one summer, seen from before, from within and from after
        (((2026, 8, 3), (2026, 8, 21), False), (2026, 7, 1), (2026, 9, 1), 19),
        (((2026, 8, 3), (2026, 8, 21), False), (2026, 8, 20), (2026, 9, 1), 2),
        (((2026, 8, 3), (2026, 8, 21), False), (2026, 9, 1), (2026, 12, 1), 0),
        (((2026, 8, 3), (2026, 8, 21), False), (2027, 7, 1), (2027, 9, 1), 0),
        # every year again
        (((2020, 8, 3), (2020, 8, 21), True), (2026, 7, 1), (2026, 9, 1), 19),
        (((2020, 8, 3), (2020, 8, 21), True), (2026, 7, 1), (2027, 9, 1), 38),
        # over the new year, seen from either side
        (((2020, 12, 24), (2021, 1, 2), True), (2026, 12, 1), (2026, 12, 31), 8),
        (((2020, 12, 24), (2021, 1, 2), True), (2027, 1, 1), (2027, 1, 31), 2),
        # a leap day that a year does not have
        (((2024, 2, 29), (2024, 2, 29), True), (2026, 2, 1), (2026, 3, 31), 1),
        # a single day
        (((2026, 5, 15), (2026, 5, 15), False), (2026, 5, 1), (2026, 5, 31), 1),
    ],
)
def test_closing(closing, begin, end, days):
    first, last, yearly = closing
    found = calendar.Closing(date(*first), date(*last), yearly).days(date(*begin), date(*end))
    assert len(found) == days
    assert all(date(*begin) <= day <= date(*end) for day in found)


def test_closings_come_on_top_of_the_working_days():
    closed = OFFICE.closing({date(2026, 4, 7)})
    assert closed.next_open(date(2026, 4, 3)) == date(2026, 4, 8)
    assert OFFICE.closing(()) is OFFICE


# === HOURS OF THE DEBTOR === #

PARIS, NEW_YORK, TOKYO = (
    timezone(timedelta(hours=hours)) for hours in (1, -5, 9)  # in winter
)


def utc(*args):
    return datetime(*args, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("zones", "moment", "leaves"),
    [
        # half past nine in Paris
        ((PARIS,), utc(2026, 1, 14, 8, 30), utc(2026, 1, 14, 8, 30)),
        # is half past three in New York: at eight there
        ((NEW_YORK,), utc(2026, 1, 14, 8, 30), utc(2026, 1, 14, 13)),
        # and half past five in Tokyo
        ((TOKYO,), utc(2026, 1, 14, 8, 30), utc(2026, 1, 14, 8, 30)),
        # an afternoon in Paris is an evening in Tokyo: tomorrow at eight there
        ((TOKYO,), utc(2026, 1, 14, 14), utc(2026, 1, 14, 23)),
        # the hour from which nothing leaves any more, and the last minute before
        ((PARIS,), utc(2026, 1, 14, 18), utc(2026, 1, 15, 7)),
        ((PARIS,), utc(2026, 1, 14, 17, 59), utc(2026, 1, 14, 17, 59)),
        # Friday evening: Monday
        ((PARIS,), utc(2026, 1, 16, 18), utc(2026, 1, 19, 7)),
        # it is Saturday there already
        ((TOKYO,), utc(2026, 1, 16, 16), utc(2026, 1, 18, 23)),
        # a zone that nobody knows for sure: an hour that does in both
        ((PARIS, NEW_YORK), utc(2026, 1, 14, 8, 30), utc(2026, 1, 14, 13)),
        ((PARIS, NEW_YORK), utc(2026, 1, 14, 18, 30), utc(2026, 1, 15, 13)),
        # no hour suits both: the first decides
        ((timezone(timedelta(hours=12)), timezone(timedelta(hours=-11))),
         utc(2026, 1, 14, 0), utc(2026, 1, 14, 0)),
    ],
)
def test_first_moment(zones, moment, leaves):
    assert calendar.Window(calendar.WorkingCalendar(), zones).first_moment(moment) == leaves


def test_a_holiday_of_the_debtor_moves_it_too():
    window = calendar.Window(OFFICE, (PARIS,))
    assert window.first_moment(utc(2026, 4, 3, 9)) == utc(2026, 4, 7, 7)


def test_a_calendar_without_open_days_does_not_hold_for_ever():
    window = calendar.Window(TUESDAYS.closing(
        date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(800)
    ), (PARIS,))
    assert window.first_moment(utc(2026, 1, 14, 9)) == utc(2026, 1, 14, 9)
