"""Files of insurers, good, bad and absurd."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insurance_cases import MODULES, TODAY

cells_of, reading = MODULES["cells"], MODULES["reading"]

HEADERS = ["Buyer ID", "SIREN", "Decision", "Amount", "Currency", "Decision date",
           "Effective date", "Expiry date", "Temporary", "Policy"]  # fmt: skip
GOOD = ["B-1", "552100554", "Accord total", "1 234,56", "EUR", "18/03/2026", "2026-03-20", "", "",
        "P1"]  # fmt: skip
LAYOUT = reading.Layout(policy="P1", currency="EUR")


def read(*lines, layout=LAYOUT, headers=HEADERS):
    return reading.read_rows([headers, *lines], layout, TODAY)


def line(**values):
    """Return the good line with other cells, by header."""
    return [values.get(header.replace(" ", "_"), cell) for header, cell in zip(HEADERS, GOOD)]


def codes(*lines, **options):
    return [[problem.code for problem in row.problems] for row in read(*lines, **options)]


# === CELLS === #


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234", "1234"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56\xa0€", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("EUR 50.000", "50000"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("10,5", "10.5"),
        ("0", "0"),
        (50000.0, "50000"),
        (12.5, "12.5"),
        (1e15, None),
        ("1.234,567.8", None),
        ("12,34,56", None),
        ("-5", None),
        ("", None),
        ("n/a", None),
        (True, None),
        (float("nan"), None),
        ("١٢٣", None),
    ],
)
def test_amounts(cell, amount):
    if amount is None:
        with pytest.raises((ValueError, ArithmeticError)):
            cells_of.read_amount(cell)
    else:
        assert cells_of.read_amount(cell) == Decimal(amount)


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("2026-03-04", "dmy", date(2026, 3, 4)),
        ("20260304", "dmy", date(2026, 3, 4)),
        ("2026-03-04T10:20:30Z", "mdy", date(2026, 3, 4)),
        ("04/03/2026", "dmy", date(2026, 3, 4)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("4.3.2026", "mdy", date(2026, 3, 4)),
        ("04-03-2026 08:15", "dmy", date(2026, 3, 4)),
        (datetime(2026, 3, 4, 8), "dmy", date(2026, 3, 4)),
        ("03/18/2026", "dmy", None),  # never swapped silently
        ("30/02/2026", "dmy", None),
        ("18/03/26", "dmy", None),
        ("soon", "dmy", None),
    ],
)
def test_days(cell, order, day):
    if day is None:
        with pytest.raises(ValueError):
            cells_of.read_date(cell, order)
    else:
        assert cells_of.read_date(cell, order) == day


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("Accord total", "full"), ("REFUSÉ", "refused"), ("04", "partial"), (4, "partial"),
     ("Préavis de résiliation", "pre_notice"), ("Withdrawn", "withdrawn"), ("OK", "full")],
)  # fmt: skip
def test_decisions_in_words_and_codes(cell, kind):
    assert cells_of.read_kind(cell, {"ok": "full"}) == kind
    with pytest.raises(ValueError):
        cells_of.read_kind("perhaps")


# === ROWS === #


def test_a_good_row():
    [row] = read(GOOD)
    assert not row.problems
    assert row.number == 2
    assert row.values["amount"] == Decimal("1234.56")
    assert (row.values["announced"], row.values["effective"]) == (TODAY, date(2026, 3, 20))
    assert (row.values["kind"], row.values["temporary"]) == ("full", False)


def test_french_headers_and_no_dates():
    headers = ["Raison sociale", "Pays", "N° de TVA", "Montant accordé", "Statut"]
    [row] = read(["ACME", "BE", "BE0477472701", "50 000", "Accordé"], headers=headers)
    assert row.values["vat"] == "BE0477472701"
    assert row.values["announced"] == row.values["effective"] == TODAY
    assert not row.values["dated"]


@pytest.mark.parametrize(
    ("effective", "announced"), [("2026-03-01", date(2026, 3, 1)), ("2026-04-01", TODAY)]
)
def test_what_was_announced_on_no_known_day_was_by_today(effective, announced):
    [row] = read(line(Decision_date="", Effective_date=effective, Decision="reduced"))
    assert (row.values["announced"], row.problems) == (announced, [])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Amount": "a lot"}, "amount"),
        ({"Amount": ""}, "amount"),
        ({"Decision": "perhaps"}, "kind"),
        ({"Decision_date": "31/02/2026"}, "announced"),
        ({"Currency": "USD"}, "currency"),
        ({"Policy": "P2"}, "policy"),  # a file of another policy, or insurer
        ({"SIREN": "552100555"}, "check_digit"),
        ({"Buyer_ID": "", "SIREN": ""}, "identity"),
        ({"Decision": "reduced", "Effective_date": "2026-03-01"}, "before_announced"),
        ({"Expiry_date": "2026-03-19"}, "until"),
        ({"Temporary": "oui"}, "no_end"),
        ({"Temporary": "perhaps"}, "temporary"),
    ],
)
def test_what_is_wrong_is_told_by_row(cells, code):
    assert codes(line(Buyer_ID="B-0", SIREN=""), line(**cells)) == [[], [code]]


def test_what_ends_a_limit_needs_no_amount():
    [row] = read(line(Decision="retrait", Amount=""))
    assert (row.problems, row.values["amount"]) == ([], 0)


def test_rows_that_contradict_each_other():
    """The same row twice counts once; of what contradicts each other nothing counts."""

    def temporary(first, last):
        return line(Effective_date=first, Expiry_date=last, Temporary="yes", Buyer_ID="B-3",
                    SIREN="")  # fmt: skip

    lines = [
        GOOD,
        GOOD,
        line(Buyer_ID="B-2", SIREN="732829320"),
        line(Buyer_ID="B-4", SIREN="732 829 320"),
        temporary("2026-04-01", "2026-04-30"),
        temporary("2026-04-30", "2026-05-30"),
        temporary("2026-05-31", "2026-06-30"),
    ]
    expected = [
        [], ["twice"], ["shared_number"], ["shared_number"], ["overlap"], ["overlap"], []
    ]  # fmt: skip
    assert codes(*lines) == expected
    assert codes(*lines[2:][::-1]) == expected[2:][::-1]


@pytest.mark.parametrize(
    ("headers", "chosen", "code"),
    [
        (["Colour", "Amount"], {}, "identity"),
        (["Buyer ID", "Colour"], {}, "amount"),
        (["Buyer ID", "Amount"], {"name": "Acheteur"}, "header"),
    ],
)
def test_missing_columns(headers, chosen, code):
    with pytest.raises(cells_of.Unreadable) as caught:
        read(GOOD, headers=headers, layout=reading.Layout(chosen=chosen))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"\n ; ;\n", "empty"), (b"PK\x03\x04\x00\x00", "encoding"),
     (b"\xff\xfea", "encoding"), (b"\x81\x8d", "encoding")],
)  # fmt: skip
def test_what_is_no_file_of_limits(data, code):
    with pytest.raises(cells_of.Unreadable) as caught:
        reading.read_rows(cells_of.read_csv(data), LAYOUT, TODAY)
    assert caught.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_encodings_and_separators(encoding, separator):
    text = separator.join(["Numéro acheteur", "Montant accordé"]) + "\r\n" + f'7{separator}"1 500"'
    [row] = reading.read_rows(cells_of.read_csv(text.encode(encoding)), LAYOUT, TODAY)
    assert (row.values["insurer_ref"], row.values["amount"]) == ("7", 1500)


# === ANYTHING === #

cells = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.sampled_from([*GOOD, *HEADERS, "refusé", "1e9", "00/00/0000", "9" * 400, "=1+1", "oui"]),
)
headers = st.one_of(
    st.just(HEADERS),
    st.lists(st.sampled_from([word for words in reading.FIELDS.values() for word in words])),
    st.lists(cells, max_size=12),
)
layouts = st.builds(
    reading.Layout,
    chosen=st.dictionaries(
        st.sampled_from(list(reading.FIELDS)), st.sampled_from(["", "SIREN", "Amount"]), max_size=2
    ),
    order=st.sampled_from(["dmy", "mdy"]),
    policy=st.sampled_from(["", "P1"]),
    currency=st.sampled_from(["", "EUR"]),
)


def _sound(rows):
    """What is not rejected can be entered as it is."""
    for row in rows:
        if row.problems:
            continue
        values = row.values
        assert reading.identity(values)
        assert values["amount"] >= 0
        assert values["kind"] in cells_of.KINDS
        assert values["effective"] <= values.get("until", values["effective"])
        assert values["kind"] not in reading.CUTTING or (values["effective"] >= values["announced"])


@settings(max_examples=500)
@given(headers, st.lists(st.lists(cells, max_size=12), max_size=8), layouts)
def test_no_table_breaks_the_reader(head, lines, layout):
    try:
        rows = reading.read_rows([head, *lines], layout, TODAY)
    except cells_of.Unreadable:
        return
    assert len(rows) <= len(lines) + 1
    _sound(rows)


@settings(max_examples=500)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_no_bytes_break_the_reader(data):
    head = ";".join(HEADERS).encode() + b"\n"
    for content in (data, head + data):
        try:
            _sound(reading.read_rows(cells_of.read_csv(content), LAYOUT, TODAY))
        except cells_of.Unreadable:
            continue
