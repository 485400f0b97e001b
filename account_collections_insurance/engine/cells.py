"""Cells and files as people and programs write them: texts, amounts, days, words."""

import csv
import io
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

#: Decisions as files word them; numbers are codes of a published client of one insurer.
KINDS = {
    "requested": ("requested", "pending", "demande", "en cours", "en attente"),
    "full": ("01", "1", "full", "agreed", "approved", "granted", "granted in full", "accord",
             "accorde", "accord total", "accordee"),
    "conditional": ("02", "2", "conditional", "conditionnel", "accord conditionnel"),
    "refused": ("03", "3", "refused", "declined", "rejected", "refus", "refuse", "refusee"),
    "partial": ("04", "4", "partial", "granted in part", "partiel", "accord partiel"),
    "increase_refused": ("05", "5", "increase refused", "refus d'augmentation",
                         "augmentation refusee"),
    "withdrawn": ("08", "8", "withdrawn", "cancelled", "resilie", "resiliation", "retrait",
                  "retiree", "annulation"),
    "reduced": ("09", "9", "reduced", "reduction", "reduit", "reduite"),
    "revised": ("10", "revised", "revise", "revision", "maintained", "maintien"),
    "pre_notice": ("21", "pre notice", "pre-notice of withdrawal", "preavis",
                   "preavis de resiliation"),
    "expired": ("expired", "expire", "expiree", "echue"),
}  # fmt: skip

TRUE = ("1", "yes", "y", "true", "x", "oui", "o", "vrai", "temporary", "temporaire")
FALSE = ("", "0", "no", "n", "false", "non", "faux", "permanent", "permanente")

#: Order of day and month between slashes.
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"

#: A cell longer than this tells nothing that we read.
MAX_TEXT = 2000


class Unreadable(ValueError):
    """A file that is none, or not one of limits; ``code`` says why."""

    def __init__(self, code, **details):
        super().__init__(code)
        self.code = code
        self.details = details


# === CELLS === #


def plain(text):
    """Return a text without case, accents, and what lies between words.

    >>> plain("  Numéro  d’ACHETEUR : "), plain("N° SIREN")
    ("numero d'acheteur", 'numero siren')
    """
    text = re.sub(r"\bn[°º]", "numero ", str(text).replace("’", "'"), flags=re.IGNORECASE)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).casefold()
    return re.sub(r"[\s_:./()-]+", " ", text).strip()


def to_text(cell):
    """Return a cell as text; whole numbers of spreadsheets have no decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()[:MAX_TEXT]


def read_amount(cell):
    """Return an amount; ``1 234,56``, ``1,234.56`` and ``1.234,56`` are the same.

    A single separator before three digits parts thousands: limits have no third decimal.

    :raises ValueError: when it is none, or negative

    >>> [str(read_amount(text)) for text in ("1 234,56", "1,234.56", "EUR 50.000", "7,5")]
    ['1234.56', '1234.56', '50000', '7.5']
    """
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        text = format(Decimal(str(cell)), "f")
    else:
        text = re.sub(r"^[A-Za-z€$£\s]+|[A-Za-z€$£\s]+$", "", to_text(cell))
        text = re.sub(r"['’\s]", "", text)
        if re.fullmatch(r"\d{1,3}([.,]\d{3})+", text):
            text = re.sub(r"[.,]", "", text) if len(set(re.findall(r"[.,]", text))) == 1 else ""
        elif found := re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d+)\.(\d+)", text):
            text = f"{found[1].replace(',', '')}.{found[2]}"
        elif found := re.fullmatch(r"(\d{1,3}(?:\.\d{3})+|\d+),(\d+)", text):
            text = f"{found[1].replace('.', '')}.{found[2]}"
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,20})?", text):
        raise ValueError(f"no amount: {cell}")
    return Decimal(text)


def read_date(cell, order=DAY_FIRST):
    """Return a day: ``2026-03-18``, ``18/03/2026`` or ``18.03.2026``, with or without a time.

    :param order: of day and month between slashes; a day that does not exist is none
    :raises ValueError: when it is none

    >>> read_date("18/03/2026") == read_date("2026-03-18") == read_date("03/18/2026", "mdy")
    True
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = to_text(cell)
    time = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
    if found := re.fullmatch(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})" + time, text):
        return date(*map(int, found.groups()))
    if found := re.fullmatch(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})" + time, text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        is_month_first = order == MONTH_FIRST and found[2] == "/"
        return date(year, first, second) if is_month_first else date(year, second, first)
    raise ValueError(f"no day: {cell}")


def read_kind(cell, words=None):
    """Return the kind of a decision.

    :param words: {text as :func:`plain` has it: kind}, asked first
    :raises ValueError: when nobody knows the word
    """
    text = plain(to_text(cell))
    for known in (words or {}, _WORDS):
        if text in known:
            return known[text]
    raise ValueError(f"no decision: {cell}")


_WORDS = {plain(word): kind for kind, words in KINDS.items() for word in words}


def read_flag(cell):
    text = plain(to_text(cell))
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise ValueError(f"neither yes nor no: {cell}")


def is_siren(number):
    """Return whether a SIREN, or the SIREN of a SIRET, has the right check digit."""
    digits = re.sub(r"\D", "", number)
    if len(digits) not in (9, 14):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits[:9])):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


# === FILES === #


def decode(data):
    """Return the text of a file: UTF-8, UTF-16 with its mark, else the code page of Windows.

    :raises Unreadable: for a file that is no text
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unreadable("encoding")


def read_csv(data):
    """Return the rows of cells of a CSV file; its separator is what its first line has most.

    :raises Unreadable: for a file that is none
    """
    text = decode(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";,\t|", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Unreadable("csv") from error
