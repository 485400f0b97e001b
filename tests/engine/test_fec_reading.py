"""What is read from a FEC: kinds of documents, lettering, both forms of amounts, hostile rows."""

from datetime import date
from decimal import Decimal

import pytest

from lib.ledger import fec, reading

HEADER = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|"
    "PieceRef|PieceDate|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise"
)


def row(account, debit="0,00", credit="0,00", **values):
    """A row of entry 1 of the sales journal on 2023-01-09; customers' accounts are Dupont's."""
    customer = account.startswith("411")
    cells = {
        "JournalCode": "VE", "EcritureNum": "1", "EcritureDate": "20230109", "CompteNum": account,
        "CompteLib": "Compte", "CompAuxNum": "C1" if customer else "",
        "CompAuxLib": "Dupont" if customer else "", "PieceRef": "F1", "PieceDate": "20230105",
        "EcritureLib": "Vente", "Debit": debit, "Credit": credit, **values,
    }  # fmt: skip
    return "|".join(cells.get(name, "") for name in HEADER.split("|"))


def read(tmp_path, *rows, header=HEADER, encoding="utf-8"):
    path = tmp_path / "fec.txt"
    path.write_bytes("\r\n".join([header, *rows]).encode(encoding))
    assert fec.recognises(path)
    return fec.read(path)


@pytest.mark.parametrize(
    ("others", "values", "kind"),
    [
        (["70700000", "44571000"], {}, fec.SALE),
        (["51200000"], {}, fec.PAYMENT),
        (["53000000"], {}, fec.PAYMENT),
        (["65800000"], {}, fec.OTHER),
        (["10100000", "51200000"], {}, fec.OPENING),
        (["89000000"], {}, fec.OPENING),
        (["70700000"], {"JournalCode": "AN"}, fec.OPENING),
        (["51200000"], {"JournalCode": "ran"}, fec.OPENING),
    ],
)
def test_kind_by_the_other_accounts(tmp_path, others, values, kind):
    rows = [row("41100000", "10,00", **values), *(row(one, **values) for one in others)]
    (document,) = read(tmp_path, *rows).documents
    assert document.kind == kind


def test_a_sale_paid_in_the_same_entry_is_no_invoice(tmp_path):
    ledger = read(
        tmp_path, row("411", "10,00"), row("411", "0,00", "10,00"), row("707"), row("530")
    )
    assert [(one.kind, one.amount) for one in ledger.documents] == [(fec.PAYMENT, 0)]


def test_what_a_line_says(tmp_path):
    ledger = read(
        tmp_path,
        row("41100000", "0000000074,70", EcritureLet="AA", DateLet="20230209"),
        row("70700000", "0,00", "74,70"),
    )
    (line,) = ledger.lines
    assert (line.amount, line.date, line.due) == (
        Decimal("74.70"), date(2023, 1, 9), date(2023, 2, 4),
    )  # fmt: skip
    assert (line.group, line.lettered) == (("C1", "AA"), date(2023, 2, 9))
    assert ledger.customers == {"C1": "Dupont"}
    assert (ledger.rows, dict(ledger.skipped)) == (2, {"not a customer's account": 1})


def test_customers_of_one_entry_have_documents_of_their_own(tmp_path):
    ledger = read(
        tmp_path,
        row("411", "10,00"),
        row("411", "20,00", CompAuxNum="C2", CompAuxLib="Martin"),
        row("411", "30,00"),
    )
    found = [(one.number, one.customer, one.amount) for one in ledger.documents]
    assert found == [("VE-1", "C1", 40), ("VE-1-2", "C2", 20)]


def test_an_account_for_each_customer(tmp_path):
    cells = {"CompAuxNum": "", "CompAuxLib": "", "CompteLib": "DUPONT SA"}
    ledger = read(tmp_path, row("411DUPONT", "10,00", **cells))
    assert ledger.customers == {"411DUPONT": "DUPONT SA"}


@pytest.mark.parametrize(
    ("sens", "amount"), [("D", 5), ("C", -5), ("+1", 5), ("-1", -5), ("X", None)]
)
def test_amount_and_sense(tmp_path, sens, amount):
    header = HEADER.replace("|Debit|Credit|", "|Montant|Sens|")
    ledger = read(tmp_path, row("411", "5,00", sens), header=header)
    assert [line.amount for line in ledger.lines] == ([amount] if amount else [])
    assert len(ledger.malformed) == (amount is None)


def test_tabs_padding_quotes_and_the_other_alphabet(tmp_path):
    """A quote is a letter like any other, wherever it stands."""
    text = row("411", " 5,00 ", EcritureLib='"Crème" & "été', CompAuxLib="Café  ")
    header = HEADER.replace("|", "\t")
    ledger = read(tmp_path, text.replace("|", "\t"), header=header, encoding="iso-8859-15")
    assert ledger.lines[0].label == '"Crème" & "été'
    assert ledger.customers == {"C1": "Café"}


def test_bad_rows_are_reported_and_the_others_load(tmp_path):
    ledger = read(
        tmp_path,
        row("411", "five"),
        row("411", "5,00", EcritureDate="20231301"),
        "VE|too|short",
        row("411", "0,00"),
        row("411", "7,00"),
    )
    assert [line for line, _why in ledger.malformed] == [2, 3, 4]
    assert [line.amount for line in ledger.lines] == [7]
    assert ledger.skipped["amount is zero"] == 1


def test_another_file_is_no_fec(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    assert not fec.recognises(path)
    with pytest.raises(reading.LedgerError, match="not that of a FEC"):
        fec.read(path)
    path.write_text("")
    assert not fec.recognises(path)
