"""Ledgers are read row by row, to the cent, and what cannot be read is reported with its line."""

import csv
import dataclasses
import datetime
import doctest
import gzip
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ledger import books, mapping, reading

HEADER = "customer,number,issued,due,amount,paid on"
PLAIN = mapping.Mapping(
    name="plain",
    customer="customer",
    number="number",
    date="issued",
    due="due",
    amount="amount",
    settled="paid on",
)
GOOD = "Azure,INV1,2020-01-01,2020-01-31,100.00,"


@pytest.fixture
def read(tmp_path):
    """``read(*rows)`` writes the rows below the header to a file and reads it."""

    def write_and_read(*rows, columns=PLAIN, header=HEADER, encoding="utf-8", opener=open):
        path = tmp_path / "ledger.csv"
        with opener(path, "wt", encoding=encoding) as file:
            file.write("\n".join([header, *rows]))
        return reading.read(path, mappings=(columns,))

    return write_and_read


def day(text):
    return datetime.date.fromisoformat(text)


# === ROWS THAT CAN BE READ === #


def test_a_row_becomes_an_invoice(read):
    (invoice,) = read(GOOD).invoices
    assert invoice == reading.Invoice(
        line=2,
        customer="Azure",
        number="INV1",
        date=day("2020-01-01"),
        due=day("2020-01-31"),
        amount=Decimal("100.00"),
        currency="USD",
        rate=Decimal(1),
        paid=Decimal(0),
        paid_on=None,
    )


def test_what_is_due_depends_on_the_day(read):
    (invoice,) = read(f"{GOOD}2020-02-10").invoices
    due = [invoice.due_by(day(text)) for text in ("2019-12-31", "2020-02-09", "2020-02-10")]
    assert due == [0, 100, 0]


def test_a_missing_invoice_date_is_the_due_date_less_the_terms(read):
    columns = dataclasses.replace(PLAIN, date=None, terms=14)
    (invoice,) = read(GOOD, columns=columns).invoices
    assert invoice.date == day("2020-01-17")


def test_an_assumed_invoice_date_is_not_after_the_payment(read):
    columns = dataclasses.replace(PLAIN, date=None)
    (invoice,) = read(f"{GOOD}2019-12-24", columns=columns).invoices
    assert invoice.date == invoice.paid_on == day("2019-12-24")


def test_a_credit_note_has_a_negative_amount(read):
    (note,) = read("Azure,CN1,2020-01-01,2020-01-01,-30.00,2020-01-05").invoices
    assert (note.amount, note.paid) == (-30, -30)


@pytest.mark.parametrize("opener", [open, gzip.open])
def test_compression_is_seen_from_the_content(read, opener):
    assert len(read(GOOD, opener=opener).invoices) == 1


def test_another_file_is_a_few_lines(read):
    columns = mapping.Mapping(
        name="german",
        customer="Kunde",
        number="Beleg",
        date="Datum",
        due="Fällig",
        amount="Betrag",
        encoding="latin-1",
        delimiter=";",
        date_format="%d.%m.%Y",
        decimal_mark=",",
        company_currency="EUR",
    )
    row = '"Müller; Söhne";R-7;01.02.2020;02.03.2020;1.234,50'
    ledger = read(
        row, columns=columns, header="Kunde;Beleg;Datum;Fällig;Betrag", encoding="latin-1"
    )
    (invoice,) = ledger.invoices
    assert invoice.customer == "Müller; Söhne"
    assert (invoice.date, invoice.due) == (day("2020-02-01"), day("2020-03-02"))
    assert (invoice.amount, invoice.currency) == (Decimal("1234.50"), "EUR")


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("50.39", ".", "50.39"),
        ("97.6", ".", "97.6"),
        ("+7", ".", "7"),
        ("7.", ".", "7"),
        ("-1,234,567.89", ".", "-1234567.89"),
        ("1 234,50", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("0.10", ".", "0.10"),
    ],
)
def test_amounts(read, text, mark, amount):
    columns = dataclasses.replace(PLAIN, decimal_mark=mark)
    (invoice,) = read(f'Azure,INV1,2020-01-01,2020-01-31,"{text}",', columns=columns).invoices
    assert invoice.amount == Decimal(amount)


