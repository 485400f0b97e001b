"""Classes of customers by how they pay, for segments and levels to ask about.

A customer may be of several: a usual good payer may be predicted late. Nothing is said of habits
before there are some.
"""

from dataclasses import dataclass

GOOD_PAYER = "good_payer"
CHRONIC_LATE = "chronic_late"
PREDICTED_LATE = "predicted_late"
BROKEN_PROMISE = "broken_promise"

#: In the order in which they are told.
CLASSES = (GOOD_PAYER, CHRONIC_LATE, PREDICTED_LATE, BROKEN_PROMISE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a class begins.

    :ivar least: documents paid, before there is a habit
    :ivar good: days late up to which four documents in five of a good payer are paid
    :ivar chronic: days late, at the median, from which lateness is a habit
    :ivar risk: probability, by amount, from which what falls due is expected late
    :ivar broken: promises not kept that make it a habit
    """

    least: int = 5
    good: int = 5
    chronic: int = 15
    risk: float = 0.6
    broken: int = 2


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a customer; None is not known.

    :ivar paid: documents paid
    :ivar late_p80: days late of four documents in five
    :ivar late_median: days late at the median
    :ivar risk: probability, by amount, that what is not due yet is paid late
    :ivar broken: promises not kept
    """

    paid: int = 0
    late_p80: float | None = None
    late_median: float | None = None
    risk: float | None = None
    broken: int = 0


def classify(habits, limits=Limits()):
    """Return the set of classes that a customer is of.

    >>> classify(Habits(paid=20, late_p80=2.0, late_median=0.0, risk=0.7)) == {
    ...     GOOD_PAYER, PREDICTED_LATE}
    True
    >>> classify(Habits(paid=4, late_p80=40.0, late_median=30.0, broken=2))
    frozenset({'broken_promise'})
    """
    has_habits = habits.paid >= limits.least
    found = {
        GOOD_PAYER: has_habits and _known(habits.late_p80) and habits.late_p80 <= limits.good,
        CHRONIC_LATE: has_habits
        and _known(habits.late_median)
        and habits.late_median >= limits.chronic,
        PREDICTED_LATE: _known(habits.risk) and habits.risk >= limits.risk,
        BROKEN_PROMISE: habits.broken >= limits.broken,
    }
    return frozenset(name for name, is_of in found.items() if is_of)


def _known(value):
    return value is not None
