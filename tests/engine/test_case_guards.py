"""What stops a whole case for a day, in which order, and until when."""

from datetime import date
from decimal import Decimal

import pytest
from engine_cases import (
    DAY,
    EMAILS,
    LADDER,
    TODAY,
    answer,
    calendar,
    decided,
    facts,
    guards,
    item,
    level,
    scenario,
)

LATE = 20
TOMORROW = TODAY + DAY


@pytest.mark.parametrize(
    ("stopped_by", "values", "next_date"),
    [
        ("state", {"state": "insolvency"}, None),
        ("state", {"state": "legal"}, None),
        ("state", {"state": "closed"}, None),
        ("archived", {"archived": True}, None),
        ("do_not_contact", {"do_not_contact": True}, None),
        ("hold", {"hold": facts.Hold("other", TODAY)}, TOMORROW),
        ("hold", {"hold": facts.Hold("other", date(2026, 3, 19))}, date(2026, 3, 20)),
        # the pause ends on a Friday: not before Monday
        ("hold", {"hold": facts.Hold("other", date(2026, 3, 20))}, date(2026, 3, 23)),
        ("no_scenario", {"scenario": None}, None),
        ("no_level", {"scenario": facts.Scenario(1)}, None),
        ("stuck", {"stuck": "failed"}, None),
        ("stuck", {"stuck": "unconfirmed"}, None),
        ("pending", {"pending": "to_approve"}, None),
        ("pending", {"pending": "scheduled"}, None),
        ("low_total", {"scenario": scenario(threshold=101)}, None),
        ("too_soon", {"last_contact": TODAY}, TODAY + 7 * DAY),
        ("too_soon", {"last_contact": TODAY - 6 * DAY}, TOMORROW),
    ],
)
def test_each_guard_stops(stopped_by, values, next_date):
    made = decided(item(LATE), **values)
    assert (made.outcome, made.reason, made.next_date) == ("hold", stopped_by, next_date)
    assert made.lines == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"state": "dunning"},
        {"state": "formal_notice"},
        {"state": "paused"},  # the state follows the hold, it is not one
        {"hold": facts.Hold("other", TODAY - DAY)},
        {"last_contact": TODAY - 7 * DAY},
        {"scenario": scenario(threshold=100)},
    ],
)
def test_what_does_not_stop(values):
    assert answer(decided(item(LATE), **values)) == ("remind", "level_called", 20)


def test_the_first_in_order_gives_the_reason_and_the_trace_keeps_them_all():
    made = decided(
        item(LATE), archived=True, stuck="failed", pending="scheduled", last_contact=TODAY
    )
    assert made.reason == "archived"
    asked = made.trace[-len(guards.STANDARD.cases) :]
    assert [code for code, *_rest in asked] == [guard.code for guard in guards.STANDARD.cases]
    stopped = [code for code, hit, _seen in asked if hit]
    assert stopped == ["archived", "stuck", "pending", "too_soon"]


def test_guards_say_what_they_saw():
    made = decided(item(LATE), scenario=scenario(threshold=250))
    assert made.seen == {"total": "100", "threshold": "250"}
    made = decided(item(LATE), last_contact=TODAY - DAY)
    assert made.seen == {"last": "2026-03-17", "min_days": 7}
    made = decided(item(LATE), hold=facts.Hold("internal", TODAY))
    assert made.seen == {"why": "internal", "end": "2026-03-18"}


# === ADDRESS === #

WAITING = scenario(level(20, 3, undeliverable=facts.WAIT))


@pytest.mark.parametrize(
    ("ladder", "reachable", "expected"),
    [
        (WAITING, EMAILS, ("remind", "level_called", "email")),
        (WAITING, {}, ("hold", "no_address", None)),
        (scenario(), EMAILS, ("remind", "level_called", "email")),
        (scenario(), {}, ("remind", "level_called_no_address", "task")),
        (scenario(level(40, 3, channel=facts.TASK)), {}, ("remind", "level_called", "task")),
        # the salesperson has no address, whatever the customer has
        (
            scenario(level(20, 3, role="salesperson")),
            EMAILS,
            ("remind", "level_called_no_address", "task"),
        ),
    ],
)
def test_without_an_address(ladder, reachable, expected):
    made = decided(item(LATE), scenario=ladder, reachable=reachable)
    assert (made.outcome, made.reason, made.channel) == expected


