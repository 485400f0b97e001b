"""What is predicted: a ledger's invoices on days of the past."""

from dataclasses import dataclass
from datetime import date, timedelta

from ..progress import SetupError

#: As-of days where none is asked for, between these shares of the invoices: before, there is
#: little to learn from, and the end of many files is thin, as what was open was left out.
DAYS = 8
FIRST_SHARE, LAST_SHARE = 0.35, 0.9

#: Days after an as-of day that have to be in the ledger, to compare with.
AHEAD = timedelta(days=35)

#: Invoices issued in so many days after the as-of day are predicted on their own day.
NEW = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Item:
    """An invoice; ``amount`` in the company's currency, ``paid`` None where it never was."""

    customer: str
    issued: date
    due: date
    paid: date | None
    amount: float

    def known(self, day):
        """Return the item as it was known on ``day``."""
        if self.paid is None or self.paid <= day:
            return self
        return Item(self.customer, self.issued, self.due, None, self.amount)


@dataclass(frozen=True, slots=True)
class Sample:
    """An item to predict on a day, on which it is open."""

    item: Item
    day: date

    @property
    def days_late(self):
        return (self.item.paid - self.item.due).days


def read_items(ledger):
    """Return the items of a ledger: invoices that were paid in full, or not at all."""
    items = []
    for invoice in ledger.invoices:
        if invoice.amount > 0:
            in_full = invoice.paid_on if invoice.paid >= invoice.amount else None
            items.append(
                Item(
                    invoice.customer,
                    invoice.date,
                    invoice.due,
                    in_full,
                    float(invoice.amount / invoice.rate),
                )
            )
    return items


def choose_days(items):
    """Return the as-of days: evenly spread, with history before and four weeks and more after.

    :raises SetupError: the ledger is too short
    """
    issued = sorted(item.issued for item in items)
    paid = max((item.paid for item in items if item.paid), default=None)
    if paid is None:
        raise SetupError("Nothing was paid in this ledger: there is nothing to learn from.")
    first = issued[int(len(issued) * FIRST_SHARE)]
    last = min(paid - AHEAD, issued[int(len(issued) * LAST_SHARE)])
    if last <= first:
        raise SetupError("The ledger is too short to learn from its beginning and look ahead.")
    step = (last - first) / (DAYS - 1)
    return sorted({first + step * number for number in range(DAYS)})


def known_on(items, day):
    """Return what was known on ``day``."""
    return [item.known(day) for item in items if item.issued <= day]


def open_on(items, day):
    """Return the samples of all that was open at the end of ``day``."""
    return [
        Sample(item, day)
        for item in items
        if item.issued <= day and (item.paid is None or item.paid > day)
    ]


def new_after(items, day):
    """Return the samples of what was issued after ``day``, each predicted when it was issued."""
    return [
        Sample(item, item.issued)
        for item in items
        if day < item.issued <= day + NEW and (item.paid is None or item.paid > item.issued)
    ]
