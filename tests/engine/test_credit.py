"""Rules that hold orders and deliveries: a table, and what a payment changes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from engine_cases import MODULES, TODAY

credit = MODULES["credit"]
D = Decimal


def standing(*debts, **values):
    """Return a customer who owes (days overdue, amount)."""
    values.setdefault("exposure", sum((D(amount) for _days, amount in debts), D(0)))
    due = tuple((TODAY - timedelta(days=days), D(amount)) for days, amount in debts)
    return credit.Standing(debts=due, **values)


def rule(action="both", **conditions):
    return credit.Rule(1, action, **conditions)


LATE = ((40, 500), (10, 300), (-5, 900))


@pytest.mark.parametrize(
    ("conditions", "customer", "release"),
    [
        # amount and age
        ({"overdue": D(800)}, standing(*LATE), 800),
        ({"overdue": D(801)}, standing(*LATE), "no"),
        ({"days": 30}, standing(*LATE), 500),
        ({"days": 40}, standing(*LATE), 500),
        ({"days": 41}, standing(*LATE), "no"),
        ({"days": 30, "overdue": D(600)}, standing(*LATE), "no"),
        ({"days": 30}, standing(*LATE, credits=D(120)), 380),
        ({"days": 30}, standing(*LATE, credits=D(500)), "no"),
        # stage, level, promise: something has to be overdue
        ({"state": "formal_notice"}, standing(*LATE, state="formal_notice"), 800),
        ({"state": "formal_notice"}, standing((-5, 900), state="formal_notice"), "no"),
        ({"state": "formal_notice"}, standing(*LATE, state="dunning"), "no"),
        ({"rank": 50}, standing(*LATE, rank=50), 800),
        ({"rank": 50}, standing(*LATE, rank=40), "no"),
        ({"rank": 50}, standing(rank=60), "no"),
        ({"broken": True}, standing(*LATE, broken=True), 800),
        ({"broken": True}, standing((-5, 900), broken=True), "no"),
        # what a person decided is not paid away
        ({"state": "insolvency"}, standing(state="insolvency"), None),
        ({"state": "legal"}, standing(*LATE, state="legal"), None),
        # limits
        ({"limit": "internal"}, standing(*LATE, limits={"internal": D(1500)}), 200),
        ({"limit": "internal"}, standing(*LATE, limits={"internal": D(1700)}), "no"),
        ({"limit": "internal"}, standing(*LATE), "no"),
        ({"limit": "insured"}, standing(*LATE, limits={"internal": D(1)}), "no"),
        # all conditions together: one that ends is enough
        ({"days": 30, "limit": "internal"}, standing(*LATE, limits={"internal": D(1500)}), 200),
        ({"tags": frozenset({7})}, standing(*LATE, tags=frozenset({7, 8})), None),
        ({"tags": frozenset({9}), "days": 1}, standing(*LATE, tags=frozenset({7})), "no"),
        ({}, standing(*LATE), "no"),
    ],
)
def test_rules(conditions, customer, release):
    found = credit.judge([rule(**conditions)], customer, TODAY)
    assert [one.release for one in found] == ([] if release == "no" else [release])


@pytest.mark.parametrize(
    ("asked", "release"), [(100, "no"), (101, 1), (1600, 1500), (1601, None)]
)
def test_what_is_asked_for_counts(asked, release):
    """Limit 1,600, exposure 1,500: an order may be too much by itself."""
    customer = standing((-5, 1500), limits={"internal": D(1600)})
    found = credit.judge([rule(limit="internal")], customer, TODAY, D(asked))
    assert [one.release for one in found] == ([] if release == "no" else [release])


def test_exclusions_come_first():
    rules = [rule(days=30), rule("warn", overdue=D(1)), rule("exclude", state="promised")]
    assert len(credit.judge(rules, standing(*LATE, state="dunning"), TODAY)) == 2
    assert credit.judge(rules, standing(*LATE, state="promised"), TODAY) == []


def test_paying_the_release_ends_it():
    """Whatever the rule says: once that much is paid, oldest first, it does not apply."""
    conditions = ({"overdue": D(400)}, {"days": 30}, {"days": 5, "overdue": D(100)},
                  {"limit": "internal"}, {"rank": 20}, {"broken": True})  # fmt: skip
    for one in (rule(**some) for some in conditions):
        customer = standing(*LATE, limits={"internal": D(1000)}, rank=30, broken=True)
        [found] = credit.judge([one], customer, TODAY)
        paid = standing(
            *LATE, limits={"internal": D(1000)}, rank=30, broken=True,
            credits=found.release, exposure=D(1700) - found.release,
        )  # fmt: skip
        assert credit.judge([one], paid, TODAY) == []
        less = standing(
            *LATE, limits={"internal": D(1000)}, rank=30, broken=True,
            credits=D(1), exposure=D(1699),
        )  # fmt: skip
        assert credit.judge([one], less, TODAY)[0].release == found.release - 1
