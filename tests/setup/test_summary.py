"""The summaries of several companies as one."""

from lib import summary


def test_numbers_and_breakdowns_are_added():
    first = {"date": "2025-01-31", "debtors": 3, "overdue": 10.5, "by_level": {"+3 / E-mail": 2}}
    second = {
        "date": "2025-01-31",
        "debtors": 4,
        "overdue": 0.5,
        "by_level": {"+3 / E-mail": 1, "+10 / E-mail": 5},
    }
    assert summary.total([first, second]) == {
        "date": "2025-01-31",
        "debtors": 7,
        "overdue": 11.0,
        "by_level": {"+3 / E-mail": 3, "+10 / E-mail": 5},
    }
    assert first["debtors"] == 3
