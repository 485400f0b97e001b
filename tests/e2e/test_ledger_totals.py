"""A ledger posted in Odoo is, to the cent, what its file says; posting it again adds nothing."""

import csv
import gzip
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from lib import inside
from lib.progress import SetupError

XERO_HEADER = (
    "contact_id,date,updated_date_utc,due_date,fully_paid_on_date,amount_credited,amount_paid,"
    "total,currency_code,currency_rate,invoice_number,status,type"
)
SMALL = [
    # two parts, an invoice and a credit note, settled by one payment on 2020-03-01
    "A,2020-01-01,2020-03-01 10:00:00 UTC,2020-02-01,,0,30.05,100.10,CAD,1,A1,AUTHORISED,ACCREC",
    "A,2020-01-02,2020-03-01 11:00:00 UTC,2020-02-02,,10,20.20,100.20,CAD,1,A2,AUTHORISED,ACCREC",
    "A,2020-01-03,,2020-02-03,2020-03-01,0,100.30,100.30,CAD,1,A3,PAID,ACCREC",
    "A,2020-01-04,,2020-02-03,2020-03-01,0,-50.30,-50.30,CAD,1,A4,PAID,ACCREC",
    # a credit note still open; an invoice and a credit note that cancel out; a refund
    "A,2020-01-05,,2020-02-03,,0,0,-7.77,CAD,1,A5,AUTHORISED,ACCREC",
    "B,2020-01-01,,2020-02-03,2020-03-02,0,60,60,CAD,1,B1,PAID,ACCREC",
    "B,2020-01-02,,2020-02-03,2020-03-02,0,-60,-60,CAD,1,B2,PAID,ACCREC",
    "D,2020-01-03,,2020-02-03,2020-03-05,0,-20,-20,CAD,1,2012-D1,PAID,ACCREC",
    # two parts and an invoice in another currency, each at a rate of its own
    "C,2020-01-02,2020-03-05 11:00:00 UTC,2020-02-03,,0,33.33,100,USD,0.7777,C1,AUTHORISED,ACCREC",
    "C,2020-01-03,2020-03-05 11:00:00 UTC,2020-02-03,,0,66.67,200,USD,0.7511,C2,AUTHORISED,ACCREC",
    "C,2020-01-03,,2020-02-03,2020-03-05,0,200.01,200.01,USD,0.7311,C3,PAID,ACCREC",
    # paid before it was issued; issued or paid after the first day below
    "F,2020-03-10,,2020-04-03,2020-03-01,0,11,11,CAD,1,F1,PAID,ACCREC",
    "F,2020-04-10,,2020-05-10,,0,0,12,CAD,1,F2,AUTHORISED,ACCREC",
    "F,2020-03-10,,2020-04-03,2020-04-20,0,1000,1000,JPY,80,F3,PAID,ACCREC",
    # what Odoo cannot hold
    "E,2020-01-03,,2020-02-03,,0,0,10.5,JPY,80,E1,AUTHORISED,ACCREC",
    "E,2020-01-03,,2020-02-03,,0,0,10,XXQ,80,E2,AUTHORISED,ACCREC",
    "E,2020-01-03,,2020-02-03,,0,0,99999999999999999.99,CAD,1,E3,AUTHORISED,ACCREC",
]
OPEN_IN_MARCH = {
    "A1": "70.05", "A2": "70.00", "A5": "-7.77", "C1": "66.67", "C2": "133.33", "F3": "1000",
}  # fmt: skip
PAYMENTS_IN_MARCH = [
    ("A", "2020-03-01", "CAD", "110.25", "inbound"),
    ("B", "2020-03-02", "CAD", "0.00", "inbound"),
    ("C", "2020-03-05", "USD", "300.01", "inbound"),
    ("D", "2020-03-05", "CAD", "20.00", "outbound"),
    ("F", "2020-03-01", "CAD", "11.00", "inbound"),
]

# === INSIDE ODOO === #


def load(env, path, as_of):
    """Post the ledger; return the loader's summary and what the books say."""
    from lib.ledger import posting

    summary = posting.load(env, path, date.fromisoformat(as_of))
    return summary, _books(env)


