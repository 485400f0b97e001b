"""Legal entities, branches, companies: what nets together, who is put on notice, who waits."""

from collections import namedtuple
from datetime import date
from decimal import Decimal

import pytest
from engine_cases import (
    DAY,
    TODAY,
    answer,
    case,
    decide,
    decided,
    facts,
    guards,
    item,
    level,
    netting,
    scenario,
)  # fmt: skip

# === POTS === #


@pytest.mark.parametrize(
    ("items", "claims", "unused"),
    [
        # one entity's credit pays no other's debt
        ([(30, "100", None), (20, "80", "E"), (5, "-90", "E")], ["100"], "10"),
        ([(30, "100", None), (20, "80", "E"), (5, "-90", None)], ["10", "80"], "0"),
        ([(30, "100", "E"), (20, "80", "E"), (5, "-90", "E")], ["10", "80"], "0"),
        ([(30, "100", "E"), (20, "80", "F"), (5, "-30", "E"), (5, "-40", "F")], ["70", "40"], "0"),
        ([(30, "100", "E"), (5, "-30", None)], ["100"], "30"),
    ],
)
def test_credits_stay_in_their_pot(items, claims, unused):
    items = [item(overdue, amount, pot=pot and (pot,)) for overdue, amount, pot in items]
    situation = decide.assess(case(*items), TODAY, guards.STANDARD)
    assert [str(claim.amount) for claim in situation.claims] == claims
    assert situation.unused_credit == Decimal(unused)


# === BRANCHES === #

Open = namedtuple("Open", "key case due amount")


def _open(key, branch, month, amount):
    return Open(key, branch, date(2026, month, 1), Decimal(amount))


@pytest.mark.parametrize(
    ("items", "covered"),
    [
        ([], {}),
        ([(1, "N", 1, 100)], {}),
        # the oldest first, wherever it is
        (
            [(1, "N", 2, 100), (2, "S", 1, 80), (9, None, 3, -120)],
            {2: 80, 1: 40, 9: -120},
        ),
        # a branch's own credit meets its own debt first
        (
            [(1, "N", 1, 100), (3, "N", 2, -100), (2, "S", 2, 80), (9, None, 3, -50)],
            {2: 50, 9: -50},
        ),
        # and what it has left over pays no other branch
        ([(1, "N", 1, 100), (3, "N", 2, -150), (2, "S", 2, 80)], {}),
        # the entity's own debts are netted in its own case, and take their part
        ([(1, None, 1, 70), (2, "S", 2, 80), (9, None, 3, -100)], {2: 30, 9: -30}),
        # more than is owed stays a credit
        ([(2, "S", 2, 80), (8, None, 1, -50), (9, None, 3, -50)], {2: 80, 8: -50, 9: -30}),
        ([(2, "S", 2, "0.01"), (9, None, 3, "-0.03")], {2: "0.01", 9: "-0.01"}),
    ],
)
def test_credits_without_a_branch(items, covered):
    found = netting.spread_over_branches([_open(*row) for row in items], None)
    assert found == {key: Decimal(amount) for key, amount in covered.items()}
    assert sum(found.values()) == 0


def test_what_the_entity_covers_is_withheld_on_both_sides():
    debt = item(20, 100, 0, "entity_credit", covered=Decimal(60))
    made = decided(debt)
    assert made.situation.overdue == Decimal(40)
    assert made.situation.withheld["entity_credit"] == [(debt.key, Decimal(60))]
    credit = item(20, -100, 0, "entity_credit", covered=Decimal(-60))
    made = decided(item(20, 70), credit)
    assert made.situation.overdue == Decimal(30)


def test_a_scenario_that_nets_nothing_spreads_nothing():
    debt = item(20, 100, 0, "entity_credit", covered=Decimal(60))
    made = decided(debt, scenario=scenario(net_credits=False))
    assert made.situation.overdue == Decimal(100)


# === FORMAL NOTICES === #

LADDER = scenario(level(20, 3), level(60, 40, formal_notice=True))


def _parts(made):
    return {entity: [line.claim.key for line in lines] for entity, lines in made.parts}


def test_one_reminder_for_the_group():
    first, second = item(10, 100), item(10, 80, entity=7)
    made = decided(first, second, scenario=LADDER)
    assert _parts(made) == {None: [first.key, second.key]}


def test_a_formal_notice_for_each_legal_entity():
    first, second = item(50, 100, 20), item(45, 80, 20, entity=7)
    mild = item(45, 30, 20, entity=7)
    made = decided(first, second, mild, scenario=LADDER)
    assert answer(made) == ("remind", "level_called", 60)
    assert _parts(made) == {None: [first.key], 7: [second.key, mild.key]}


def test_only_the_entities_that_come_to_it_are_put_on_notice():
    first = item(10, 100)
    old, new = item(50, 80, 20, entity=7), item(10, 30, entity=7)
    reminded = item(12, 40, 20, entity=7)
    other = item(20, 60, 20, entity=8)
    made = decided(first, old, new, reminded, other, scenario=LADDER)
    assert _parts(made) == {7: [old.key, new.key, reminded.key]}


def test_a_call_about_the_notice_is_one_for_all():
    made = decided(
        item(50, 100, 20), item(45, 80, 20, entity=7), scenario=LADDER, reachable={}
    )
    assert made.channel == "task"
    assert len(made.parts) == 1


def test_without_entities_a_notice_is_one():
    made = decided(item(50, 100, 20), item(45, 80, 20), scenario=LADDER)
    assert list(_parts(made)) == [None]


# === OUR OTHER COMPANIES === #


def test_one_contact_a_day_across_our_companies():
    made = decided(item(20, 300), other_company="Sister")
    assert answer(made) == ("hold", "other_company_contact", 20)
    assert made.seen == {"company": "Sister"}
    assert made.next_date == TODAY + DAY


def test_a_rejected_debit_is_called_about_all_the_same():
    made = decided(item(20, 300, 0, "debit_rejected"), other_company="Sister")
    assert made.reason == "debit_rejected"
    assert made.channel == facts.CALL
