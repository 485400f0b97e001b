"""Which level is called: by delay, by amount, one at a time or by age."""

from decimal import Decimal

import pytest
from engine_cases import (
    DAY,
    TODAY,
    answer,
    decided,
    facts,
    item,
    level,
    scenario,
)

PROGRESSIVE, BY_AGE = facts.PROGRESSIVE, facts.BY_AGE
NOTHING = None


@pytest.mark.parametrize(
    ("mode", "overdue", "rank", "called"),
    [
        # due today is not overdue, nor is the day after when the level asks for three
        (PROGRESSIVE, -1, 0, NOTHING),
        (PROGRESSIVE, 0, 0, NOTHING),
        (PROGRESSIVE, 2, 0, NOTHING),
        (PROGRESSIVE, 3, 0, 20),
        # progressive: old as it is, it starts at the first level and takes one at a time
        (PROGRESSIVE, 100, 0, 20),
        (PROGRESSIVE, 100, 20, 30),
        (PROGRESSIVE, 9, 20, NOTHING),
        (PROGRESSIVE, 10, 20, 30),
        (PROGRESSIVE, 100, 60, NOTHING),
        # by age: at once the level that its age calls for, never a lower one
        (BY_AGE, 2, 0, NOTHING),
        (BY_AGE, 3, 0, 20),
        (BY_AGE, 27, 0, 35),
        (BY_AGE, 28, 0, 50),
        (BY_AGE, 100, 0, 60),
        (BY_AGE, 12, 30, NOTHING),
        (BY_AGE, 100, 60, NOTHING),
        # a rank of another scenario stands between two levels
        (PROGRESSIVE, 100, 33, 35),
        (BY_AGE, 29, 45, 50),
    ],
)
def test_level_called(mode, overdue, rank, called):
    made = decided(item(overdue, 100, rank), scenario=scenario(mode=mode))
    assert (made.level and made.level.rank) == called


@pytest.mark.parametrize(
    ("amount", "called", "channel"),
    [("999.99", 35, "email"), ("1000", 40, "task"), ("5000", 40, "task")],
)
def test_call_from_a_thousand_else_email(amount, called, channel):
    """Levels with the same delay are alternatives: the one that the amount reaches."""
    made = decided(item(17, amount, 30))
    assert (made.level.rank, made.channel) == (called, channel)


@pytest.mark.parametrize("amount", [100, 5000])
def test_after_either_alternative_comes_the_next_delay(amount):
    reached = 40 if amount >= 1000 else 35
    assert decided(item(28, amount, reached)).level.rank == 50


def test_minimum_amount_counts_the_overdue_total_of_the_case():
    made = decided(item(17, 600, 30), item(17, 500, 30))
    assert made.level.rank == 40
    made = decided(item(17, 600, 30), item(-10, 500))
    assert made.level.rank == 35


def test_ladder_done_waits_for_a_person():
    made = decided(item(100, 100, 60))
    assert answer(made) == ("wait", "ladder_done", None)
    assert made.next_date is None


# === SEVERAL ITEMS, ONE MESSAGE === #


def test_the_firmest_level_speaks_for_all_and_each_item_takes_its_own_step():
    first, second, fresh = item(40, 100, 20), item(12, 100), item(1, 100)
    made = decided(first, second, fresh)
    assert made.level.rank == 30
    assert [(line.claim.key, line.rank) for line in made.lines] == [
        (first.key, 30),
        (second.key, 20),
    ]


def test_reminded_items_are_mentioned_without_advancing():
    waiting, called = item(5, 100, 20), item(12, 100, 20)
    made = decided(waiting, called)
    assert [(line.claim.key, line.rank) for line in made.lines] == [
        (called.key, 30),
        (waiting.key, 20),
    ]


def test_a_task_advances_only_the_items_of_its_level():
    mail, call = item(12, 900, 20), item(20, 900, 30)
    made = decided(mail, call)
    assert (made.level.rank, made.channel) == (40, "task")
    assert [(line.claim.key, line.rank) for line in made.lines] == [(call.key, 40)]


