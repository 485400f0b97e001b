"""Credits reduce the oldest debt first, to the cent, or are only mentioned."""

from decimal import Decimal

import pytest
from engine_cases import TODAY, answer, case, decide, decided, guards, item, scenario


@pytest.mark.parametrize(
    ("debts", "credit", "claims", "unused"),
    [
        ([(30, "100"), (20, "100")], "0", ["100", "100"], "0"),
        ([(30, "100"), (20, "100")], "-30.01", ["69.99", "100"], "0"),
        ([(30, "100"), (20, "100")], "-100", ["100"], "0"),
        ([(20, "100"), (30, "100")], "-150.10", ["49.90"], "0"),  # the oldest, not the first
        ([(30, "100"), (20, "100")], "-200.00", [], "0"),
        ([(30, "100"), (-10, "100")], "-150", ["50"], "0"),  # then what is not due yet
        ([(30, "100")], "-100.01", [], "0.01"),
        # too small to be refunded, not too small to be deducted
        ([(30, "100")], "-4", ["96"], "0"),
    ],
)
def test_netting(debts, credit, claims, unused):
    items = [item(overdue, amount) for overdue, amount in debts]
    if Decimal(credit):
        items.append(item(5, credit))
    situation = decide.assess(case(*items), TODAY, guards.STANDARD)
    assert [str(claim.amount) for claim in situation.claims] == claims
    assert situation.unused_credit == Decimal(unused)


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("-99", ("hold", "low_total", 20)),
        ("-100", ("clear", "nothing_owed", None)),
        ("-120", ("clear", "credit_balance", None)),
    ],
)
def test_what_is_left_decides(credit, expected):
    assert answer(decided(item(20, 100), item(0, credit))) == expected


def test_a_credit_only_customer_is_owed():
    assert answer(decided(item(0, "-250"))) == ("clear", "credit_balance", None)


def test_nobody_owes_anything():
    assert answer(decided()) == ("clear", "nothing_owed", None)


def test_mention_only_claims_the_whole_debt():
    made = decided(item(20, 100), item(0, "-90"), scenario=scenario(net_credits=False))
    assert made.level.rank == 20
    assert made.lines[0].claim.amount == Decimal(100)
    assert [one.amount for one in made.situation.credits] == [Decimal(-90)]


def test_what_is_withheld_takes_no_credit():
    """The credit is for what we claim, not for what a factor claims."""
    made = decided(item(40, 100, 0, "assigned"), item(20, 100), item(0, "-40"))
    assert made.situation.overdue == Decimal(60)


def test_a_withheld_credit_is_not_netted():
    made = decided(item(20, 100), item(0, "-40", 0, "no_followup"))
    assert made.situation.overdue == Decimal(100)


def test_covered_items_are_traced_as_covered():
    covered = item(40, 100)
    made = decided(covered, item(20, 80), item(0, "-100"))
    [entry] = [entry for entry in made.trace if entry[0] == "credit"]
    assert entry[1:] == [True, {"count": 1, "amount": "100", "items": [covered.key]}]


# === CURRENCY === #


@pytest.mark.parametrize(
    ("amount", "own", "credit", "claimed_own"),
    [
        ("100", "110", "0", "110"),
        ("100", "110", "-50", "55"),
        ("300", "1000", "-100", "666.6666666666666666666666667"),
        ("100", "0.00012", "-50", "0.00006"),
    ],
)
def test_a_part_is_told_by_the_ratio_of_the_item(amount, own, credit, claimed_own):
    foreign = item(20, amount, amount_currency=own, currency=2)
    items = [foreign, item(0, credit)] if Decimal(credit) else [foreign]
    situation = decide.assess(case(*items), TODAY, guards.STANDARD)
    assert situation.claims[0].amount_currency == Decimal(claimed_own)
