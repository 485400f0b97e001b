"""Whose money is it: references, customers, amounts, and two customers at once."""

from decimal import Decimal

import pytest
from engine_cases import TODAY, answer, decided, item, matching

EUR, USD = 1, 2


def money(amount, text="", *customers, currency=EUR, company_amount=None):
    amount = Decimal(str(amount))
    return matching.Money(
        key="line",
        amount=amount,
        currency=currency,
        company_amount=Decimal(str(company_amount or amount)),
        text=text,
        customers=frozenset(customers),
    )


def debts(**customers):
    """Return the index of {customer: [(reference, item)…]}."""
    return matching.Debts(
        {name: [one for _ref, one in items] for name, items in customers.items()},
        {
            one.key: (matching.normalise(ref),)
            for items in customers.values()
            for ref, one in items
        },
        TODAY,
    )


LEDGER = {
    "dupont": [
        ("INV/2026/00012", item(40, 48000, key=12)),
        ("INV/2026/00020", item(10, 1500, key=20)),
        ("INV/2026/00031", item(-9, 700, key=31)),
    ],
    "martin": [
        ("INV/2026/00014", item(30, 900, key=14)),
        ("INV/2026/00017", item(20, 1500, key=17)),
    ],
    "smith": [
        ("INV/2026/00050", item(5, 900, key=50, currency=USD, amount_currency=1000)),
        ("INV/2026/00051", item(-5, 450, key=51, currency=USD, amount_currency=500)),
    ],
}


def found(one, least=matching.AMOUNT, **ledger):
    certainty, matches = debts(**(ledger or LEDGER)).find(one, least)
    return certainty, [(item.key, amount) for _customer, item, amount in matches]


@pytest.mark.parametrize(
    ("one", "certainty", "matches"),
    [
        # a reference, however it is written
        (money(48000, "INV/2026/00012"), "reference", [(12, 48000)]),
        (money(48000, "VIR DUPONT inv 2026 00012 merci"), "reference", [(12, 48000)]),
        (money(48000, "/INV-2026-00012/"), "reference", [(12, 48000)]),
        (money(1500, "INV/2026/00020", "martin"), "reference", [(20, 1500)]),  # paid by another
        # two documents, the oldest first
        (money(49500, "INV/2026/00020 INV/2026/00012"), "reference", [(12, 48000), (20, 1500)]),
        (money(48100, "INV/2026/00020 INV/2026/00012"), "reference", [(12, 48000), (20, 100)]),
        # a part of it
        (money(30000, "INV/2026/00012"), "reference", [(12, 30000)]),
        # more than it
        (money(50000, "INV/2026/00012"), "reference", [(12, 48000)]),
        # a customer: one item, all that is overdue, all, the two oldest, some of them
        (money(1500, "merci", "dupont"), "customer", [(20, 1500)]),
        (money(49500, "", "dupont"), "customer", [(12, 48000), (20, 1500)]),
        (money(50200, "", "dupont"), "customer", [(12, 48000), (20, 1500), (31, 700)]),
        (money(48700, "", "dupont"), "customer", [(12, 48000), (31, 700)]),
        # a customer and no such amount: the oldest debt first
        (money(10000, "", "dupont"), "customer", [(12, 10000)]),
        (money(48001, "", "dupont"), "customer", [(12, 48000), (20, 1)]),
        # an amount that only one owes: one item, all that is overdue
        (money(48000), "amount", [(12, 48000)]),
        (money(2400), "amount", [(14, 900), (17, 1500)]),
        # the very customer is known and owes nothing
        (money(48000, "", "nobody"), None, []),
        # nothing of the kind
        (money(123), None, []),
        (money(48000.01), None, []),
        # another currency
        (money(1000, "", currency=USD, company_amount=880), "amount", [(50, 900)]),
        (money(1000), None, []),
        (money(400, "", "smith", currency=USD, company_amount=350), "customer", [(50, 360)]),
        (money(880, "", "smith"), "customer", [(50, 880)]),  # euros for dollars
    ],
)
def test_find(one, certainty, matches):
    assert found(one) == (certainty, [(key, Decimal(amount)) for key, amount in matches])


@pytest.mark.parametrize(
    ("reference", "telling"),
    [("AB123", True), ("12345", True), ("1234", False), ("ABC12", False), ("FACTURE", False)],
)
def test_what_would_be_found_by_chance_names_nothing(reference, telling):
    assert matching.is_telling(reference) is telling
    assert (reference in matching.tokens(f"VIR {reference} merci")) is telling


