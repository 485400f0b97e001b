"""The salesperson is told before a firm level, and nothing leaves before the day they heard."""

from datetime import date

import pytest
from engine_cases import (
    DAY,
    EMAILS,
    MODULES,
    TODAY,
    calendar,
    decided,
    facts,
    item,
    level,
    scenario,
)

voice = MODULES["voice"]

REACHABLE = {**EMAILS, ("email", "salesperson"): 8}
#: Courteous after 3 days, firm after 20, of which the salesperson hears three working days before.
LADDER = scenario(level(20, 3), level(50, 20, voice_days=3))

# TODAY is a Wednesday: three working days after it is the Monday
MONDAY = date(2026, 3, 23)
FRIDAY = date(2026, 3, 20)
NEVER = {"scenario": LADDER, "reachable": REACHABLE}


def told(made):
    """Return (rank, day) of what the salesperson is told, to compare with a table."""
    return (made.voice.level.rank, made.voice.day) if made.voice else None


def asked(overdue, rank=20, **values):
    return decided(item(overdue, 100, rank), **{**NEVER, **values})


@pytest.mark.parametrize(
    ("overdue", "expected"),
    [
        # the level's day is the 20th of being late
        (10, None),
        (14, None),  # ripe on Tuesday, four working days ahead
        (15, (50, MONDAY)),
        (16, (50, MONDAY)),  # ripe on a Sunday: leaves on Monday
        (17, (50, MONDAY)),
        (18, (50, MONDAY)),  # ripe on Friday: too late for three days' notice
        (20, (50, MONDAY)),
        (60, (50, MONDAY)),
    ],
)
def test_told_three_working_days_before(overdue, expected):
    assert told(asked(overdue)) == expected


@pytest.mark.parametrize(
    ("announced", "outcome", "next_date"),
    [
        (None, "hold", MONDAY),
        (TODAY + DAY, "hold", TODAY + DAY),
        (MONDAY, "hold", MONDAY),
        (TODAY, "remind", None),
        (TODAY - DAY, "remind", None),
        (TODAY - 30 * DAY, "remind", None),
        # forgotten since: told anew
        (TODAY - 31 * DAY, "hold", MONDAY),
    ],
)
def test_nothing_leaves_before_the_day_that_was_named(announced, outcome, next_date):
    made = asked(25, announced={50: announced} if announced else {})
    assert made.outcome == outcome
    if outcome == "hold":
        assert (made.reason, made.next_date) == ("salesperson_told", next_date)
        assert made.seen == {"date": next_date.isoformat()}


def test_told_once():
    assert told(asked(25, announced={50: TODAY + DAY})) is None
    assert told(asked(15, announced={50: MONDAY})) is None
    assert told(asked(25, announced={40: TODAY})) == (50, MONDAY), "that was another level"


@pytest.mark.parametrize(
    "values",
    [
        {"reachable": dict(EMAILS)},
        {"scenario": scenario(level(20, 3), level(50, 20))},
    ],
)
def test_who_has_no_voice_holds_up_nothing(values):
    made = asked(25, **values)
    assert (made.outcome, made.voice) == ("remind", None)


def test_before_the_due_date_nobody_is_told():
    made = decided(
        item(-3), reachable=REACHABLE, scenario=scenario(level(10, -5, voice_days=3), level(20, 3))
    )
    assert (made.outcome, made.kind, made.voice) == ("remind", "preventive", None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # nobody is told while something stops the case and nobody knows until when
        ({"do_not_contact": True}, None),
        ({"state": "legal"}, None),
        ({"stuck": "failed"}, None),
        ({"scenario": scenario(level(20, 3), level(50, 20, voice_days=3), threshold=500)}, None),
        # a pause that ends soon
        ({"hold": facts.Hold("other", TODAY + DAY)}, (50, MONDAY)),
        ({"hold": facts.Hold("other", FRIDAY)}, (50, MONDAY)),
        ({"hold": facts.Hold("other", MONDAY)}, None),
        # the last reminder was the day before: a week apart
        ({"last_contact": TODAY - DAY}, None),
        ({"last_contact": TODAY - 4 * DAY}, (50, MONDAY)),
        ({"last_contact": TODAY - 4 * DAY, "hold": facts.Hold("other", MONDAY)}, None),
    ],
)
def test_what_else_stops_the_case_is_waited_for(values, expected):
    assert told(asked(25, **values)) == expected


def test_the_last_contact_counts_for_what_is_ahead():
    assert told(asked(16)) == (50, MONDAY)
    assert told(asked(16, last_contact=TODAY - DAY)) is None


def test_holidays_are_no_working_days():
    closed = facts.Policy(calendar=calendar.WorkingCalendar(closed=frozenset({FRIDAY})))
    assert told(asked(25, policy=closed)) == (50, MONDAY + DAY)


def test_what_leaves_today_is_not_held_up_by_what_is_ahead():
    made = decided(item(17, 100, 20), item(4), **NEVER)
    assert (made.outcome, made.level.rank, made.voice) == ("remind", 20, None)


def test_of_several_levels_the_firmest_is_named():
    both = scenario(level(20, 3), level(50, 20, voice_days=3), level(60, 40, voice_days=3))
    made = decided(item(17, 100, 20), item(37, 100, 50), scenario=both, reachable=REACHABLE)
    assert told(made) == (60, MONDAY)


def test_what_is_overdue_is_named():
    late, soon = item(15, 100, 20), item(-2)
    made = decided(late, soon, **NEVER)
    assert [claim.key for claim in made.voice.claims] == [late.key]


def test_a_rejected_debit_is_not_announced():
    made = decided(item(25, 100, 20, "debit_rejected"), **NEVER)
    assert (made.kind, made.voice) == ("rejected_debit", None)