@given(
    amount=st.decimals("-1e12", "1e12", places=2).filter(bool),
    mark=st.sampled_from(",."),
    grouped=st.booleans(),
)
def test_every_amount_is_read_to_the_cent(amount, mark, grouped):
    text = f"{amount:,}" if grouped else f"{amount}"
    if mark == ",":
        text = text.translate(str.maketrans(".,", ",."))
    columns = dataclasses.replace(PLAIN, decimal_mark=mark)
    assert reading.read_amount(columns, {"amount": text}, "amount") == amount


# === ROWS THAT CANNOT === #


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Azure,INV2,2020-01-01", "3 values for 6 columns"),
        ("Azure,INV2,2020-01-01,2020-01-31,1.00,,", "7 values for 6 columns"),
        ('Azure,"INV2,2020-01-01,2020-01-31,1.00,', "unexpected end of data"),
        (",INV2,2020-01-01,2020-01-31,1.00,", "customer is empty"),
        ("Azure,INV2,2020-01-01,,1.00,", "due is empty"),
        ("Azure,INV2,2020-01-01,31/01/2020,1.00,", "due: '31/01/2020' is not a date"),
        ("Azure,INV2,2020-02-30,2020-03-30,1.00,", "issued: '2020-02-30' is not a date"),
        ("Azure,INV2,0020-01-01,2020-01-31,1.00,", "issued: '0020-01-01' is before 1900"),
        ("Azure,INV2,2020-01-01,2020-01-31,,", "amount is empty"),
        ("Azure,INV2,2020-01-01,2020-01-31,ten,", "amount: 'ten' is not an amount"),
        ('Azure,INV2,2020-01-01,2020-01-31,"1234,50",', "amount: '1234,50' is not an amount"),
        ("Azure,INV2,2020-01-01,2020-01-31,NaN,", "amount: 'NaN' is not an amount"),
        ("Azure,INV2,2020-01-01,2020-01-31,1e9,", "amount: '1e9' is not an amount"),
        ("Azure,INV1,2020-01-01,2020-01-31,1.00,", "number INV1 was used on line 2"),
        ("Az\ufffdre,INV2,2020-01-01,2020-01-31,1.00,", "customer: 'Az\ufffdre' cannot be decoded"),
        ("Azure,IN\0V2,2020-01-01,2020-01-31,1.00,", "NUL|cannot be decoded"),
    ],
)
def test_a_malformed_row_is_reported_and_the_rest_loads(read, row, reason):
    ledger = read(GOOD, row, "Azure,INV3,2020-01-01,2020-01-31,1.00,")
    ((line, text),) = ledger.malformed
    assert line == 3
    assert re.search(reason, text)
    assert [invoice.number for invoice in ledger.invoices] == ["INV1", "INV3"]
    assert ledger.rows == 3


def test_lines_are_counted_as_an_editor_counts_them(read):
    ledger = read("", GOOD, "", "broken")
    assert [invoice.line for invoice in ledger.invoices] == [3]
    assert [line for line, _reason in ledger.malformed] == [5]


def test_a_byte_that_cannot_be_decoded_spoils_its_row_only(tmp_path):
    path = tmp_path / "ledger.csv"
    bad = GOOD.replace("INV1", "INV2").encode().replace(b"Azure", b"Az\xf8re")
    path.write_bytes(b"\n".join([HEADER.encode(), bad, GOOD.encode()]))
    ledger = reading.read(path, mappings=(PLAIN,))
    assert [line for line, _reason in ledger.malformed] == [2]
    assert len(ledger.invoices) == 1