def test_what_is_overdue_less_its_credits_without_what_falls_due_today():
    ledger = {"dupont": [("", item(10, 100, key=1)), ("", item(5, -30, key=2)),
                         ("", item(0, 50, key=3))]}  # fmt: skip
    assert found(money(70), **ledger) == ("amount", [(1, Decimal(70))])
    assert found(money(120), **ledger)[0] == "amount", "all that is open"
    assert found(money(71), **ledger) == (None, [])


def test_two_customers_who_owe_the_same_are_both_found():
    certainty, matches = debts(**LEDGER).find(money(1500))
    assert certainty == "amount"
    assert [(customer, one.key) for customer, one, _amount in matches] == [
        ("dupont", 20), ("martin", 17)
    ]


def test_two_customers_with_the_same_bank_account_are_both_found():
    certainty, matches = debts(**LEDGER).find(money(1500, "", "dupont", "martin"))
    assert certainty == "customer"
    assert [(customer, amount) for customer, _one, amount in matches] == [
        ("dupont", 1500), ("martin", 1500)
    ]


def test_an_amount_that_many_owe_says_nothing():
    crowd = {f"c{n}": [(f"INV/{n}", item(5, 100, key=100 + n))] for n in range(4)}
    assert found(money(100), **crowd) == (None, [])
    three = dict(list(crowd.items())[:3])
    assert len(found(money(100), **three)[1]) == 3


@pytest.mark.parametrize(
    ("least", "one", "certainty"),
    [
        ("reference", money(48000, "INV/2026/00012"), "reference"),
        ("reference", money(48000, "", "dupont"), None),
        ("customer", money(48000, "", "dupont"), "customer"),
        ("customer", money(48000), None),
        ("amount", money(48000), "amount"),
    ],
)
def test_how_certain_it_has_to_be(least, one, certainty):
    assert found(one, least)[0] == certainty


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("INV/2026/00012", True),
        ("facture n° INV/2026/00012.", True),
        ("INV/2026/000123", False),  # a longer number is another document
        ("2026/00012", False),
        ("", False),
        ("<script>INV/2026/00012</script>", True),
    ],
)
def test_references_are_whole(text, named):
    assert (found(money(48000, text))[0] == "reference") is named


def test_a_short_number_is_no_reference():
    assert found(money(999, "12"), x=[("12", item(5, 100, key=1))]) == (None, [])


def test_a_structured_reference_in_groups_of_four():
    ledger = {"x": [("RF18539007547034", item(5, 100, key=1))]}
    assert found(money(7, "RF18 5390 0754 7034"), **ledger)[0] == "reference"


def test_an_endless_text_is_read_in_no_time():
    assert len(matching.tokens("A1234 " * 100_000)) <= matching.MAX_WORDS * 60


def test_credits_count_in_a_total():
    """What the credit covers is left to it."""
    ledger = {"x": [("A/1000", item(9, 500, key=1)), ("C/1000", item(9, -100, key=2)),
                    ("A/1001", item(5, 300, key=3))]}
    assert found(money(700, "", "x"), **ledger) == ("customer", [(1, 500), (3, 200)])


# === THE GUARDS === #


@pytest.mark.parametrize("code", ["probably_paid", "probably_paid_shared", "draft_credit"])
@pytest.mark.parametrize(
    ("amount", "until", "expected", "overdue"),
    [
        (300, TODAY.replace(day=22), ("wait", None), 0),
        (300, TODAY, ("wait", None), 0),
        (300, TODAY.replace(day=17), ("remind", 20), 300),  # held long enough
        (100, TODAY.replace(day=22), ("remind", 20), 200),
        (900, TODAY.replace(day=22), ("wait", None), 0),
    ],
)
def test_what_is_probably_paid_is_not_asked_for(code, amount, until, expected, overdue):
    one = item(7, 300, 0, code, parts={code: ((Decimal(amount), until),)})
    made = decided(one)
    outcome, reason, rank = answer(made)
    assert (outcome, rank) == expected
    assert reason == (code if outcome == "wait" else "level_called")
    assert made.situation.overdue == overdue


def test_the_next_date_is_the_day_after_the_hold():
    parts = {"probably_paid": ((Decimal(300), TODAY.replace(day=23)),)}
    made = decided(item(7, 300, 0, "probably_paid", parts=parts))
    assert made.next_date == TODAY.replace(day=24)
    assert made.seen == {"end": "2026-03-23"}
