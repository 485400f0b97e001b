"""Customers who pay on fixed days: what may be written, and how long a debt waits."""

from datetime import date, timedelta

import pytest
from engine_cases import DAY, TODAY, answer, calendar, decided, facts, item, payment_days

OFFICE = calendar.WorkingCalendar(closed=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", ()),
        ("   ", ()),
        ("10,25", (10, 25)),
        ("25; 10", (10, 25)),
        ("10 / 10", (10,)),
        ("31", (31,)),
        ("5 15 25", (5, 15, 25)),
    ],
)
def test_parse(text, days):
    assert payment_days.parse(text) == days


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("0", "0"),
        ("10,32", "32"),
        ("10th", "10th"),
        ("-5", "-5"),
        ("2.5", "2.5"),
        ("١٠", "١٠"),  # digits, but of another script
        ("<b>10</b>", "<b>10<"),
        ("100", "100"),
    ],
)
def test_what_is_no_day_is_named(text, piece):
    with pytest.raises(ValueError) as error:
        payment_days.parse(text)
    assert str(error.value) in (piece, "<b>10<")


@pytest.mark.parametrize(
    ("day", "days", "run"),
    [
        (date(2026, 3, 3), (10, 25), date(2026, 3, 10)),
        (date(2026, 3, 10), (10, 25), date(2026, 3, 10)),  # due on the very day of a run
        (date(2026, 3, 11), (10, 25), date(2026, 3, 25)),
        (date(2026, 3, 26), (10, 25), date(2026, 4, 10)),
        (date(2026, 12, 26), (10, 25), date(2027, 1, 10)),
        (date(2026, 2, 3), (31,), date(2026, 2, 28)),
        (date(2028, 2, 3), (30,), date(2028, 2, 29)),
        (date(2026, 2, 28), (29, 31), date(2026, 2, 28)),
        (date(2026, 3, 30), (5, 29), date(2026, 4, 5)),
    ],
)
def test_next_run(day, days, run):
    assert payment_days.next_run(day, days) == run


@pytest.mark.parametrize(
    ("due", "wait", "free"),
    [
        (date(2026, 3, 3), 2, date(2026, 3, 12)),
        (date(2026, 3, 3), 0, date(2026, 3, 10)),
        # the run is a Sunday, and Easter follows its due date
        (date(2026, 10, 22), 2, date(2026, 10, 27)),
        (date(2026, 3, 26), 2, date(2026, 4, 14)),
    ],
)
def test_release(due, wait, free):
    assert payment_days.release(due, (10, 25), OFFICE, wait) == free
    assert payment_days.last_day_held(due, (10, 25), OFFICE, wait) == free - DAY


# === THE GUARD === #


def waiting(overdue, free, **values):
    return item(overdue, 300, 0, "payment_run", free=free, **values)


@pytest.mark.parametrize(
    ("overdue", "free", "expected"),
    [
        # late by the ladder, but the run is on the 25th: free on the 27th
        (7, date(2026, 3, 27), ("wait", "payment_run", None, date(2026, 3, 27))),
        (7, TODAY + DAY, ("wait", "payment_run", None, TODAY + DAY)),
        # its day has come: it is called for at the level of its age
        (7, TODAY, ("remind", "level_called", 20, TODAY + 7 * DAY)),
        (7, TODAY - DAY, ("remind", "level_called", 20, TODAY + 7 * DAY)),
        # free on a Saturday: not before Monday
        (7, date(2026, 3, 28), ("wait", "payment_run", None, date(2026, 3, 30))),
        # not late yet: the next date is right all the same
        (-2, date(2026, 3, 27), ("wait", "not_yet", None, date(2026, 3, 27))),
        # the level comes later than the run
        (1, date(2026, 3, 19), ("wait", "payment_run", None, date(2026, 3, 20))),
    ],
)
def test_it_waits_for_the_run(overdue, free, expected):
    made = decided(waiting(overdue, free))
    assert (*answer(made), made.next_date) == expected


def test_the_others_do_not_wait():
    held, free = waiting(7, TODAY + 9 * DAY), item(7, 200)
    made = decided(held, free)
    assert [line.claim.key for line in made.lines] == [free.key]


def test_what_is_announced_does_not_wait():
    """An announcement asks for nothing before its time."""
    soon = item(-4, 8000, 0, "payment_run", free=TODAY + timedelta(days=20))
    assert decided(soon).kind == "preventive"


def test_a_credit_does_not_wait():
    credit = item(7, -300, 0, "payment_run", free=TODAY + 9 * DAY)
    made = decided(credit, item(7, 1000))
    assert made.situation.overdue == 700


def test_the_wait_is_a_setting():
    assert facts.Policy().run_wait == 2
