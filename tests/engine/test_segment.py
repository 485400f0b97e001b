"""Which scenario takes a customer, at the edges of its conditions."""

from datetime import date
from decimal import Decimal

import pytest
from engine_cases import TODAY, item, segment

Conditions = segment.Conditions


@pytest.mark.parametrize(
    ("conditions", "figures", "accepted"),
    [
        # under 1,500 and from 1,500 leave no gap and do not overlap
        ({"max_outstanding": 1500}, ("1499.99", 0, 0), True),
        ({"max_outstanding": 1500}, ("1500.00", 0, 0), False),
        ({"min_outstanding": 1500}, ("1499.99", 0, 0), False),
        ({"min_outstanding": 1500}, ("1500.00", 0, 0), True),
        ({"min_overdue": 100}, (900, "99.99", 0), False),
        ({"min_overdue": 100}, (900, "100", 0), True),
        ({"min_days_overdue": 30}, (900, 900, 29), False),
        ({"min_days_overdue": 30}, (900, 900, 30), True),
        ({}, (0, 0, 0), True),
        ({"min_overdue": 100, "max_outstanding": 1500}, (1500, 500, 9), False),
    ],
)
def test_conditions(conditions, figures, accepted):
    conditions = {
        name: value if name == "min_days_overdue" else Decimal(value)
        for name, value in conditions.items()
    }
    outstanding, overdue, days = figures
    assert Conditions(**conditions).accept(Decimal(outstanding), Decimal(overdue), days) is accepted


@pytest.mark.parametrize(
    ("today", "due", "days"),
    [
        (date(2026, 3, 31), date(2026, 3, 31), 0),  # due today is not overdue
        (date(2026, 3, 31), date(2026, 3, 1), 30),
        (date(2026, 3, 31), date(2026, 2, 28), 31),
    ],
)
def test_ageing(today, due, days):
    one = item((TODAY - due).days)
    overdue = Decimal(100) if days else Decimal(0)
    assert segment.figures([one], today) == (Decimal(100), overdue, days)


def test_credits_lower_what_is_outstanding_not_what_is_overdue():
    assert segment.figures([item(10, 100), item(40, -30)], TODAY) == (70, 100, 10)


SEGMENTS = [
    ("public", {3, 4}, Conditions()),
    ("small", None, Conditions(max_outstanding=Decimal(1500))),
    ("large", None, Conditions(min_outstanding=Decimal(1000))),
    ("fallback", None, Conditions()),
]


@pytest.mark.parametrize(
    ("customer", "amount", "chosen"),
    [
        (3, 100, "public"),
        (5, 100, "small"),
        (5, 1200, "small"),  # overlapping segments: the first that takes it
        (5, 1500, "large"),
        (4, 9999, "public"),
    ],
)
def test_the_first_that_takes_a_customer(customer, amount, chosen):
    assert segment.choose(SEGMENTS, customer, [item(3, amount)], TODAY) == chosen


def test_nobody_takes_it():
    assert segment.choose(SEGMENTS[:1], 9, [item(3)], TODAY) is None
