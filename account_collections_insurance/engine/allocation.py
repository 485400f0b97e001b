"""Which debts money pays in the eyes of an insurer: the oldest first."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .terms import ZERO

#: How far a debt has come: in the ledger; delivered without an invoice; ordered and confirmed.
BILLED, DELIVERED, ORDERED = "billed", "delivered", "ordered"


@dataclass(frozen=True, slots=True)
class Item:
    """An open item; a negative amount is a credit.

    :ivar delivered: day of the delivery, that of the invoice where no other is known
    :ivar due: original due date: what was agreed later does not move it
    :ivar amount: what is open, company currency
    :ivar currency: its own currency, and ``amount_currency`` what is open in it
    :ivar untaxed: what is open without tax, company currency; None when there is no tax
    :ivar disputed: contested part of ``amount``
    :ivar invoiced: day of the invoice
    :ivar customer: which of the legal entity's accounts owes it
    :ivar filed: last step that was taken with the insurer, of :data:`.clocks.ANSWERED`, and
        ``filed_on`` its day
    :ivar stage: what is not :data:`BILLED` is exposed, and in no ledger yet
    """

    key: int
    delivered: date
    due: date
    amount: Decimal
    currency: object = None
    amount_currency: Decimal | None = None
    untaxed: Decimal | None = None
    disputed: Decimal = ZERO
    invoiced: date | None = None
    customer: object = None
    filed: str | None = None
    filed_on: date | None = None
    stage: str = BILLED

    @property
    def age(self):
        """What sorts the oldest first; deliveries of one day by due date, then by key."""
        return self.delivered, self.due, self.key

    def reduced_to(self, amount):
        """Return this item with only ``amount`` open; its other amounts shrink with it."""
        if amount == self.amount:
            return self
        share = amount / self.amount
        return replace(
            self,
            amount=amount,
            amount_currency=self.amount_currency and self.amount_currency * share,
            untaxed=self.untaxed and self.untaxed * share,
            disputed=min(self.disputed, amount),
        )


def allocate(amounts, money):
    """Return the amounts that ``money`` leaves, taken off in their order.

    >>> allocate([Decimal(30), Decimal(25)], Decimal(40))
    [Decimal('0'), Decimal('15')]
    """
    left = []
    for amount in amounts:
        taken = min(amount, money)
        money -= taken
        left.append(amount - taken)
    return left


def net_credits(items):
    """Return the debts among ``items`` with what credits leave of them, the oldest first."""
    debts = sorted((item for item in items if item.amount > ZERO), key=lambda item: item.age)
    credit = -sum((item.amount for item in items if item.amount < ZERO), ZERO)
    if not credit:
        return debts
    left = allocate([debt.amount for debt in debts], credit)
    return [debt.reduced_to(amount) for debt, amount in zip(debts, left) if amount]


def oldest_paid_first(invoices, open_total):
    """Return {key: amount open} had all money gone to the oldest invoices, whatever was settled.

    :param invoices: items with their full amounts, paid ones too, of one legal entity
    :param open_total: what is owed of all of them together

    >>> day = date(2026, 1, 1)
    >>> two = [Item(1, day, day, Decimal(100)), Item(2, day, day, Decimal(80))]
    >>> oldest_paid_first(two, Decimal(90))
    {1: Decimal('10'), 2: Decimal('80')}
    """
    invoices = sorted(invoices, key=lambda item: item.age)
    paid = sum((invoice.amount for invoice in invoices), ZERO) - open_total
    left = allocate([invoice.amount for invoice in invoices], max(paid, ZERO))
    return {invoice.key: amount for invoice, amount in zip(invoices, left)}


def had_oldest_been_paid(items, invoices):
    """Return what is owed had all money gone to the oldest invoices.

    The total stays what it is; only which invoices are open differs from the ledger.

    :param items: open items of one legal entity, credits included
    :param invoices: its invoices with their full amounts, paid ones too, from the oldest that is
        open on

    >>> day, later = date(2026, 1, 1), date(2026, 2, 1)
    >>> old, new = Item(1, day, day, Decimal(100)), Item(2, later, later, Decimal(80))
    >>> [(item.key, int(item.amount)) for item in had_oldest_been_paid([old], [old, new])]
    [(1, 20), (2, 80)]
    """
    total = sum((item.amount for item in items), ZERO)
    if total <= ZERO:
        return items
    disputed = {item.key: item.disputed for item in items}
    left = oldest_paid_first(invoices, total)
    return [
        replace(one, disputed=disputed.get(one.key, ZERO)).reduced_to(left[one.key])
        for one in invoices
        if left[one.key]
    ]