def test_a_zero_amount_is_skipped(read):
    ledger = read(GOOD, "Azure,INV2,2020-01-01,2020-01-31,0.00,")
    assert ledger.skipped == {"amount is zero": 1}
    assert len(ledger.invoices) == 1


def test_a_header_that_no_mapping_knows(read):
    with pytest.raises(reading.LedgerError, match="the header fits none of the known ledgers"):
        read(GOOD, header="a,b,c,d,e,f")


def test_an_empty_file(tmp_path):
    path = tmp_path / "ledger.csv"
    path.touch()
    with pytest.raises(reading.LedgerError, match="the file is empty"):
        reading.read(path)


# === NUMBERS === #


def derived(read, *rows):
    columns = dataclasses.replace(PLAIN, number=None)
    return [invoice.number for invoice in read(*rows, columns=columns).invoices]


def test_a_derived_number_does_not_depend_on_the_place_in_the_file(read):
    other = "Belle,INV2,2020-01-01,2020-01-31,100.00,"
    first, second = derived(read, GOOD, other)
    assert derived(read, other, GOOD) == [second, first]
    assert first != second
    assert first.startswith("20200131-")


def test_a_derived_number_stays_when_the_invoice_is_paid(read):
    assert derived(read, GOOD) == derived(read, f"{GOOD}2020-02-10")


def test_equal_rows_are_told_apart(read):
    first, *others = derived(read, GOOD, GOOD, GOOD)
    assert others == [f"{first}-2", f"{first}-3"]


def test_a_row_without_number_gets_one(read):
    row = GOOD.replace("INV1", "")
    (number,) = [invoice.number for invoice in read(row).invoices]
    assert [number] == derived(read, row)


# === XERO: TYPES, STATES, PARTS AND CURRENCIES === #


XERO_HEADER = (
    "contact_id,date,updated_date_utc,due_date,fully_paid_on_date,amount_credited,amount_paid,"
    "total,currency_code,currency_rate,invoice_number,status,type"
)
XERO_BASE = "C,2020-01-01,2020-01-01 08:00:00 UTC,2020-01-31,,0,0,9.99,CAD,1,B1,VOIDED,ACCPAY"


def xero_row(**changes):
    row = dict(zip(XERO_HEADER.split(","), XERO_BASE.split(",")))
    row.update(invoice_number="INV-1", total="100.00", status="AUTHORISED", type="ACCREC")
    return ",".join((row | changes).values())


@pytest.fixture
def read_xero(read):
    return lambda *rows: read(XERO_BASE, *rows, columns=mapping.XERO, header=XERO_HEADER)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "ACCPAY"),
        ("status", "DRAFT"),
        ("status", "SUBMITTED"),
        ("status", "DELETED"),
        ("status", "VOIDED"),
    ],
)
def test_only_what_is_owed_to_the_company_loads(read_xero, column, value):
    ledger = read_xero(xero_row(**{column: value}))
    assert ledger.invoices == []
    assert ledger.skipped[f"{column} is {value}"] >= 1


def test_the_company_keeps_its_books_in_the_currency_quoted_at_one(read_xero):
    ledger = read_xero(xero_row(currency_code="USD", currency_rate="0.770885"))
    (invoice,) = ledger.invoices
    assert ledger.currency == "CAD"
    assert (invoice.currency, invoice.rate) == ("USD", Decimal("0.770885"))


def test_a_part_payment_counts_from_the_last_change_of_the_invoice(read_xero):
    (invoice,) = read_xero(
        xero_row(amount_paid="30.01", amount_credited="5", updated_date_utc="2020-03-01 10:00:00")
    ).invoices
    due = [invoice.due_by(day(text)) for text in ("2020-02-29", "2020-03-01")]
    assert due == [Decimal("100.00"), Decimal("64.99")]


def test_a_part_payment_without_any_date_counts_from_the_invoice_date(read_xero):
    (invoice,) = read_xero(xero_row(amount_paid="30.01", updated_date_utc="")).invoices
    assert invoice.due_by(invoice.date) == Decimal("69.99")