def load_interrupted(env, path, as_of):
    """Post the ledger two rows at a time, and fail after the second batch of payments."""
    from lib.ledger import posting

    class Interruption(Exception):
        pass

    def interrupt(done, _total, text):
        if (done, text) == (4, "payments"):
            raise Interruption

    posting.BATCH = 2
    with pytest.raises(Interruption):
        posting.load(env, path, date.fromisoformat(as_of), interrupt)
    env.cr.rollback()
    return _books(env)


def _books(env):
    def rows(query):
        env.cr.execute(query)
        return env.cr.fetchall()

    open_items = rows(
        """
        SELECT move.name, currency.name, line.amount_residual_currency::text,
               line.amount_residual::text
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN account_account account ON account.id = line.account_id
          JOIN res_currency currency ON currency.id = line.currency_id
         WHERE account.account_type = 'asset_receivable'
           AND (line.amount_residual_currency != 0 OR line.amount_residual != 0)
        """
    )
    payments = rows(
        """
        SELECT partner.name, payment.date::text, currency.name, payment.amount::text,
               payment.payment_type
          FROM account_payment payment
          JOIN res_partner partner ON partner.id = payment.partner_id
          JOIN res_currency currency ON currency.id = payment.currency_id
      ORDER BY 1, 2
        """
    )
    invoices = rows(
        """
        SELECT move.name, partner.name, partner.email, move.invoice_date::text,
               move.invoice_date_due::text, move.state, move.is_move_sent
          FROM account_move move
          JOIN res_partner partner ON partner.id = move.partner_id
         WHERE move.move_type IN ('out_invoice', 'out_refund')
        """
    )
    ((entries, latest),) = rows("SELECT count(*), max(date)::text FROM account_move")
    return {
        "open_items": open_items,
        "payments": payments,
        "invoices": invoices,
        "entries": entries,
        "latest": latest,
        "unfinished_payments": env["account.payment"].search_count([("state", "!=", "paid")]),
    }


# === A SMALL LEDGER WITH EVERY KIND OF ROW === #


