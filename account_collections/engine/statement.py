"""What a statement of account says, and how its rows fill pages.

A statement has an account per currency. An account has what is open, and what was paid or
credited of late with the documents that this settled. Where several ledger partners are dunned
through one case, its rows stand partner by partner, with the ageing of each.

>>> old = Item("INV/1", "", date(2026, 1, 1), date(2026, 1, 31), Decimal(100), 46)
>>> new = Item("INV/2", "", date(2026, 3, 1), date(2026, 3, 31), Decimal(50), 0)
>>> account = Account("EUR", [old, new])
>>> account.balance, account.overdue
(Decimal('150'), Decimal('100'))
>>> [str(amount) for amount in account.ageing]
['50', '0', '100', '0', '0']
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from .facts import ZERO

#: Days overdue up to which a debt belongs to each column of the ageing but the last.
AGEING = (0, 30, 60, 90)

#: Rows on the first page, below letterhead and summary, and on the pages that follow.
FIRST_PAGE_ROWS = 24
NEXT_PAGE_ROWS = 40

#: Rows that title and column heads of a table take, and the fewest worth starting one for.
TABLE_HEAD = 4
FEWEST_ROWS = 3


@dataclass(slots=True)
class Item:
    """What is open of a document.

    :ivar amount: in the account's currency, negative for a credit
    :ivar days: overdue; 0 for credits
    :ivar member: name of the ledger partner
    :ivar disputed: part of the amount that the customer contests
    """

    document: str
    reference: str
    date: date
    due: date
    amount: Decimal
    days: int
    member: str = ""
    disputed: Decimal = ZERO


@dataclass(slots=True)
class Payment:
    """What was paid or credited, or paid back (negative), with what it settled.

    :ivar kind: ``payment``, ``credit_note``, ``refund`` (money that went back) or ``other``
    :ivar settled: pairs (document, amount)
    """

    document: str
    reference: str
    date: date
    amount: Decimal
    kind: str = "payment"
    member: str = ""
    settled: list = field(default_factory=list)

    @property
    def unallocated(self):
        return self.amount - sum((amount for _document, amount in self.settled), ZERO)


@dataclass(slots=True)
class Row:
    """A line of a table: ``kind`` says which cells ``value`` fills.

    ``member`` (a name), ``item``, ``disputed`` (an amount), ``subtotal`` (a :class:`Sums`),
    ``payment``, ``settled`` (document, amount), ``unallocated`` (an amount).
    """

    kind: str
    value: Any


@dataclass(slots=True)
class Sums:
    """Debts by days overdue, credits apart, of some items."""

    member: str
    items: list

    @property
    def balance(self):
        return sum((item.amount for item in self.items), ZERO)

    @property
    def credits(self):
        return sum((item.amount for item in self.items if item.amount < 0), ZERO)

    @property
    def disputed(self):
        return sum((item.disputed for item in self.items), ZERO)

    @property
    def ageing(self):
        """One amount for each column. What is due today is not overdue."""
        columns = [ZERO] * (len(AGEING) + 1)
        for item in self.items:
            if item.amount > 0:
                columns[sum(item.days > last for last in AGEING)] += item.amount
        return columns

    @property
    def overdue(self):
        return sum(self.ageing[1:], ZERO)


class Account(Sums):
    """The items and payments of a customer in one currency.

    :param items: in the order in which they are shown
    """

    __slots__ = ("currency", "payments")

    def __init__(self, currency, items, payments=()):
        super().__init__("", sorted(items, key=lambda one: (one.member, one.due, one.document)))
        self.currency = currency
        self.payments = sorted(payments, key=lambda one: (one.member, one.date, one.document))

    @property
    def members(self):
        """The :class:`Sums` of each ledger partner that has items."""
        return [
            Sums(member, list(items))
            # The items are in that order; the engine does not import odoo.tools.
            # pylint: disable-next=bad-builtin-groupby
            for member, items in groupby(self.items, key=lambda item: item.member)
        ]

    def item_rows(self, grouped):
        """Return the rows of what is open; ``grouped`` heads those of each member."""
        if not grouped:
            return self._list(self.items)
        rows = []
        for sums in self.members:
            rows.append(Row("member", sums.member))
            rows += self._list(sums.items)
            rows.append(Row("subtotal", sums))
        return rows

    @staticmethod
    def _list(items):
        """Return a row for each item, and one for what is contested of it."""
        rows = []
        for item in items:
            rows.append(Row("item", item))
            if item.disputed:
                rows.append(Row("disputed", item.disputed))
        return rows

    def payment_rows(self, grouped):
        """Return the rows of what was paid, each payment followed by what it settled."""
        rows, member = [], None
        for payment in self.payments:
            if grouped and payment.member != member:
                member = payment.member
                rows.append(Row("member", member))
            rows.append(Row("payment", payment))
            rows += [Row("settled", pair) for pair in payment.settled]
            if payment.settled and payment.unallocated:
                rows.append(Row("unallocated", payment.unallocated))
        return rows

    @property
    def paid(self):
        return sum((payment.amount for payment in self.payments), ZERO)


@dataclass(slots=True)
class Table:
    """Rows of one table that fit a page.

    :ivar kind: ``members``, ``items`` or ``payments``
    :ivar is_first: it stands below its title
    :ivar is_last: it calls for the total
    """

    kind: str
    account: Account
    rows: list
    is_first: bool
    is_last: bool


@dataclass(slots=True)
class Statement:
    """What is open on a case, and what was paid since a day: an account per currency.

    :ivar case: whatever stands for the case
    :ivar since: first day of the payments, None when they are left out
    """

    case: Any
    accounts: list
    since: date | None = None

    @property
    def size(self):
        return sum(len(account.items) + len(account.payments) for account in self.accounts)

    @property
    def is_grouped(self):
        """Whether more than one ledger partner is on it."""
        members = {
            one.member
            for account in self.accounts
            for one in (*account.items, *account.payments)
        }
        return len(members) > 1

    @property
    def pages(self):
        """The tables in pieces that fit a page: without Qt's patches the PDF program repeats
        no column heading, with them it prints headings over rows.

        :return: lists of :class:`Table`; an account starts a page, and there is always one
        """
        pages = []
        # The summary has a line for each currency.
        room = max(FIRST_PAGE_ROWS - len(self.accounts) + 1, FEWEST_ROWS)
        grouped = self.is_grouped
        for account in self.accounts:
            pages.append([])
            for kind, rows in _tables(account, grouped):
                room = _fill(pages, room, kind, account, rows)
            room = NEXT_PAGE_ROWS
        return pages or [[]]


def _tables(account, grouped):
    """Return (kind, rows) of each table that an account has."""
    tables = []
    if grouped and len(account.members) > 1:
        tables.append(("members", [Row("subtotal", sums) for sums in account.members]))
    if account.items:
        tables.append(("items", account.item_rows(grouped)))
    if account.payments:
        tables.append(("payments", account.payment_rows(grouped)))
    return tables


def _fill(pages, room, kind, account, rows):
    """Spread the rows of a table over pages; return the room left on the last one."""
    start = 0
    while start < len(rows):
        if pages[-1]:
            room -= TABLE_HEAD
            if room < min(FEWEST_ROWS, len(rows)):
                pages.append([])
                room = NEXT_PAGE_ROWS
        piece = rows[start : start + room]
        end = start + len(piece)
        pages[-1].append(Table(kind, account, piece, not start, end == len(rows)))
        room -= len(piece)
        start = end
    return room
