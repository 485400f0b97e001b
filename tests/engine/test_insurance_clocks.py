"""Deadlines of a cover, and what would be paid."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from insurance_cases import clocks, indemnity, policy

DUE = date(2026, 3, 12)
STRICT = policy(
    extension_days=60, notification_days=75, hand_over_days=30, claim_days=90, waiting_days=150
)


def test_the_clocks_of_a_debt():
    """Due 12 March, 60 days: cover stops 11 May, hand-over by 10 June, claim by 9 August."""
    assert [(clock.code, clock.day) for clock in clocks.clocks(DUE, STRICT)] == [
        ("extension", date(2026, 5, 11)),
        ("notification", date(2026, 5, 26)),
        ("hand_over", date(2026, 6, 10)),
        ("claim", date(2026, 8, 9)),
    ]


def test_what_a_policy_leaves_open_has_no_clock():
    assert clocks.clocks(DUE, policy()) == ()
    assert clocks.clocks(DUE, policy(hand_over_days=30)) == ()
    [only] = clocks.clocks(DUE, policy(notification_days=0))
    assert only == clocks.Clock("notification", DUE)


@pytest.mark.parametrize(
    ("today", "answered", "status"),
    [
        (date(2026, 5, 1), None, "running"),
        (date(2026, 5, 4), None, "near"),
        (date(2026, 5, 11), None, "near"),
        (date(2026, 5, 12), None, "missed"),
        (date(2026, 5, 12), date(2026, 5, 11), "met"),
        (date(2026, 5, 13), date(2026, 5, 12), "missed"),  # answered too late
    ],
)
def test_how_a_clock_stands(today, answered, status):
    stop = clocks.Clock("extension", date(2026, 5, 11))
    assert clocks.status(stop, today, 7, answered) == status


@pytest.mark.parametrize(
    ("today", "answered", "code"),
    [
        (DUE, (), "extension"),
        (date(2026, 5, 11), (), "extension"),
        (date(2026, 5, 12), (), "notification"),
        (date(2026, 5, 12), ("notification",), "hand_over"),
        (date(2026, 8, 9), (), "claim"),
        (date(2026, 8, 10), (), None),
    ],
)
def test_the_next_clock(today, answered, code):
    found = clocks.next_clock(clocks.clocks(DUE, STRICT), today, answered)
    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("promised", "answered", "code"),
    [
        (date(2026, 5, 11), (), None),
        (date(2026, 5, 12), (), "extension"),
        (date(2026, 6, 10), ("extension", "notification"), None),
        (date(2026, 6, 11), ("extension", "notification"), "hand_over"),
    ],
)
def test_a_payment_too_late_for_a_clock(promised, answered, code):
    found = clocks.crossed(clocks.clocks(DUE, STRICT), promised, answered)
    assert (found and found.code) == code


def test_what_was_over_before_is_not_crossed():
    found = clocks.crossed(clocks.clocks(DUE, STRICT), date(2026, 6, 1), (), date(2026, 5, 20))
    assert found.code == "notification"


@pytest.mark.parametrize(("step", "left"), [("notification", 3), ("hand_over", 1), ("claim", 0)])
def test_what_a_step_answers(step, left):
    found = clocks.clocks(DUE, STRICT)
    assert len([one for one in found if one.code not in clocks.ANSWERED[step]]) == left


def test_when_the_insurer_pays():
    handed_over = date(2026, 6, 10)
    assert clocks.payable_on(handed_over, STRICT) == handed_over + timedelta(days=150)
    assert clocks.payable_on(handed_over, policy()) is None


# === INDEMNITY === #


@pytest.mark.parametrize(
    ("debt", "limit", "deductible", "is_first", "expected"),
    [
        (40000, 30000, 0, False, 27000),
        (40000, 30000, 2500, False, 24500),
        (40000, 30000, 2500, True, 24750),
        (10000, 30000, 0, False, 9000),
        (1000, 30000, 2500, False, 0),
        (1000, 30000, 2500, True, 0),
        (40000, 0, 2500, False, 0),
    ],
)
def test_the_indemnity_of_a_claim(debt, limit, deductible, is_first, expected):
    year = policy(deductible=Decimal(deductible), deductible_first=is_first)
    loss = indemnity.loss_within(Decimal(debt), Decimal(limit))
    assert indemnity.of_claim(loss, year.percent, year) == expected


@pytest.mark.parametrize(
    ("maximum", "paid", "expected"),
    [(None, 99999, 24500), (30000, 0, 24500), (30000, 10000, 20000), (30000, 31000, 0)],
)
def test_the_insurer_pays_no_more_than_its_maximum(maximum, paid, expected):
    year = policy(maximum=None if maximum is None else Decimal(maximum))
    assert indemnity.within_maximum(Decimal(24500), year, Decimal(paid)) == expected