@pytest.fixture
def small_ledger(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text("\n".join([XERO_HEADER, *SMALL, "broken,row"]))
    return str(path)


def _load(call_odoo, database, path, as_of, work="load"):
    return call_odoo(database, f"e2e.test_ledger_totals:{work}", path=str(path), as_of=as_of)


def _amounts(books):
    return {name: Decimal(amount) for name, _currency, amount, _in_company in books["open_items"]}


def test_every_kind_of_row(call_odoo, odoo_db, small_ledger):
    summary, books = _load(call_odoo, odoo_db, small_ledger, "2020-03-31")
    assert _amounts(books) == {name: Decimal(text) for name, text in OPEN_IN_MARCH.items()}
    assert [tuple(row) for row in books["payments"]] == PAYMENTS_IN_MARCH
    assert books["unfinished_payments"] == 0
    assert books["entries"] == summary["invoices"] + summary["payments"] == 13 + 5
    assert books["latest"] == "2020-03-10"
    assert summary["rows"] == summary["loaded"] + summary["skipped"] + summary["malformed"]
    assert [row["line"] for row in summary["malformed_rows"]] == [16, 17, 18, 19]
    assert summary["later"] == 1
    assert summary["open_items"] == len(OPEN_IN_MARCH)
    in_company = sum(Decimal(row[3]) for row in books["open_items"])
    assert isinstance(summary["open_total"], float)
    assert (Decimal(str(summary["open_total"])), summary["currency"]) == (in_company, "CAD")


def test_resumed_repeated_and_continued(call_odoo, odoo_db, small_ledger):
    interrupted = _load(call_odoo, odoo_db, small_ledger, "2020-03-31", "load_interrupted")
    assert len(interrupted["payments"]) == 4
    _summary, resumed = _load(call_odoo, odoo_db, small_ledger, "2020-03-31")
    assert _amounts(resumed) == {name: Decimal(text) for name, text in OPEN_IN_MARCH.items()}
    assert [tuple(row) for row in resumed["payments"]] == PAYMENTS_IN_MARCH
    summary, repeated = _load(call_odoo, odoo_db, small_ledger, "2020-03-31")
    assert (summary["invoices"], summary["payments"]) == (0, 0)
    assert repeated == resumed
    summary, continued = _load(call_odoo, odoo_db, small_ledger, "2020-04-30")
    assert (summary["invoices"], summary["payments"]) == (1, 1)
    expected = {name: Decimal(text) for name, text in OPEN_IN_MARCH.items() if name != "F3"}
    assert _amounts(continued) == expected | {"F2": 12}


def test_an_unknown_file_is_refused_in_one_sentence(server, odoo_db, tmp_path, capfd):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    work = {"path": str(path), "as_of": "2020-03-31"}
    with pytest.raises(SetupError, match="^[^\n]*fits none of the known ledgers[^\n]*$"):
        inside.call(server, odoo_db, "lib.inside:load_ledger", **work)
    assert "Traceback" not in capfd.readouterr().err


# === REAL LEDGERS, ADDED UP INDEPENDENTLY OF OUR READER === #


def _ibm(folder):
    with (folder / "ibm_ar_ddmmyyyy.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            issued, settled = (
                datetime.strptime(row[column], "%d/%m/%Y").date()
                for column in ("InvoiceDate", "SettledDate")
            )
            yield row["customerID"], issued, settled, "USD", Decimal(row["InvoiceAmount"])


def _highradius(folder):
    with gzip.open(folder / "highradius_closed_half.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            due, settled = (date.fromisoformat(row[name]) for name in ("due_in_date", "clear_date"))
            issued = min(due - timedelta(days=30), settled)
            yield row["cust_number"], issued, settled, "USD", Decimal(row["total_open_amount"])


def _xero(folder):
    with (folder / "xero_invoice_data.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["type"] == "ACCREC" and row["status"] in ("AUTHORISED", "PAID"):
                settled = date.fromisoformat(row["fully_paid_on_date"] or "9999-12-31")
                issued = date.fromisoformat(row["date"])
                currency, total = row["currency_code"], Decimal(row["total"])
                yield row["contact_id"], issued, settled, currency, total


@pytest.mark.parametrize(
    ("file", "rows", "as_of"),
    [
        pytest.param("ibm_ar_ddmmyyyy.csv", _ibm, "2013-06-30", marks=pytest.mark.long),
        ("xero_invoice_data.csv", _xero, "2020-12-31"),
        # two months of it: all 14,316 invoices take many minutes
        pytest.param(
            "highradius_closed_half.csv.gz", _highradius, "2019-02-28", marks=pytest.mark.long
        ),
    ],
)
def test_totals(call_odoo, odoo_db, collections_data, file, rows, as_of):
    day = date.fromisoformat(as_of)
    issued = [row for row in rows(collections_data) if row[1] <= day]
    sums, counts, payments = defaultdict(Decimal), Counter(), defaultdict(Decimal)
    for customer, _issued, settled, currency, amount in issued:
        if settled <= day:
            payments[customer, settled.isoformat(), currency] += amount
        else:
            sums[currency] += amount
            counts[currency] += 1

    _summary, books = _load(call_odoo, odoo_db, collections_data / file, as_of)

    found = defaultdict(Decimal)
    for _name, currency, amount, _in_company in books["open_items"]:
        found[currency] += Decimal(amount)
    assert found == sums
    assert Counter(row[1] for row in books["open_items"]) == counts
    assert {tuple(row[:3]): Decimal(row[3]) for row in books["payments"]} == payments
    assert len(books["payments"]) == len(payments)
    assert len(books["invoices"]) == len(issued)
    assert books["latest"] <= as_of
    assert books["unfinished_payments"] == 0
    addresses = {customer: address for _name, customer, address, *_rest in books["invoices"]}
    assert len(set(addresses.values())) == len(addresses) == len({row[0] for row in issued})
    assert all(address.endswith(".example") for address in addresses.values())
    assert {tuple(row[5:]) for row in books["invoices"]} == {("posted", True)}
