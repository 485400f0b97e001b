"""Read a receivables ledger into invoices: standard library only, and no amount is ever a float."""

import collections
import contextlib
import csv
import dataclasses
import datetime
import gzip
import re
import zlib
from decimal import Decimal

from ..progress import SetupError
from .mapping import MAPPINGS, Mapping

GZIP_MAGIC = b"\x1f\x8b"
UNREADABLE = re.compile("[\ufffd\0]")  # what the encoding could not decode, what a text cannot hold
NO_NUMBER = {"", "/"}  # a lone slash is what Odoo shows for a number not given yet
GROUP_MARKS = " '\u00a0\u202f"
EARLIEST_YEAR = 1900


class LedgerError(SetupError):
    """The file as a whole cannot be read; the message says why."""


class RowError(Exception):
    """One row cannot be read; the message says why."""


@dataclasses.dataclass(frozen=True)
class Invoice:
    """One row of the ledger; amounts are in ``currency`` and negative for a credit note.

    ``rate`` is the number of units of ``currency`` for one unit of the company's currency.
    ``paid`` was paid on ``paid_on``, which may be before the invoice.
    """

    line: int
    customer: str
    number: str
    date: datetime.date
    due: datetime.date
    amount: Decimal
    currency: str
    rate: Decimal
    paid: Decimal
    paid_on: datetime.date | None

    def paid_by(self, as_of):
        """The amount known to be paid on the given day."""
        return self.paid if self.paid and self.paid_on <= as_of else Decimal(0)

    def due_by(self, as_of):
        """The amount open on the given day; zero before the invoice was issued."""
        return self.amount - self.paid_by(as_of) if self.date <= as_of else Decimal(0)


@dataclasses.dataclass
class Reported:
    """What a file holds that cannot be read.

    :param malformed: pairs of line number (the header is line 1) and reason
    """

    malformed: list[tuple[int, str]] = dataclasses.field(default_factory=list, kw_only=True)

    @contextlib.contextmanager
    def reporting(self, line):
        """A row that cannot be read is reported with its line number, and the next one follows."""
        try:
            yield
        except RowError as error:
            self.malformed.append((line, str(error)))


@dataclasses.dataclass
class Ledger(Reported):
    """What a file holds: its invoices in file order, and what became of the other rows.

    Every row is counted once, among the invoices, the skipped or the malformed.

    :param currency: the company's currency
    :param skipped: for each reason to leave rows out, their number
    """

    mapping: Mapping
    currency: str = ""
    rows: int = 0
    invoices: list[Invoice] = dataclasses.field(default_factory=list)
    skipped: collections.Counter = dataclasses.field(default_factory=collections.Counter)


def read(path, mappings=MAPPINGS):
    """Read the file with the mapping that its header calls for.

    :raise LedgerError: no mapping knows the header, or the company's currency is not known
    """
    mapping, header, lines = _recognise(path, mappings)
    ledger = Ledger(mapping, rows=len(lines))
    rows = []
    for line, text in lines:
        with ledger.reporting(line):
            rows.append((line, read_row(text, header, mapping.delimiter)))
    ledger.currency = mapping.company_currency or _base_currency(mapping, rows)
    numbers = {}
    for line, row in rows:
        with ledger.reporting(line):
            _sort_in(ledger, numbers, line, row)
    ledger.malformed.sort()
    return ledger


def _sort_in(ledger, numbers, line, row):
    """Add one row to the invoices or to the skipped rows; ``numbers`` maps those seen to lines."""
    for column, accepted in ledger.mapping.keep.items():
        if row[column] not in accepted:
            ledger.skipped[f"{column} is {row[column] or 'empty'}"] += 1
            return
    invoice = _invoice(ledger.mapping, ledger.currency, line, row)
    if not invoice.amount:
        ledger.skipped[f"{ledger.mapping.amount} is zero"] += 1
        return
    if invoice.number in NO_NUMBER:
        invoice = dataclasses.replace(invoice, number=_derived(invoice, numbers))
    if invoice.number in numbers:
        raise RowError(f"number {invoice.number} was used on line {numbers[invoice.number]}")
    numbers[invoice.number] = line
    ledger.invoices.append(invoice)


# === From bytes to rows === #


def _recognise(path, mappings):
    """The first mapping whose columns are all in the header, that header, and the other lines."""
    for mapping in mappings:
        lines = read_lines(path, mapping.encoding)
        if not lines:
            raise LedgerError(f"{path}: the file is empty")
        header = _values(lines[0][1], mapping.delimiter)
        if mapping.columns <= set(header):
            return mapping, header, lines[1:]
    names = ", ".join([*(mapping.name for mapping in mappings), "fec"])
    raise LedgerError(f"{path}: the header fits none of the known ledgers ({names})")


def read_lines(path, encoding):
    """The lines of a plain or gzip file that are not blank, each with its number."""
    with open(path, "rb") as file:
        opener = gzip.open if file.read(len(GZIP_MAGIC)) == GZIP_MAGIC else open
    # What the encoding cannot decode is marked, and refused in a column that is read.
    with opener(path, "rt", encoding=encoding, errors="replace") as file:
        return [(number, line) for number, line in enumerate(file, start=1) if line.strip()]


