"""What to agree with a customer who pays worse: shorter terms, an internal credit limit.

It advises a person, who decides. What a customer usually owes is what it pays in a month, times
the months that it takes to pay: a limit below that would stop its business, one far above it would
stop nothing.
"""

from dataclasses import dataclass

#: Terms of payment that are usual, in days.
TERMS = (0, 15, 30, 45, 60)

#: By letter: steps to shorten terms, and the share of the usual debt that a limit allows.
STEPS = {"E": 2, "D": 1}
SHARES = {"E": 0.5, "D": 0.75}

#: The same of a customer with a better letter that has begun to delay.
SLOWER_STEPS, SLOWER_SHARE = 1, 1.0

#: Payments without which nothing is known well enough to propose anything.
ENOUGH = 5

DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a customer.

    :ivar letter: its rating
    :ivar slower: it has begun to delay
    :ivar count: documents paid
    :ivar monthly: what it pays in a month
    :ivar pay_days: days that it takes to pay, from the document's date
    :ivar terms: days that its documents give it
    :ivar limit: its credit limit, None without one
    :ivar exposure: what is open
    """

    letter: str | None = None
    slower: bool = False
    count: int = 0
    monthly: float = 0.0
    pay_days: float = 0.0
    terms: float = 0.0
    limit: float | None = None
    exposure: float = 0.0


def is_worse(habits):
    """Return whether there is a reason to propose anything."""
    return habits.count >= ENOUGH and (habits.slower or habits.letter in STEPS)


def propose_terms(habits):
    """Return shorter terms of payment in days, or None.

    >>> propose_terms(Habits(letter="E", count=20, terms=44.8))
    15
    >>> propose_terms(Habits(letter="B", slower=True, count=20, terms=30))
    15
    >>> propose_terms(Habits(letter="B", count=20, terms=30)) is None
    True
    >>> propose_terms(Habits(letter="E", count=20, terms=0)) is None
    True
    """
    if not is_worse(habits):
        return None
    steps = STEPS.get(habits.letter, SLOWER_STEPS)
    shorter = [days for days in TERMS if days < round(habits.terms)]
    return shorter[-min(steps, len(shorter))] if shorter else None


def propose_limit(habits):
    """Return an internal credit limit in company currency, or None.

    It is proposed where it is below the limit there is, or where none is and more is owed.

    >>> from dataclasses import replace
    >>> slow = Habits(letter="E", count=20, monthly=10_000, pay_days=61, exposure=30_000)
    >>> propose_limit(slow), propose_limit(replace(slow, limit=8_000))
    (10000.0, None)
    >>> propose_limit(replace(slow, letter="A")) is None
    True
    """
    if not is_worse(habits):
        return None
    usual = habits.monthly * max(habits.pay_days, 0) / DAYS_A_MONTH
    limit = _two_digits(usual * SHARES.get(habits.letter, SLOWER_SHARE))
    if limit <= 0:
        return None
    there = habits.exposure if habits.limit is None else habits.limit
    return limit if limit < there else None


def _two_digits(amount):
    """Return an amount as people set limits.

    >>> _two_digits(10027.4), _two_digits(347.0), _two_digits(0.0)
    (10000.0, 350.0, 0.0)
    """
    return float(f"{amount:.1e}")
