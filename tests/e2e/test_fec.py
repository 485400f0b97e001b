"""A FEC posted in Odoo is, to the cent, what the file says, and so is a statement made of it."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|"
    "PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise"
)
#: journal, entry, day, the other account, and (customer, debit, lettering, its day) of each line
SMALL = [
    ("AN", "1", "20230101", "10100000", [
        ("C1", "100,00", "AA", "20230301"), ("C2", "7,00", "", ""),
    ]),
    ("VE", "2", "20230110", "70700000", [("C1", "50,00", "AA", "20230301")]),
    ("VE", "3", "20230111", "70700000", [("C1", "-20,00", "AA", "20230301")]),
    ("BQ", "4", "20230301", "51200000", [("C1", "-130,01", "AA", "20230301")]),
    ("OD", "5", "20230301", "65800000", [("C1", "0,01", "AA", "20230301")]),
    ("VE", "6", "20230302", "70700000", [("C2", "40,00", "AA", "20230401")]),
    ("BQ", "7", "20230303", "51200000", [("C2", "-40,00", "AA", "20230401")]),
    ("VE", "8", "20230405", "70700000", [("C2", "9,99", "", "")]),
    # a lettering that does not add up leaves its rest open
    ("VE", "9", "20230105", "70700000", [("C3", "80,00", "AA", "20230201")]),
    ("BQ", "10", "20230201", "51200000", [("C3", "-30,00", "AA", "20230201")]),
]  # fmt: skip


@pytest.fixture
def small_fec(tmp_path):
    rows = [HEADER]
    for journal, entry, day, other, lines in SMALL:
        for customer, debit, letter, lettered in lines:
            credit = debit.lstrip("-") if debit.startswith("-") else "0,00"
            debit = "0,00" if debit.startswith("-") else debit
            rows.append(
                f"{journal}||{entry}|{day}|41100000|CLIENTS|{customer}|=Name {customer}|P{entry}|"
                f"{day}|Label {entry}|{debit}|{credit}|{letter}|{lettered}|||"
            )
        rows.append(f"{journal}||{entry}|{day}|{other}|OTHER||||{day}||0,00|0,00|||||")
    path = tmp_path / "fec.txt"
    path.write_text("\n".join(rows))
    return str(path)


# === INSIDE ODOO === #


def load(env, path, as_of):
    """Post the ledger; return the loader's summary and what is open."""
    from lib.ledger import loading

    summary = loading.load(env, path, date.fromisoformat(as_of))
    return summary, _open_items(env)


def load_interrupted(env, path, as_of):
    """Post two documents at a time, and fail after the second batch."""
    from lib.ledger import fec_posting

    class Interruption(Exception):
        pass

    def interrupt(done, _total, _text):
        if done == 4:
            raise Interruption

    fec_posting.BATCH = 2
    with pytest.raises(Interruption):
        fec_posting.load(env, path, date.fromisoformat(as_of), interrupt)
    env.cr.rollback()
    return _open_items(env)


def _open_items(env):
    env.cr.execute(
        """
        SELECT partner.ref, move.name, move.move_type, line.amount_residual::text,
               line.no_followup, line.date_maturity::text
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN res_partner partner ON partner.id = line.partner_id
          JOIN account_account account ON account.id = line.account_id
         WHERE account.account_type = 'asset_receivable' AND line.amount_residual <> 0
      ORDER BY line.id
        """
    )
    return env.cr.fetchall()


def statement(env, path, as_of, since, customer):
    """Load, and return the statement of a customer and its text as PDF."""
    import io

    import pypdf

    load(env, path, as_of)
    day = date.fromisoformat(as_of)
    env["collection.debtor"]._sync(env.company)
    case = env["collection.case"].search([("partner_id.ref", "=", customer)])
    model = env["collection.statement"]
    first = date.fromisoformat(since)
    ((account,),) = [one.accounts for one in model._gather(case, day, first)]
    pdf = model._render(case, day, "fr_FR", first)[case.id]
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return {
        "currency": account.currency.name,
        "items": [(item.document, item.amount) for item in account.items],
        "payments": [(one.document, one.amount, one.settled) for one in account.payments],
        "text": " ".join(text.split()),
    }


# === STORIES === #


def _load(call_odoo, database, path, as_of, work="load"):
    return call_odoo(database, f"e2e.test_fec:{work}", path=str(path), as_of=as_of)


def _amounts(items):
    return {name: Decimal(amount) for _customer, name, _type, amount, *_rest in items}


IN_MARCH = {"AN-1-2": "7.00", "VE-6": "40.00", "BQ-7": "-40.00", "VE-9": "50.00"}


def test_openings_credit_notes_and_letterings(call_odoo, odoo_db, small_fec):
    summary, items = _load(call_odoo, odoo_db, small_fec, "2023-03-31")
    assert _amounts(items) == {name: Decimal(text) for name, text in IN_MARCH.items()}
    assert not any(item[4] for item in items), "nothing is left out of follow-up"
    assert {item[1]: item[5] for item in items}["VE-6"] == "2023-04-01"
    counts = ("rows", "loaded", "later", "skipped", "invoices", "payments", "entries")
    assert [summary[name] for name in counts] == [21, 11, 1, 10, 4, 3, 3]
    assert (summary["reconciled"], summary["unbalanced"]) == (2, 1)
    assert (summary["open_items"], summary["open_total"]) == (4, 57.0)