@pytest.mark.parametrize("mode", [PROGRESSIVE, BY_AGE])
def test_paying_the_oldest_item_never_restarts_the_ladder(mode):
    old, young = item(60, 100, 50), item(15, 100, 30)
    before = decided(old, young, scenario=scenario(mode=mode))
    after = decided(young, scenario=scenario(mode=mode))
    assert before.level.rank == 60
    assert answer(after) == ("wait", "not_yet", None)
    assert after.next_date == TODAY + 2 * DAY
    assert decided(item(17, 100, 30), scenario=scenario(mode=mode)).level.rank == 35


def test_a_new_item_starts_at_the_first_level_beside_an_old_one():
    old, new = item(28, 100, 35), item(3, 100)
    ranks = {line.claim.key: line.rank for line in decided(old, new).lines}
    assert ranks == {old.key: 50, new.key: 20}


# === BEFORE THE DUE DATE === #


@pytest.mark.parametrize(
    ("overdue", "amount", "rank", "called"),
    [
        (-6, 5000, 0, NOTHING),
        (-5, 5000, 0, 10),
        (0, 5000, 0, 10),
        (-5, "4999.99", 0, NOTHING),
        (-5, 5000, 10, NOTHING),  # announced once is enough
    ],
)
def test_announcement(overdue, amount, rank, called):
    made = decided(item(overdue, amount, rank))
    assert (made.level and made.level.rank) == called
    if called:
        assert made.kind == "preventive"


def test_announcement_counts_all_that_it_announces():
    made = decided(item(-3, 3000), item(-5, 2500), item(-20, 9000))
    assert made.level.rank == 10
    assert sum(line.claim.amount for line in made.lines) == Decimal(5500)


def test_overdue_speaks_before_an_announcement():
    made = decided(item(3, 100), item(-3, 6000))
    assert (made.kind, made.level.rank) == ("dunning", 20)


# === WHEN NEXT === #


@pytest.mark.parametrize(
    ("items", "next_date"),
    [
        ([item(0)], TODAY + 5 * DAY),  # +3 is a Saturday: Monday the 23rd
        ([item(2)], TODAY + DAY),
        ([item(5, 100, 20), item(2)], TODAY + DAY),
        ([item(5, 100, 20)], TODAY + 5 * DAY),
    ],
)
def test_next_date(items, next_date):
    assert decided(*items).next_date == next_date


def test_a_level_on_the_due_date_itself_is_called_the_day_after():
    ladder = scenario(level(20, 0))
    assert answer(decided(item(0), scenario=ladder)) == ("wait", "not_yet", None)
    assert decided(item(0), scenario=ladder).next_date == TODAY + DAY
    assert decided(item(1), scenario=ladder).level.rank == 20


def test_too_soon_and_not_yet_give_the_later_date():
    """The next level is due in two days, but the last reminder left yesterday."""
    made = decided(item(8, 100, 20), last_contact=TODAY - DAY)
    assert made.outcome == "wait"
    assert made.next_date >= TODAY + 2 * DAY


@pytest.mark.parametrize(
    ("classes", "called"),
    [
        ((), 20),
        # spared the first reminder, it is called for the next one only when that is ripe
        (("good_payer",), NOTHING),
        (("chronic_late",), 25),
        (("chronic_late", "good_payer"), 25),
    ],
)
def test_levels_for_classes_of_customers(classes, called):
    ladder = scenario(
        level(20, 3, never="good_payer"), level(25, 3, only="chronic_late"), level(30, 10)
    )
    made = decided(item(5), scenario=ladder.applying(frozenset(classes)))
    assert (made.level and made.level.rank) == called


@pytest.mark.parametrize(
    ("risk", "expected"),
    [
        (0.6, ("remind", "late_predicted", 10)),
        (0.59, ("wait", "not_yet", None)),
        (None, ("wait", "not_yet", None)),
    ],
)
def test_announced_only_if_probably_late(risk, expected):
    ladder = scenario(level(10, -5, min_risk=0.6), level(20, 3))
    made = decided(item(-4, risk_late=risk), scenario=ladder)
    assert answer(made) == expected
    assert made.seen.get("percent") == (60 if made.level else None)