def test_a_payment_in_full_counts_from_its_date(read_xero):
    row = xero_row(status="PAID", amount_paid="100.00", fully_paid_on_date="2020-02-03")
    (invoice,) = read_xero(row).invoices
    due = [invoice.due_by(day(text)) for text in ("2020-02-02", "2020-02-03")]
    assert due == [100, 0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_paid": "100.01"}, "100.01 was paid of 100.00"),
        ({"amount_paid": "-1"}, "-1 was paid of 100.00"),
        ({"currency_code": "USD", "currency_rate": ""}, "currency_rate is empty"),
        ({"currency_code": "USD", "currency_rate": "0"}, "0 is not a rate"),
        ({"currency_code": "dollars"}, "'dollars' is not a currency code"),
    ],
)
def test_malformed_amounts_and_currencies(read_xero, changes, reason):
    ledger = read_xero(xero_row(**changes))
    ((line, text),) = ledger.malformed
    assert line == 3
    assert reason in text


def test_a_foreign_currency_needs_a_rate(read):
    columns = dataclasses.replace(PLAIN, number=None, currency="number")
    ledger = read(GOOD.replace("INV1", "EUR"), columns=columns)
    assert ledger.malformed == [(2, "number: there is no rate for EUR")]


def test_no_currency_quoted_at_one(read):
    row = xero_row(currency_code="USD", currency_rate="0.77")
    with pytest.raises(reading.LedgerError, match="no row has a rate of 1"):
        read(row, columns=mapping.XERO, header=XERO_HEADER)


# === CUSTOMERS === #


def test_addresses_are_stable_and_told_apart():
    assert doctest.testmod(books).failed == 0
    names = ["A B", "a-b", "A-B", "A_B", "é", "", "<b>A</b>", "x" * 100]
    addresses = {books.email(name, "ibm.example") for name in names}
    assert len(addresses) == len(names)
    assert all(len(address.split("@")[0]) <= 64 for address in addresses)


# === REAL LEDGERS === #


REAL = [
    # file, invoices, customers, currency, skipped, day, open items, sums by currency
    ("ibm_ar_ddmmyyyy.csv", 2466, 100, "USD", 0, "2013-06-30", 84, {"USD": "5119.85"}),
    (
        "xero_invoice_data.csv", 116, 18, "CAD", 485,
        "2020-12-31", 13, {"USD": "39125.00", "GBP": "6750.00"},
    ),
    (
        "highradius_closed_half.csv.gz", 14316, 541, "USD", 0,
        "2020-03-31", 49, {"USD": "923864.95"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "invoices", "customers", "currency", "skipped", "as_of", "items", "sums"), REAL
)
def test_real_ledgers(
    collections_data, name, invoices, customers, currency, skipped, as_of, items, sums
):
    ledger = reading.read(collections_data / name)
    assert ledger.malformed == []
    assert sum(ledger.skipped.values()) == skipped
    assert ledger.currency == currency
    assert len(ledger.invoices) == invoices
    assert len({invoice.customer for invoice in ledger.invoices}) == customers
    assert len({invoice.number for invoice in ledger.invoices}) == invoices
    due = [(invoice.currency, invoice.due_by(day(as_of))) for invoice in ledger.invoices]
    assert sum(bool(amount) for _currency, amount in due) == items
    for currency, total in sums.items():
        assert sum(amount for name, amount in due if name == currency) == Decimal(total)


def test_the_ibm_ledger_agrees_with_its_own_columns(collections_data):
    """The file tells days to settle and days late: dates are read day first, not month first."""
    path = collections_data / "ibm_ar_ddmmyyyy.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, invoice in zip(rows, reading.read(path).invoices):
        assert (invoice.paid_on - invoice.date).days == int(row["DaysToSettle"])
        assert max((invoice.paid_on - invoice.due).days, 0) == int(row["DaysLate"])
