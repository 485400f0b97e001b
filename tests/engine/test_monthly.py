"""Monthly statements: the items of a month share one due date, none before its own."""

from datetime import date
from decimal import Decimal

import pytest
from engine_cases import MODULES, TODAY, answer, case, decide, decided, facts, guards, item

monthly = MODULES["monthly"]


@pytest.mark.parametrize(
    ("kind", "days", "issued", "due"),
    [
        ("end_of_month", 0, date(2026, 1, 1), date(2026, 1, 31)),
        ("end_of_month", 0, date(2026, 1, 31), date(2026, 1, 31)),
        ("end_of_month", 30, date(2026, 1, 15), date(2026, 3, 2)),
        ("end_of_month", 10, date(2028, 2, 1), date(2028, 3, 10)),
        ("end_of_month", 15, date(2025, 12, 31), date(2026, 1, 15)),
        ("day_of_next", 10, date(2026, 1, 15), date(2026, 2, 10)),
        ("day_of_next", 31, date(2026, 1, 31), date(2026, 2, 28)),
        ("day_of_next", 31, date(2026, 3, 1), date(2026, 4, 30)),
        ("day_of_next", 0, date(2026, 3, 1), date(2026, 4, 1)),
        ("day_of_next", 15, date(2025, 12, 31), date(2026, 1, 15)),
    ],
)
def test_due_date_of_a_statement(kind, days, issued, due):
    assert monthly.StatementTerm(kind, days).due(issued) == due


def _monthly(overdue, amount, issued, rank=0):
    return item(overdue, amount, rank, "by_statement", issued=issued)


TERM = facts.Policy(statement=monthly.StatementTerm("end_of_month", 10))


def test_items_of_a_month_fall_due_together():
    first, second = _monthly(40, 100, date(2026, 2, 2)), _monthly(12, 50, date(2026, 2, 27))
    made = decided(first, second, policy=TERM)
    assert {claim.due for claim in made.situation.claims} == {date(2026, 3, 10)}
    assert answer(made) == ("remind", "level_called", 20)
    assert sum(line.claim.amount for line in made.lines) == Decimal(150)


def test_a_statement_not_due_yet_is_not_dunned():
    made = decided(_monthly(10, 100, date(2026, 3, 5)), policy=TERM)
    assert made.outcome == "wait"
    assert made.situation.overdue == 0


def test_none_falls_due_before_its_own_date():
    """An invoice of February with sixty days is not due with the statement of 10 March."""
    made = decided(_monthly(-20, 100, date(2026, 2, 2)), policy=TERM)
    assert [claim.due for claim in made.situation.claims] == [TODAY.replace(month=4, day=7)]


def test_other_customers_count_from_each_invoice():
    made = decided(item(40, 100, 0), policy=TERM)
    assert made.situation.overdue == 100
    situation = decide.assess(case(item(40, 100, 0), policy=TERM), TODAY, guards.STANDARD)
    assert "by_statement" not in situation.withheld
