"""What an insurer covers of open debts: limits over time, silo, blind cover, several policies."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from insurance_cases import (
    TODAY,
    allocation,
    buyer,
    cover,
    covered,
    debt,
    decision,
    limits,
    policy,
    states,
)

GRANTED = decision("full", 50000)
A, B, C = debt("A", 30000, -60), debt("B", 25000, -50), debt("C", 20000, -40)


def amounts(**values):
    return {key: Decimal(value) for key, value in values.items()}


# === THE SILO === #


def test_the_oldest_debt_fills_the_limit_first():
    """Limit 50,000: of 30,000, 25,000 and 20,000 there are covered 30,000, 20,000 and nothing."""
    assert covered([C, A, B], buyer(GRANTED)) == amounts(A=30000, B=20000, C=0)
    assert states([A, B, C], buyer(GRANTED)) == {
        "A": ("covered", None),
        "B": ("under_covered", "limit_used"),
        "C": ("uncovered", "limit_used"),
    }


def test_what_is_paid_makes_room():
    """A is paid: 25,000 and 20,000 are covered."""
    assert covered([B, C], buyer(GRANTED)) == amounts(B=25000, C=20000)


def test_a_credit_without_an_invoice_pays_the_oldest():
    assert covered([A, B, C, debt("paid", -35000, -1)], buyer(GRANTED)) == amounts(B=20000, C=20000)


def test_what_is_in_no_ledger_yet_fills_the_limit_by_its_age():
    """Delivered before B, 15,000 without an invoice takes its room; orders where they count."""
    delivered = replace(debt("D", 15000, -55), due=TODAY, stage=allocation.DELIVERED)
    ordered = replace(debt("O", 9000, 0), due=TODAY, stage=allocation.ORDERED)
    items = [A, B, delivered, ordered]
    assert covered(items, buyer(GRANTED)) == amounts(A=30000, D=15000, B=5000)
    counting = replace(buyer(decision("full", 75000)), counts_orders=True)
    assert covered(items, counting) == amounts(A=30000, D=15000, B=25000, O=5000)
    # nothing falls due, or was granted too long a time, before it is invoiced
    strict = policy(credit_days=30, invoicing_days=60, extension_days=10)
    found = cover.cover([delivered], [buyer(GRANTED, versions=(strict,))], TODAY)
    assert found["D"].reason is None
    late = replace(strict, invoicing_days=50)
    late_item = replace(delivered, invoiced=TODAY)
    found = cover.cover([late_item], [buyer(GRANTED, versions=(late,))], TODAY)
    assert found["D"].reason == cover.INVOICED_LATE


def test_what_is_contested_fills_the_limit_and_is_not_covered():
    """Contested, A keeps its place: once that is resolved nothing moves but its own cover."""
    contested = debt("A", 30000, -60, disputed=Decimal(30000))
    assert covered([contested, B, C], buyer(GRANTED)) == amounts(A=0, B=20000, C=0)
    assert states([contested], buyer(GRANTED)) == {"A": ("suspended", "disputed")}
    in_part = debt("A", 30000, -60, disputed=Decimal(12000))
    assert covered([in_part, B], buyer(GRANTED)) == amounts(A=18000, B=20000)
    assert states([in_part], buyer(GRANTED)) == {"A": ("under_covered", "disputed")}


def test_who_owes_is_covered_as_a_whole():
    def state(items, *buyers, is_stopped=False):
        return cover.state_of(cover.cover(items, buyers, TODAY).values(), is_stopped)

    assert state([A], buyer(GRANTED)) == "covered"
    assert state([A, B], buyer(GRANTED)) == "under_covered"
    assert state([A], buyer()) == "uncovered"
    assert state([A], buyer(GRANTED), is_stopped=True) == "suspended"
    blind = policy(discretionary=Decimal(40000), blind_percent=Decimal(70))
    assert state([A], buyer(versions=(blind,))) == "blind"


# === LIMITS OVER TIME === #


@pytest.mark.parametrize(
    ("day", "known", "limit"),
    [
        (-301, 0, None),  # nothing decided for deliveries of that day
        (-300, 0, 50000),
        (-21, 0, 50000),  # announced, not in effect
        (-20, 0, 20000),
        (-20, -41, 50000),  # as it was known the day before it was announced
        (-20, -40, 20000),
        (30, 0, 0),
        (30, -10, 20000),
    ],
)
def test_a_cut_is_announced_on_one_day_and_in_effect_from_another(day, known, limit):
    history = (
        GRANTED,
        decision("reduced", 20000, -20, announced=-40),
        decision("withdrawn", 0, 20, announced=-5),
    )
    found = limits.limit_on(history, TODAY + timedelta(days=day), TODAY + timedelta(days=known))
    assert found == limit


@pytest.mark.parametrize(
    ("history", "limit"),
    [
        ((decision("requested", 50000),), None),
        ((decision("partial", 30000),), 30000),
        ((decision("conditional", 30000),), 30000),
        ((decision("refused"),), 0),
        ((GRANTED, decision("increase_refused", 0, -20)), 50000),  # the old cover stays
        ((decision("increase_refused", 0, -20),), 0),  # decided on: no blind cover any more
        ((GRANTED, decision("requested", 90000, -20)), 50000),
        ((GRANTED, decision("pre_notice", 0, -20)), 50000),
        ((GRANTED, decision("expired", 0, -20)), 0),
        ((decision("full", 50000, until=TODAY),), 50000),
        ((decision("full", 50000, until=date(2026, 3, 17)),), 0),
        # reduced to 20,000 as of 20 days ago, told only in two days: not known today
        ((GRANTED, decision("reduced", 20000, -20, announced=2)), 50000),
        # two decisions of one day: the insurer's own order, else the smaller limit
        (
            (
                decision("revised", 70000, -20, reference="2"),
                decision("revised", 60000, -20, reference="1"),
            ),
            70000,
        ),
        ((decision("revised", 70000, -20), decision("revised", 60000, -20)), 60000),
    ],
)
def test_what_each_kind_of_decision_leaves(history, limit):
    assert limits.limit_on(history, TODAY, TODAY) == limit
    assert limits.limit_on(history[::-1], TODAY, TODAY) == limit


def test_a_cut_that_was_told_late_takes_nothing_back():
    history = (GRANTED, decision("reduced", 20000, -40, announced=-20))
    days = (-40, -21, -20)
    found = [limits.limit_on(history, TODAY + timedelta(days=day), TODAY) for day in days]
    assert found == [50000, 50000, 20000]


def on_top(amount, first, last, **values):
    return decision(
        "full", amount, first, temporary=True, until=TODAY + timedelta(days=last), **values
    )


@pytest.mark.parametrize(
    ("history", "limit"),
    [
        ((GRANTED, on_top(15000, -10, 10)), 65000),
        ((GRANTED, on_top(15000, -10, -1)), 50000),
        ((GRANTED, on_top(15000, 1, 10, announced=-5)), 50000),
        ((on_top(15000, -10, 10),), 15000),
        # of two that overlap the later replaces the other while it lasts
        ((GRANTED, on_top(15000, -10, 10), on_top(5000, -5, 5)), 55000),
        ((GRANTED, on_top(15000, -10, 10), on_top(5000, -5, -1)), 65000),
        # who lost the limit lost what came on top; a reduction leaves it
        ((GRANTED, on_top(15000, -10, 10), decision("withdrawn", 0, -5)), 0),
        ((GRANTED, on_top(15000, -10, 10), decision("reduced", 20000, -5)), 35000),
    ],
)
def test_a_temporary_limit_comes_on_top(history, limit):
    assert limits.limit_on(history, TODAY, TODAY) == limit


def test_what_was_delivered_before_a_cut_keeps_its_limit():
    """50,000 until B, then 20,000: A and B stay as they were, of C nothing is covered."""
    cut = decision("reduced", 20000, -45)
    assert covered([A, B, C], buyer(GRANTED, cut)) == amounts(A=30000, B=20000, C=0)
    # once A is paid B fills all that the lower limit has
    assert covered([B, C], buyer(GRANTED, cut)) == amounts(B=25000, C=0)
    assert covered([C], buyer(GRANTED, cut)) == amounts(C=20000)


def test_what_was_delivered_in_a_temporary_limit_keeps_it():
    short = on_top(10000, -55, -45)
    assert covered([A, B, C], buyer(GRANTED, short)) == amounts(A=30000, B=25000, C=0)


@pytest.mark.parametrize(("reaches_back", "second"), [(False, 20000), (True, 25000)])
def test_a_raise_covers_earlier_deliveries_only_where_the_policy_says_so(reaches_back, second):
    versions = (policy(reaches_back=reaches_back),)
    raised = decision("revised", 90000, -45)
    assert covered([A, B, C], buyer(GRANTED, raised, versions=versions)) == amounts(
        A=30000, B=second, C=20000
    )


def test_days_on_which_a_limit_changes_by_itself():
    history = (
        GRANTED,
        on_top(15000, -10, 10),
        decision("withdrawn", 0, 20, announced=-5),
        decision("pre_notice", 0, 5, announced=-5),
    )
    days = limits.changes_after(history, TODAY, TODAY)
    assert days == [TODAY + timedelta(days=11), TODAY + timedelta(days=20)]


# === BLIND COVER === #


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((), (5000, "under_covered")),
        ((decision("requested", 50000),), (5000, "under_covered")),
        ((decision("refused"),), (0, "uncovered")),
        ((decision("increase_refused"),), (0, "uncovered")),
    ],
)
def test_a_discretionary_limit_is_lost_once_the_insurer_decides(history, expected):
    blind = policy(discretionary=Decimal(5000), blind_percent=Decimal(70))
    [found] = cover.cover([A], [buyer(*history, versions=(blind,))], TODAY).values()
    assert (found.covered, found.state) == expected
    assert found.blind == found.covered
    assert found.indemnity == found.covered * 70 / 100


@pytest.mark.parametrize(("grade", "limit"), [(None, 0), (39, 0), (40, 5000)])
def test_a_discretionary_limit_may_ask_for_a_grade(grade, limit):
    blind = policy(discretionary=Decimal(5000), discretionary_grade=Decimal(40))
    unknown = buyer(versions=(blind,), grade=None if grade is None else Decimal(grade))
    assert covered([A], unknown) == amounts(A=limit)


# === WHAT IS OUTSIDE === #


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (debt("A", 100, -60, due=90), None),
        (debt("A", 100, -60, due=91), "term_exceeded"),
        (debt("A", 100, -60, invoiced=TODAY - timedelta(days=30)), None),
        (debt("A", 100, -60, invoiced=TODAY - timedelta(days=29)), "invoiced_late"),
        (debt("A", 100, -301), "no_limit"),  # delivered before the insurer decided
        (debt("A", 100, -400), "no_policy"),
    ],
)
def test_what_a_policy_does_not_take(item, reason):
    strict = policy(credit_days=90, invoicing_days=30)
    assert states([item], buyer(GRANTED, versions=(strict,)))["A"] == (
        ("uncovered", reason) if reason else ("covered", None)
    )


def test_what_is_not_insured_fills_no_limit():
    late = debt("A", 40000, -60, due=120)
    assert covered([late, B], buyer(GRANTED, versions=(policy(credit_days=90),))) == amounts(
        A=0, B=25000
    )


def test_without_a_policy_nothing_is_covered():
    assert states([A]) == {"A": ("uncovered", "no_policy")}


def test_debts_of_before_are_rolled_in():
    """What a new policy takes over was delivered before its limits could take effect."""
    new = policy(start=TODAY - timedelta(days=30), roll_in=TODAY - timedelta(days=55))
    granted = decision("full", 50000, -30)
    assert states([A, B], buyer(granted, versions=(new,))) == {
        "A": ("uncovered", "no_policy"),
        "B": ("covered", None),
    }


def test_tax_outside_the_cover():
    """Of 12,000 with 2,000 of tax 10,000 are insured: all of that is as good as covered."""
    item = debt("A", 12000, untaxed=Decimal(10000))
    without = (policy(tax_covered=False),)
    assert covered([item], buyer(GRANTED)) == amounts(A=12000)
    assert covered([item], buyer(GRANTED, versions=without)) == amounts(A=10000)
    assert states([item], buyer(GRANTED, versions=without)) == {"A": ("covered", None)}
    short = decision("partial", 9000)
    assert states([item], buyer(short, versions=without)) == {"A": ("under_covered", "limit_used")}


# === CESSATION === #


@pytest.mark.parametrize(
    ("overdue", "third"),
    [
        (60, ("covered", None)),  # the last day of the extension period
        (61, ("suspended", "stopped")),
    ],
)
def test_past_the_extension_period_new_deliveries_are_uninsured(overdue, third):
    old = debt("A", 100, -overdue - 30)
    fresh = debt("C", 100, 0)
    late = buyer(GRANTED, versions=(policy(extension_days=60),))
    assert states([old, fresh], late) == {"A": ("covered", None), "C": third}


def test_cured_the_cover_is_back():
    late = buyer(GRANTED, versions=(policy(extension_days=60),))
    stopped = [debt("A", 100, -130), debt("B", 100, -41), debt("C", 100, -30)]
    assert states(stopped, late)["B"] == ("covered", None)  # delivered before it stopped
    assert states(stopped, late)["C"] == ("suspended", "stopped")
    assert states(stopped[1:], late)["C"] == ("covered", None)
    # what is contested stops nothing
    contested = debt("A", 100, -130, disputed=Decimal(100))
    assert states([contested, *stopped[1:]], late)["C"] == ("covered", None)


# === SEVERAL POLICIES, CURRENCIES === #


def test_what_the_first_policy_leaves_the_next_may_cover():
    first = cover.Buyer("first", (policy(percent=90),), (GRANTED,))
    on_top_of_it = cover.Buyer("second", (policy(percent=80),), (decision("full", 15000),))
    found = cover.cover([A, B, C], [first, on_top_of_it], TODAY)
    assert {key: one.covered for key, one in found.items()} == amounts(A=30000, B=25000, C=10000)
    assert found["B"].indemnity == 20000 * Decimal("0.9") + 5000 * Decimal("0.8")
    assert [one.buyer for one in found.values()] == ["first", "first", "second"]
    assert [one.reason for one in found.values()] == [None, None, "limit_used"]


def test_a_limit_in_another_currency():
    """Debts in the policy's currency count as they are, others by the rate."""
    own = debt("A", 9000, currency="USD", amount_currency=Decimal(10000))
    other = debt("B", 10000, -50)
    dollars = buyer(decision("full", 15000), currency="USD", rate=Decimal("1.25"))
    assert covered([own, other], dollars) == amounts(A=9000, B=4000)
    # a third of a cent is not covered
    thirds = buyer(decision("full", 10), currency="USD", rate=Decimal(3))
    assert covered([other], thirds) == {"B": Decimal("3.33")}


# === ALLOCATION === #


def test_money_pays_the_oldest_whatever_was_settled():
    """B was settled in the ledger; for the insurer that money paid A."""
    found = allocation.oldest_paid_first([C, A, B], open_total=Decimal(50000))
    assert found == amounts(A=5000, B=25000, C=20000)


def test_what_a_second_policy_leaves_is_said():
    """The first insures no tax and covers all else; the second would insure the tax."""
    invoice = debt("A", 120, untaxed=Decimal(100))
    first = buyer(GRANTED, versions=(policy(tax_covered=False),))
    second = buyer(versions=(policy(tax_covered=True),))
    assert states([invoice], first) == {"A": ("covered", None)}
    assert states([invoice], first, second) == {"A": ("under_covered", "no_limit")}
