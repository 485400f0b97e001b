"""Which scenario a case falls under."""

from dataclasses import dataclass
from decimal import Decimal

from .facts import ZERO


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on figures; None asks nothing. Amounts are in company currency.

    :ivar max_outstanding: exclusive, so that 'under 1,500' and 'from 1,500' leave no gap
    :ivar min_days_overdue: age of the oldest overdue item, in days
    """

    min_outstanding: Decimal | None = None
    max_outstanding: Decimal | None = None
    min_overdue: Decimal | None = None
    min_days_overdue: int | None = None

    def accept(self, outstanding, overdue, days_overdue):
        """Return whether figures satisfy every condition that was set."""
        return (
            (self.min_outstanding is None or outstanding >= self.min_outstanding)
            and (self.max_outstanding is None or outstanding < self.max_outstanding)
            and (self.min_overdue is None or overdue >= self.min_overdue)
            and (self.min_days_overdue is None or days_overdue >= self.min_days_overdue)
        )


def figures(items, today):
    """Return (outstanding, overdue, days overdue of the oldest) of open items, before any guard.

    >>> from datetime import date
    >>> from .facts import Item
    >>> item = Item(1, 1, date(2026, 3, 1), Decimal(100), 1, Decimal(100))
    >>> figures([item], date(2026, 3, 31))
    (Decimal('100'), Decimal('100'), 30)
    """
    outstanding = overdue = ZERO
    oldest = None
    for item in items:
        outstanding += item.amount
        if item.amount > ZERO and item.due < today:
            overdue += item.amount
            oldest = min(oldest, item.due) if oldest else item.due
    return outstanding, overdue, (today - oldest).days if oldest else 0


def choose(segments, customer_key, items, today):
    """Return the key of the first segment that takes a customer, or None.

    :param segments: triples (key, customers, conditions) in the order they are tried;
        ``customers`` is a set of customer keys, or None for everyone
    """
    measured = None
    for key, customers, conditions in segments:
        if customers is not None and customer_key not in customers:
            continue
        if measured is None:
            measured = figures(items, today)
        if conditions.accept(*measured):
            return key
    return None
