"""What each item guard withholds, and until when."""

from datetime import date
from decimal import Decimal

import pytest
from engine_cases import DAY, TODAY, answer, case, decide, decided, facts, guards, item

ANY_MARK = (
    "no_followup", "intercompany", "assigned", "deposit", "payment_in_process", "task_open",
    "unconfirmed_elsewhere", "member_stopped",
)


@pytest.mark.parametrize("mark", ANY_MARK)
def test_a_marked_item_is_withheld_and_the_others_go_on(mark):
    held, free = item(20, 300, 0, mark), item(20, 200)
    made = decided(held, free)
    assert made.situation.withheld == {mark: [(held.key, Decimal(300))]}
    assert [line.claim.key for line in made.lines] == [free.key]
    assert made.situation.overdue == Decimal(200)
    assert made.situation.outstanding == Decimal(500)


@pytest.mark.parametrize("mark", ANY_MARK)
def test_a_case_of_withheld_items_only_says_why_it_waits(mark):
    assert answer(decided(item(20, 300, 0, mark))) == ("wait", mark, None)


@pytest.mark.parametrize(
    ("require_sent", "marks", "reason"),
    [
        (True, ("unsent",), "unsent"),
        (True, (), "level_called"),
        (False, ("unsent",), "level_called"),
    ],
)
def test_unsent_by_setting(require_sent, marks, reason):
    policy = facts.Policy(require_sent=require_sent)
    assert decided(item(20, 300, 0, *marks), policy=policy).reason == reason


@pytest.mark.parametrize(
    ("amount", "small_residual", "withheld"),
    [
        ("4.99", "5", True),
        ("5.00", "5", False),
        ("0.01", "0", False),
        ("-4.99", "5", False),  # a small credit is the customer's: it still counts for it
    ],
)
def test_small_residual(amount, small_residual, withheld):
    policy = facts.Policy(small_residual=Decimal(small_residual))
    situation = decide.assess(case(item(20, amount), policy=policy), TODAY, guards.STANDARD)
    assert ("small_residual" in situation.withheld) is withheld


@pytest.mark.parametrize(
    ("overdue", "grace", "marks", "withheld"),
    [
        (-3, 5, ("debit",), True),  # not due yet
        (0, 5, ("debit",), True),
        (5, 5, ("debit",), True),  # the last day of the return period
        (6, 5, ("debit",), False),
        (0, 0, ("debit",), True),  # it is collected on the due date itself
        (1, 0, ("debit",), False),
        (3, 5, ("debit", "debit_rejected"), False),
        (3, 5, (), False),
    ],
)
def test_debit_until_maturity_and_return_period(overdue, grace, marks, withheld):
    facts_ = case(item(overdue, 300, 0, *marks, grace=grace))
    situation = decide.assess(facts_, TODAY, guards.STANDARD)
    assert ("until_maturity" in situation.withheld) is withheld


def test_the_first_guard_takes_all():
    both = item(20, 300, 0, "no_followup", "assigned")
    made = decided(both)
    assert made.situation.withheld == {"no_followup": [(both.key, Decimal(300))]}


def test_the_trace_names_every_item_guard_in_order():
    made = decided(item(20, 300, 0, "deposit"), item(20))
    codes = [guard.code for guard in guards.STANDARD.items]
    assert [code for code, *_rest in made.trace][: len(codes) + 1] == [*codes, "credit"]
    [entry] = [entry for entry in made.trace if entry[0] == "deposit"]
    assert entry[1] is True
    assert (entry[2]["count"], entry[2]["amount"]) == (1, "300")


def test_the_trace_names_a_page_of_items_and_counts_them_all():
    made = decided(*(item(20, 10, 0, "assigned") for _n in range(120)))
    [entry] = [entry for entry in made.trace if entry[0] == "assigned"]
    assert (entry[2]["count"], len(entry[2]["items"])) == (120, decide.TRACED_ITEMS)


# === GUARDS OF OTHER ADD-ONS === #


def _registry(judge, sequence=55):
    return guards.STANDARD.extended(guards.ItemGuard("dispute", sequence, judge))


def test_a_guard_may_withhold_a_part():
    registry = _registry(lambda item, facts, today: guards.Withheld(Decimal(30)))
    made = decided(item(20, 100), registry=registry)
    assert made.situation.claims[0].amount == Decimal(70)
    assert made.situation.overdue == Decimal(70)


def test_a_part_larger_than_what_is_left_withholds_what_is_left():
    """A dispute of 150 on an invoice of which 100 is left after a payment."""
    other = item(20, 200)
    registry = _registry(
        lambda one, facts, today: None if one is other else guards.Withheld(Decimal(150))
    )
    made = decided(item(20, 100), other, registry=registry)
    assert made.situation.overdue == Decimal(200)
    assert made.situation.credits == []


def test_a_guard_may_move_the_due_date():
    later = date(2026, 3, 17)
    registry = _registry(lambda item, facts, today: guards.Withheld(due=later))
    made = decided(item(60, 100), registry=registry)
    assert made.situation.claims[0].due == later
    assert made.next_date == later + 3 * DAY
    assert answer(made) == ("wait", "not_yet", None)


def test_a_guard_takes_its_place_by_sequence():
    registry = _registry(lambda item, facts, today: None, sequence=15)
    assert [guard.code for guard in registry.items][:3] == [
        "no_followup",
        "dispute",
        "intercompany",
    ]
    assert registry.cases == guards.STANDARD.cases


@pytest.mark.parametrize(
    ("overdue", "grace", "others", "next_date"),
    [
        # on the day after the return period, a Friday, when its first level is due
        (-3, 5, (), date(2026, 3, 27)),
        # the return period ends on a Friday: the next working day
        (-3, 6, (), date(2026, 3, 30)),
        # collected on its due date without a return period: the level comes three days later
        (-3, 0, (), date(2026, 3, 24)),
        # what else is owed may be called before
        (-3, 5, (item(0),), date(2026, 3, 23)),
    ],
)
def test_a_debit_in_hand_says_from_when_it_may_be_claimed(overdue, grace, others, next_date):
    made = decided(item(overdue, 300, 0, "debit", grace=grace), *others)
    assert (made.outcome, made.next_date) == ("wait", next_date)


def test_a_debit_in_hand_at_the_end_of_its_ladder_has_no_next_date():
    assert decided(item(-3, 300, 60, "debit", grace=5)).next_date is None