# === WORKING DAYS === #

MAY_DAY = calendar.WorkingCalendar(closed=frozenset({date(2026, 5, 1)}))


@pytest.mark.parametrize(
    ("today", "next_date"),
    [
        (date(2026, 3, 20), date(2026, 3, 27)),  # Friday; a week later the next level
        (date(2026, 3, 21), date(2026, 3, 30)),  # Saturday: a week later is one too
        (date(2026, 4, 24), date(2026, 5, 4)),  # a week later is a holiday before a week-end
    ],
)
def test_the_next_date_is_a_working_day(today, next_date):
    """Decisions are taken any day; what they call for leaves on a working day."""
    made = decided(item(LATE), today=today, policy=facts.Policy(calendar=MAY_DAY))
    assert (made.outcome, made.next_date) == ("remind", next_date)


def test_a_calendar_without_working_days_closes_nothing():
    policy = facts.Policy(calendar=calendar.WorkingCalendar(weekdays=frozenset()))
    made = decided(item(LATE), today=date(2026, 3, 21), policy=policy)
    assert made.next_date == date(2026, 3, 28)


# === REJECTED DEBIT === #


def test_a_rejected_debit_makes_a_call_today():
    """Even when a letter went out yesterday, waits, or the amount is small for the ladder."""
    bounced = item(2, 30, 20, "debit", "debit_rejected", grace=5)
    made = decided(
        bounced, item(60, 900), last_contact=TODAY - DAY, pending="scheduled", stuck="failed"
    )
    assert (made.outcome, made.reason, made.kind) == ("remind", "debit_rejected", "rejected_debit")
    assert (made.channel, made.level) == ("call", None)
    assert [(line.claim.key, line.rank) for line in made.lines] == [(bounced.key, 20)]


def test_one_call_waits_for_its_departure():
    made = decided(item(2, 300, 0, "debit_rejected"), pending="scheduled", call_pending=True)
    assert (made.outcome, made.reason) == ("hold", "pending")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"hold": facts.Hold("other", TODAY)}, "hold"),
        ({"do_not_contact": True}, "do_not_contact"),
        ({"state": "insolvency"}, "state"),
        ({"archived": True}, "archived"),
    ],
)
def test_what_stops_even_the_call(values, reason):
    assert decided(item(2, 300, 0, "debit_rejected"), **values).reason == reason


# === AN OLD DEBT DOES NOT SILENCE WHAT COMES DUE === #

BIG = item(-4, 8000)


@pytest.mark.parametrize(
    ("old", "values", "expected"),
    [
        # reminded yesterday: too soon for it, not for the announcement
        (item(20, 100, 20), {"last_contact": TODAY - DAY}, ("remind", "level_called", 10)),
        # left alone as too low
        (item(20, 20), {}, ("remind", "level_called", 10)),
        # the ladder has ended for it
        (item(90, 100, 60), {}, ("remind", "level_called", 10)),
        # but a pause is a pause
        (item(20, 20), {"hold": facts.Hold("other", TODAY)}, ("hold", "hold", 20)),
    ],
)
def test_an_announcement_beside_an_old_debt(old, values, expected):
    made = decided(old, BIG, **values)
    assert answer(made) == expected
    if made.outcome == "remind":
        assert made.kind == "preventive"
        assert [line.claim.key for line in made.lines] == [BIG.key]


def test_a_guard_of_an_add_on_stops_and_is_traced():
    registry = guards.STANDARD.extended(
        guards.CaseGuard("insurer", 45, lambda facts, situation, today: guards.Stop(seen={"n": 1}))
    )
    made = decided(item(LATE), registry=registry)
    assert (made.reason, made.seen, made.next_date) == ("insurer", {"n": 1}, None)
    assert ["insurer", True, {"n": 1}] in made.trace


def test_threshold_counts_what_may_be_claimed_only():
    """1,000 under a factor and 40 of ours: 40 is below the threshold of 50."""
    made = decided(item(LATE, 1000, 0, "assigned"), item(LATE, 40))
    assert made.reason == "low_total"
    assert made.situation.overdue == Decimal(40)


def test_ladder_is_sane():
    assert [one.rank for one in LADDER] == sorted(one.rank for one in LADDER)
