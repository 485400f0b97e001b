"""Read the customers' accounts of a FEC, the file of entries that French law prescribes.

(Article A47 A-1 of the *Livre des procédures fiscales*.) It has no invoices, but entries with
their lines. What a customer's line is follows from the accounts of its entry; which lines settle
one another, from their lettering (*lettrage*). Standard library only.
"""

import collections
import dataclasses
import datetime
from decimal import Decimal

from . import reading
from .mapping import Mapping
from .reading import LedgerError, RowError

#: Customers, bills of exchange receivable, doubtful customers (French chart of accounts).
RECEIVABLE = ("411", "413", "416")
REVENUE = ("70",)
MONEY = ("5",)
#: What only an opening entry moves together with customers: capital, or the opening balance.
BALANCE_SHEET = ("1", "890")
OPENING_JOURNALS = {"AN", "ANO", "ANC", "RAN"}

SALE, PAYMENT, OPENING, OTHER = "sale", "payment", "opening", "other"

#: A FEC has no due dates: this is what the law supposes (Code de commerce, L441-10).
TERMS = datetime.timedelta(days=30)

UNDECODED = "\ufffd"
AMOUNTS = {"Debit", "Credit"}
SIGNED = {"Montant", "Sens"}
COLUMNS = {
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "EcritureLet", "DateLet",
}  # fmt: skip

CELLS = Mapping(
    name="fec", customer="CompAuxNum", due="PieceDate", amount="Debit",
    date_format="%Y%m%d", decimal_mark=",", company_currency="EUR",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a customer's account; ``amount`` is in euros, negative when credited.

    :ivar letter: its lettering, None while it is open; it is the customer's own
    :ivar lettered: the day of the lettering
    """

    line: int
    entry: tuple
    date: datetime.date
    customer: str
    piece: str
    piece_date: datetime.date
    label: str
    amount: Decimal
    letter: str | None
    lettered: datetime.date | None

    @property
    def due(self):
        return self.piece_date + TERMS

    @property
    def group(self):
        """What the lines that settle one another share."""
        return self.customer, self.letter


@dataclasses.dataclass
class Document:
    """The lines of one customer in one entry.

    :ivar number: journal and number of the entry; for its further customers with a count
    """

    number: str
    kind: str
    lines: list

    @property
    def date(self):
        return self.lines[0].date

    @property
    def customer(self):
        return self.lines[0].customer

    @property
    def amount(self):
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclasses.dataclass
class Fec(reading.Reported):
    """What a file holds of customers' accounts, and what became of its other rows."""

    rows: int = 0
    lines: list = dataclasses.field(default_factory=list)
    customers: dict = dataclasses.field(default_factory=dict)
    accounts: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))
    skipped: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    @property
    def documents(self):
        """The documents, in the order of the file."""
        found, numbers = {}, collections.Counter()
        for line in self.lines:
            key = line.entry, line.customer
            if key not in found:
                numbers[line.entry] += 1
                journal, entry = line.entry
                count = numbers[line.entry]
                number = f"{journal}-{entry}" + (f"-{count}" if count > 1 else "")
                found[key] = Document(number, "", [])
            found[key].lines.append(line)
        for document in found.values():
            document.kind = self._kind(document)
        return list(found.values())

    def _kind(self, document):
        """What a document is: by its journal, else by the other accounts of its entry."""
        entry = document.lines[0].entry
        accounts = self.accounts[entry]
        if entry[0].upper() in OPENING_JOURNALS:
            return OPENING
        one_way = len({line.amount > 0 for line in document.lines}) == 1
        if one_way and _any(accounts, REVENUE):
            return SALE
        if _any(accounts, BALANCE_SHEET):
            return OPENING
        if _any(accounts, MONEY):
            return PAYMENT
        return OTHER


def _any(accounts, prefixes):
    return any(account.startswith(prefixes) for account in accounts)


# === READING === #


def recognises(path):
    """Whether the header of a file is that of a FEC."""
    lines = _lines(path)
    return bool(lines) and _header(lines[0][1]) is not None


def read(path):
    """Read the file.

    :raise LedgerError: its header is not that of a FEC
    """
    lines = _lines(path)
    found = _header(lines[0][1]) if lines else None
    if not found:
        raise LedgerError(f"{path}: the header is not that of a FEC")
    header, delimiter = found
    fec = Fec(rows=len(lines) - 1)
    for number, text in lines[1:]:
        with fec.reporting(number):
            _sort_in(fec, number, _row(text, header, delimiter))
    return fec


def _lines(path):
    """The lines, in UTF-8 where the file is, else in the Latin alphabet that the law allows."""
    lines = reading.read_lines(path, "utf-8-sig")
    if any(UNDECODED in text for _number, text in lines):
        return reading.read_lines(path, "iso-8859-15")
    return lines


def _row(text, header, delimiter):
    """Map columns to values. A quote is a letter like any other: a FEC knows no quoting."""
    values = [value.strip() for value in text.rstrip("\r\n").split(delimiter)]
    if len(values) != len(header):
        raise RowError(f"{len(values)} values for {len(header)} columns")
    return dict(zip(header, values))


def _header(text):
    """Return (column names, delimiter), or None when it is no FEC."""
    for delimiter in ("\t", "|"):
        names = [name.strip() for name in text.split(delimiter)]
        if set(names) >= COLUMNS and (set(names) >= AMOUNTS or set(names) >= SIGNED):
            return names, delimiter
    return None


def _sort_in(fec, number, row):
    entry = row["JournalCode"], row["EcritureNum"]
    account = reading.read_text(row, "CompteNum")
    fec.accounts[entry].add(account)
    if not account.startswith(RECEIVABLE):
        fec.skipped["not a customer's account"] += 1
        return
    line = _line(number, entry, account, row)
    if not line.amount:
        fec.skipped["amount is zero"] += 1
        return
    name = row["CompAuxLib"] or row["CompteLib"] or line.customer
    fec.customers.setdefault(line.customer, name)
    fec.lines.append(line)


def _line(number, entry, account, row):
    date = reading.read_date(CELLS, row, "EcritureDate")
    letter = reading.read_text(row, "EcritureLet", required=False) or None
    return Line(
        line=number,
        entry=entry,
        date=date,
        # Without an auxiliary account each customer has an account of its own.
        customer=reading.read_text(row, "CompAuxNum", required=False) or account,
        piece=reading.read_text(row, "PieceRef", required=False),
        piece_date=reading.read_date(CELLS, row, "PieceDate", required=False) or date,
        label=reading.read_text(row, "EcritureLib", required=False),
        amount=_amount(row),
        letter=letter,
        lettered=reading.read_date(CELLS, row, "DateLet", required=False) if letter else None,
    )


def _amount(row):
    if "Montant" not in row:
        debit, credit = (reading.read_amount(CELLS, row, name) for name in ("Debit", "Credit"))
        return debit - credit
    sign = {"D": 1, "+1": 1, "1": 1, "C": -1, "-1": -1}.get(row["Sens"])
    if not sign:
        raise RowError(f"Sens: {row['Sens']!r} is neither debit nor credit")
    return sign * reading.read_amount(CELLS, row, "Montant")
