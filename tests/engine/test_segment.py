"""Which scenario takes a customer, at the edges of its conditions."""

from datetime import date
from decimal import Decimal

import pytest
from engine_cases import TODAY, item, segment

Conditions, Figures = segment.Conditions, segment.Figures


def figures(outstanding=0, overdue=0, days=0, items=0, **measures):
    return Figures(Decimal(outstanding), Decimal(overdue), days, items, measures)


@pytest.mark.parametrize(
    ("wanted", "found", "accepted"),
    [
        # under 1,500 and from 1,500 leave no gap and do not overlap
        ({"max_outstanding": 1500}, figures("1499.99"), True),
        ({"max_outstanding": 1500}, figures("1500.00"), False),
        ({"min_outstanding": 1500}, figures("1499.99"), False),
        ({"min_outstanding": 1500}, figures("1500.00"), True),
        ({"min_overdue": 100}, figures(900, "99.99"), False),
        ({"min_overdue": 100}, figures(900, "100"), True),
        ({"max_overdue": 100}, figures(900, "99.99"), True),
        ({"max_overdue": 100}, figures(900, "100"), False),
        ({"min_days_overdue": 30}, figures(900, 900, 29), False),
        ({"min_days_overdue": 30}, figures(900, 900, 30), True),
        ({"max_days_overdue": 30}, figures(900, 900, 29), True),
        ({"max_days_overdue": 30}, figures(900, 900, 30), False),
        ({"min_items": 3}, figures(items=2), False),
        ({"min_items": 3}, figures(items=3), True),
        ({"max_items": 3}, figures(items=2), True),
        ({"max_items": 3}, figures(items=3), False),
        ({"trust": {"bad"}}, figures(trust="bad"), True),
        ({"trust": {"bad"}}, figures(trust="normal"), False),
        ({"trust": {"good", "normal"}}, figures(trust="normal"), True),
        ({"trust": {"good"}}, figures(), False),  # nobody ever said
        ({"payer_class": "chronic_late"}, figures(classes={"chronic_late", "broken"}), True),
        ({"payer_class": "chronic_late"}, figures(classes={"good_payer"}), False),
        ({"payer_class": "chronic_late"}, figures(), False),  # nothing is known of it
        ({}, figures(), True),
        ({"min_overdue": None, "trust": None}, figures(), True),
        ({"min_overdue": 100, "max_outstanding": 1500}, figures(1500, 500, 9), False),
        ({"min_overdue": 100, "max_outstanding": 1500}, figures(1400, 500, 9), True),
    ],
)
def test_conditions(wanted, found, accepted):
    assert Conditions(wanted).accept(found) is accepted


def test_another_add_on_brings_a_condition_of_its_own():
    """A risk grade, say: registered by code, measured by whoever knows it."""
    worse = segment.Condition(
        "min_risk", lambda wanted, figures: figures.measures.get("risk", 0) >= wanted
    )
    registry = {**segment.CONDITIONS, worse.code: worse}
    conditions = Conditions({"min_risk": 5, "min_overdue": Decimal(10)}, registry)
    assert conditions.accept(figures(20, 20, risk=6)) is True
    assert conditions.accept(figures(20, 20, risk=4)) is False
    assert conditions.accept(figures(20, 20)) is False


def test_a_condition_that_nobody_registered_is_an_error():
    with pytest.raises(KeyError, match="min_risk"):
        Conditions({"min_risk": 5})


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
    late = 1 if days else 0
    measured = segment.measure([one], today)
    assert measured == Figures(Decimal(100), Decimal(100) * late, days, late)


def test_credits_lower_what_is_outstanding_not_what_is_overdue():
    measured = segment.measure([item(10, 100), item(40, -30)], TODAY)
    assert measured == Figures(Decimal(70), Decimal(100), 10, 1)


SEGMENTS = [
    ("public", {3, 4}, Conditions()),
    ("small", None, Conditions({"max_outstanding": Decimal(1500)})),
    ("large", None, Conditions({"min_outstanding": Decimal(1000)})),
    ("fallback", None, Conditions()),
]


def chosen(segments, customer, *items):
    return segment.choose(segments, customer, lambda: segment.measure(items, TODAY))


@pytest.mark.parametrize(
    ("customer", "amount", "expected"),
    [
        (3, 100, "public"),
        (5, 100, "small"),
        (5, 1200, "small"),  # overlapping segments: the first that takes it
        (5, 1500, "large"),
        (4, 9999, "public"),
    ],
)
def test_the_first_that_takes_a_customer(customer, amount, expected):
    assert chosen(SEGMENTS, customer, item(3, amount)) == expected


def test_moved_up_it_takes_what_another_took():
    public, small, large, fallback = SEGMENTS
    assert chosen([large, public, small, fallback], 5, item(3, 1200)) == "large"
    assert chosen([fallback, public, small, large], 3, item(3, 1200)) == "fallback"


def test_nobody_takes_it():
    assert chosen(SEGMENTS[:1], 9, item(3)) is None


def test_figures_are_asked_for_only_where_a_condition_needs_them():
    def unexpected():
        raise AssertionError("asked for figures")

    assert segment.choose(SEGMENTS, 3, unexpected) == "public"
