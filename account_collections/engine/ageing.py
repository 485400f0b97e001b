"""The aged balance: what is owed by how long it has been overdue."""

from decimal import Decimal

#: Last days of the buckets that a new company has; one more holds what is older.
BOUNDS = (30, 60, 90, 120)


def check_bounds(bounds):
    """Return whether the last days of the buckets rise, from one day on.

    >>> check_bounds((30, 60, 90, 120)), check_bounds((30, 30, 90, 120)), check_bounds((0, 1, 2, 3))
    (True, False, False)
    """
    days = (0, *bounds)
    return all(before < after for before, after in zip(days, bounds, strict=False))


def bucket(due, day, bounds=BOUNDS):
    """Return the bucket of an item at the end of ``day``: 0 is not overdue, 1 the first.

    >>> from datetime import date
    >>> end = date(2026, 3, 31)
    >>> [bucket(due, end) for due in (end, date(2026, 3, 1), date(2026, 2, 28))]
    [0, 1, 2]
    >>> bucket(date(2025, 11, 30), end)
    5
    """
    late = (day - due).days
    if late <= 0:
        return 0
    return 1 + sum(late > bound for bound in bounds)


def spans(bounds=BOUNDS):
    """Return the first and last days overdue of each bucket, the last without an end.

    >>> spans((30, 60))
    [(1, 30), (31, 60), (61, None)]
    """
    firsts = [1, *(bound + 1 for bound in bounds)]
    return list(zip(firsts, [*bounds, None], strict=True))


def aged_balance(items, day, bounds=BOUNDS):
    """Return the debts by bucket, beginning with those that are not due, and the credits.

    Their total is what is outstanding.

    :param items: pairs (due date, open amount); credits are below zero

    >>> from datetime import date
    >>> rows = [(date(2026, 3, 31), 100), (date(2026, 3, 1), 30), (date(2026, 1, 1), -5)]
    >>> debts, credits = aged_balance(
    ...     [(due, Decimal(amount)) for due, amount in rows], date(2026, 3, 31), (30,)
    ... )
    >>> [int(amount) for amount in debts], credits
    ([100, 30, 0], Decimal('-5'))
    """
    debts = [Decimal(0)] * (len(bounds) + 2)
    credits = Decimal(0)
    for due, amount in items:
        if amount > 0:
            debts[bucket(due, day, bounds)] += amount
        else:
            credits += amount
    return debts, credits
