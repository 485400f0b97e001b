"""Which scenario a case falls under."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from .facts import ZERO


@dataclass(frozen=True, slots=True)
class Figures:
    """What conditions are asked about: open items before any guard, company currency.

    :ivar outstanding: net open total
    :ivar overdue: what is past its due date, credits not deducted
    :ivar days_overdue: age of the oldest overdue item
    :ivar items: number of overdue items
    :ivar measures: more that is known of the customer, by name: ``trust``, and what add-ons
        bring, such as a behaviour or a risk grade
    """

    outstanding: Decimal = ZERO
    overdue: Decimal = ZERO
    days_overdue: int = 0
    items: int = 0
    measures: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """``accepts(wanted, figures)`` says whether figures satisfy what a scenario wants."""

    code: str
    accepts: Callable


def at_least(code, figure):
    """Return the condition that a figure is not below what is wanted."""
    return Condition(code, lambda wanted, figures: getattr(figures, figure) >= wanted)


def below(code, figure):
    """Return the condition that a figure is below what is wanted.

    Exclusive, so that 'under 1,500' and 'from 1,500' leave no gap and do not overlap.
    """
    return Condition(code, lambda wanted, figures: getattr(figures, figure) < wanted)


def among(code, measure):
    """Return the condition that a measure of the customer is one of those wanted.

    A customer of whom it is not known satisfies none.
    """
    return Condition(code, lambda wanted, figures: figures.measures.get(measure) in wanted)


def has(code, measure):
    """Return the condition that what is wanted is among several that are known of the customer."""
    return Condition(code, lambda wanted, figures: wanted in figures.measures.get(measure, ()))


#: The registry, by code; add-ons pass a larger one to :class:`Conditions`.
CONDITIONS = {
    condition.code: condition
    for condition in (
        at_least("min_outstanding", "outstanding"),
        below("max_outstanding", "outstanding"),
        at_least("min_overdue", "overdue"),
        below("max_overdue", "overdue"),
        at_least("min_days_overdue", "days_overdue"),
        below("max_days_overdue", "days_overdue"),
        at_least("min_items", "items"),
        below("max_items", "items"),
        among("trust", "trust"),
        among("rating", "rating"),
        among("slowing", "slowing"),
        has("payer_class", "classes"),
    )
}


@dataclass(frozen=True, slots=True, init=False)
class Conditions:
    """What a scenario asks: all of it has to be true.

    >>> small = Conditions({"max_outstanding": Decimal(1500), "min_items": None})
    >>> small.accept(Figures(outstanding=Decimal(1499)))
    True
    >>> small.accept(Figures(outstanding=Decimal(1500)))
    False
    """

    asked: tuple

    def __init__(self, wanted=None, registry=None):
        """Ask for ``wanted``, {code: value}; None asks nothing.

        :raises KeyError: for a code that nobody registered
        """
        registry = CONDITIONS if registry is None else registry
        asked = tuple(
            (registry[code].accepts, value)
            for code, value in (wanted or {}).items()
            if value is not None
        )
        object.__setattr__(self, "asked", asked)

    def accept(self, figures):
        """Return whether ``figures`` satisfy every condition."""
        return all(accepts(wanted, figures) for accepts, wanted in self.asked)


def measure(items, today, measures=None):
    """Return the :class:`Figures` of open items, before any guard.

    >>> from datetime import date
    >>> from .facts import Item
    >>> item = Item(1, 1, date(2026, 3, 1), Decimal(100), 1, Decimal(100))
    >>> found = measure([item], date(2026, 3, 31))
    >>> found.outstanding, found.overdue, found.days_overdue, found.items
    (Decimal('100'), Decimal('100'), 30, 1)
    """
    late = [item for item in items if item.due < today and item.amount > ZERO]
    return Figures(
        outstanding=sum([item.amount for item in items], ZERO),
        overdue=sum([item.amount for item in late], ZERO),
        days_overdue=(today - min([item.due for item in late])).days if late else 0,
        items=len(late),
        measures=measures or {},
    )


def choose(segments, customer_key, get_figures):
    """Return the key of the first segment that takes a customer, or None.

    :param segments: triples (key, customers, conditions) in the order they are tried;
        ``customers`` is a set of customer keys, or None for everyone
    :param get_figures: called for the customer's :class:`Figures` when a condition is asked
    """
    figures = None
    for key, customers, conditions in segments:
        if customers is not None and customer_key not in customers:
            continue
        if not conditions.asked:
            return key
        if figures is None:
            figures = get_figures()
        if conditions.accept(figures):
            return key
    return None
