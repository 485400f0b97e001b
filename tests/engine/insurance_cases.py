"""The engine of credit insurance, loaded by path, and policies, decisions and debts in few words.

Everything is counted from ``TODAY``; policies run over the two years around it.
"""

from datetime import date, timedelta
from decimal import Decimal

from engine_cases import TODAY, load

MODULES = load("account_collections_insurance", "insurance_engine")
allocation, clocks, cover, indemnity, limits, terms = (
    MODULES[name] for name in ("allocation", "clocks", "cover", "indemnity", "limits", "terms")
)

FIRST, LAST = date(2025, 4, 1), date(2027, 3, 31)


def policy(start=FIRST, end=LAST, percent=90, **values):
    return terms.Terms(start, end, Decimal(percent), **values)


def decision(kind, amount=0, effective=-300, announced=None, **values):
    """Return a decision; days are counted from TODAY."""
    return limits.Decision(
        kind,
        Decimal(amount),
        TODAY + timedelta(days=effective if announced is None else announced),
        TODAY + timedelta(days=effective),
        **values,
    )


def debt(key, amount, delivered=-60, due=30, **values):
    """Return an item delivered so many days from TODAY, due ``due`` days later."""
    day = TODAY + timedelta(days=delivered)
    return allocation.Item(key, day, day + timedelta(days=due), Decimal(str(amount)), **values)


def buyer(*decisions, versions=None, **values):
    return cover.Buyer("buyer", versions or (policy(),), decisions, **values)


def covered(items, *buyers, today=TODAY):
    """Return what is covered of each item, by key."""
    return {key: one.covered for key, one in cover.cover(items, buyers, today).items()}


def states(items, *buyers, today=TODAY):
    """Return (state, reason) of each item, by key."""
    found = cover.cover(items, buyers, today)
    return {key: (one.state, one.reason) for key, one in found.items()}