def _values(text, delimiter):
    """Split a line. A record is one line: a quote left open spoils its own row, not the rest."""
    try:
        values = next(csv.reader([text], delimiter=delimiter, strict=True))
        return [value.strip() for value in values]
    except csv.Error as error:
        raise RowError(str(error)) from error


def read_row(text, header, delimiter):
    values = _values(text, delimiter)
    if len(values) != len(header):
        raise RowError(f"{len(values)} values for {len(header)} columns")
    return dict(zip(header, values))


def _base_currency(mapping, rows):
    """The currency quoted at a rate of 1, most often if there are several."""
    quoted = collections.Counter(
        row[mapping.currency]
        for _line, row in rows
        if re.fullmatch(r"1([.,]0*)?", row[mapping.rate])
    )
    if not quoted:
        raise LedgerError("no row has a rate of 1, so the company's currency is not known")
    return quoted.most_common(1)[0][0]


# === From a row to an invoice === #


def _invoice(mapping, company_currency, line, row):
    """Read one row; its number may still be missing."""
    amount = read_amount(mapping, row, mapping.amount)
    due = read_date(mapping, row, mapping.due)
    settled = read_date(mapping, row, mapping.settled, required=False)
    date = read_date(mapping, row, mapping.date, required=False)
    if not date:
        date = due - datetime.timedelta(days=mapping.terms)
        # An assumed date does not make a prepayment of what was paid early.
        date = min(date, settled or date)
    currency, rate = _currency(mapping, company_currency, row)
    paid = _paid(mapping, row, amount, settled)
    paid_on = settled or read_date(mapping, row, mapping.paid_on, required=False) or date
    return Invoice(
        line=line,
        customer=read_text(row, mapping.customer),
        number=read_text(row, mapping.number, required=False),
        date=date,
        due=due,
        amount=amount,
        currency=currency,
        rate=rate,
        paid=paid,
        paid_on=paid_on if paid else None,
    )


def _derived(invoice, numbers):
    """A number for an invoice that has none, the same wherever in the file its row stands.

    Equal rows are told apart by a running count.
    """
    content = f"{invoice.customer}|{invoice.due}|{invoice.amount}|{invoice.currency}"
    number = first = f"{invoice.due:%Y%m%d}-{zlib.crc32(content.encode()):08X}"
    count = 1
    while number in numbers:
        count += 1
        number = f"{first}-{count}"
    return number


def read_text(row, column, required=True):
    value = row[column] if column else ""
    if UNREADABLE.search(value):
        raise RowError(f"{column}: {value!r} cannot be decoded")
    if required and not value:
        raise RowError(f"{column} is empty")
    return value


def read_date(mapping, row, column, required=True):
    """The date in a column, without the time that may follow it."""
    value = read_text(row, column, required)
    if not value:
        return None
    day = value if " " in mapping.date_format else value.partition(" ")[0]
    try:
        date = datetime.datetime.strptime(day, mapping.date_format).date()
    except ValueError as error:
        raise RowError(f"{column}: {value!r} is not a date like {mapping.date_format}") from error
    if date.year < EARLIEST_YEAR:
        raise RowError(f"{column}: {value!r} is before {EARLIEST_YEAR}")
    return date


def read_amount(mapping, row, column, required=True):
    """The number in a column: digits, in groups of three if separated, with the decimal mark."""
    value = read_text(row, column, required) or "0"
    mark = re.escape(mapping.decimal_mark)
    group = f"[{GROUP_MARKS}{',' if mapping.decimal_mark == '.' else '.'}]"
    match = re.fullmatch(
        rf"([+-]?)([0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)(?:{mark}([0-9]*))?", value
    )
    if not match:
        raise RowError(f"{column}: {value!r} is not an amount")
    sign, whole, part = match.groups()
    whole = re.sub(group, "", whole)
    return Decimal(f"{sign}{whole}.{part}" if part else f"{sign}{whole}")


def _currency(mapping, company_currency, row):
    """The currency of a row, by default the company's, and its rate."""
    currency = read_text(row, mapping.currency, required=False) or company_currency
    if not re.fullmatch("[A-Z]{3}", currency):
        raise RowError(f"{mapping.currency}: {currency!r} is not a currency code")
    if currency == company_currency:
        return currency, Decimal(1)
    if not mapping.rate:
        raise RowError(f"{mapping.currency}: there is no rate for {currency}")
    rate = read_amount(mapping, row, mapping.rate)
    if rate <= 0:
        raise RowError(f"{mapping.rate}: {rate} is not a rate")
    return currency, rate


def _paid(mapping, row, amount, settled):
    if not mapping.paid:
        return amount if settled else Decimal(0)
    paid = sum(read_amount(mapping, row, column, required=False) for column in mapping.paid)
    if abs(paid) > abs(amount) or paid * amount < 0:
        raise RowError(f"{' + '.join(mapping.paid)}: {paid} was paid of {amount}")
    return paid