def test_resumed_repeated_and_continued(call_odoo, odoo_db, small_fec):
    assert len(_load(call_odoo, odoo_db, small_fec, "2023-03-31", "load_interrupted")) == 4
    expected = {name: Decimal(text) for name, text in IN_MARCH.items()}
    _summary, resumed = _load(call_odoo, odoo_db, small_fec, "2023-03-31")
    assert _amounts(resumed) == expected
    summary, repeated = _load(call_odoo, odoo_db, small_fec, "2023-03-31")
    assert repeated == resumed
    assert [summary[name] for name in ("invoices", "payments", "reconciled")] == [0, 0, 0]
    _summary, continued = _load(call_odoo, odoo_db, small_fec, "2023-04-30")
    # lettered in April: VE-6 with BQ-7
    assert _amounts(continued) == {
        "AN-1-2": Decimal("7.00"), "VE-8": Decimal("9.99"), "VE-9": Decimal("50.00")
    }  # fmt: skip


# === THE REAL FILE, ADDED UP INDEPENDENTLY OF OUR READER === #


def _lines(folder):
    """Yield (customer, document, day, amount, lettering, its day) of account 411."""
    (path,) = folder.glob("fec_juice_*.txt")
    header, *rows = path.read_bytes().decode("cp850").splitlines()
    names = header.split("|")
    openings = {}
    for text in rows:
        cells = dict(zip(names, (cell.strip() for cell in text.split("|"))))
        if not cells["CompteNum"].startswith("411"):
            continue
        customer = cells["CompAuxNum"]
        document = f"{cells['JournalCode']}-{cells['EcritureNum']}"
        # one entry has many customers: the opening
        places = openings.setdefault(document, {})
        count = places.setdefault(customer, len(places) + 1)
        amount = int(cells["Debit"].replace(",", "")) - int(cells["Credit"].replace(",", ""))
        yield (
            customer,
            document if count == 1 else f"{document}-{count}",
            cells["EcritureDate"],
            Decimal(amount) / 100,
            cells["EcritureLet"],
            cells["DateLet"],
        )


def _open_by(lines, day):
    """Return the lines of the file that are open on a day."""
    text = day.replace("-", "")
    return [
        line for line in lines if line[2] <= text and not (line[4] and line[5] <= text)
    ]


@pytest.mark.parametrize(
    "as_of",
    [
        "2023-06-30",
        pytest.param("2023-01-01", marks=pytest.mark.long),
        pytest.param("2023-03-31", marks=pytest.mark.long),
    ],
)
def test_totals(call_odoo, odoo_db, collections_data, as_of):
    lines = list(_lines(collections_data))
    expected = _open_by(lines, as_of)
    summary, items = _load(
        call_odoo, odoo_db, next(collections_data.glob("fec_juice_*.txt")), as_of
    )
    assert sorted((item[0], item[1], Decimal(item[3])) for item in items) == sorted(
        (customer, document, amount) for customer, document, _day, amount, *_rest in expected
    )
    assert Decimal(str(summary["open_total"])) == sum(line[3] for line in expected)
    # Each customer's balance is that of all its lines, lettered or not: no lettering has a rest.
    balances, found = defaultdict(Decimal), defaultdict(Decimal)
    for customer, _document, day, amount, *_rest in lines:
        if day <= as_of.replace("-", ""):
            balances[customer] += amount
    for item in items:
        found[item[0]] += Decimal(item[3])
    assert found == {customer: amount for customer, amount in balances.items() if amount}
    credit_notes = [item for item in items if item[2] == "out_refund"]
    assert len(credit_notes) == sum(
        line[1].startswith("VE") and line[3] < 0 for line in expected
    )
    assert any(item[1].startswith("AN") for item in items)
    assert not any(item[4] for item in items)


@pytest.mark.parametrize("largest_by", ["balance", "turnover"])
def test_statement_of_the_largest_customer(call_odoo, odoo_db, collections_data, largest_by):
    """Its documents and amounts, and each payment with the documents of its lettering."""
    lines = list(_lines(collections_data))
    size = defaultdict(Decimal)
    for customer, document, _day, amount, *_rest in lines:
        if largest_by == "balance" or document.startswith("VE"):
            size[customer] += amount
    customer = max(size, key=size.get)
    own = [line for line in lines if line[0] == customer]
    made = call_odoo(
        odoo_db,
        "e2e.test_fec:statement",
        path=str(next(collections_data.glob("fec_juice_*.txt"))),
        as_of="2023-06-30",
        since="2023-01-01",
        customer=customer,
    )
    assert made["currency"] == "EUR"
    found = sorted((document, Decimal(str(amount))) for document, amount in made["items"])
    expected = sorted((line[1], line[3]) for line in _open_by(own, "2023-06-30"))
    assert found == expected
    letters = defaultdict(list)
    for line in own:
        letters[line[4]].append(line)
    money = [line for line in own if line[1].split("-")[0] in ("C1", "CIC")]
    payments = {document: settled for document, _amount, settled in made["payments"]}
    assert money
    for _customer, document, _day, amount, letter, _lettered in money:
        debts = {line[1] for line in letters[letter] if line[3] > 0}
        settled = payments[document]
        assert {name for name, _part in settled} <= debts
        assert sum(Decimal(str(part)) for _name, part in settled) == -amount
    # What the customer reads is what was gathered.
    total = f"{sum(amount for _name, amount in expected):,.2f}".replace(",", " ").replace(".", ",")
    plain = made["text"].replace("\u202f", " ").replace("\xa0", " ")
    assert f"{total} €" in plain
    for document, _amount in expected:
        assert document in plain
