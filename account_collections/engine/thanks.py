"""A thank-you when all that was dunned is paid: once, on the next working day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from .facts import AFTER_PAYMENT, ZERO, Level

#: What is overdue and withheld for these reasons is nothing that a customer should have paid.
NOT_LATE = frozenset(
    {"no_followup", "intercompany", "small_residual", "until_maturity", "retention"}
)


@dataclass(frozen=True, slots=True)
class Thanks:
    """What a customer is thanked for.

    :ivar day: first day on which it may leave
    :ivar items: what was paid, amounts being those received
    """

    level: Level
    day: date
    items: tuple


def call(facts, situation):
    """Return the :class:`Thanks` that a case calls for, or None.

    Never when something else is overdue, asked for or withheld: thanking whom we remind the
    day after would please nobody.
    """
    if not facts.paid or not facts.scenario or situation.late:
        return None
    if situation.waiting - NOT_LATE:
        return None
    level = next((one for one in facts.scenario.levels if one.trigger == AFTER_PAYMENT), None)
    if level is None or sum((item.amount for item in facts.paid), ZERO) < level.min_amount:
        return None
    latest = max(item.settled_on for item in facts.paid)
    day = facts.open_days.next_open(latest + timedelta(days=1))
    return Thanks(level, day, tuple(facts.paid))


def only(situation, level):
    """Return the situation in which nothing but a thank-you is called."""
    return replace(situation, calls=[], level=level)
