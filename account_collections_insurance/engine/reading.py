"""Files of insurers: cells to decisions, row by row, whatever is in them.

No insurer publishes a fixed layout. Headers and words in English and French are recognised; what
people chose for an insurer counts first. A row that cannot be understood says why; it raises
nothing and never half counts.
"""

import re
from dataclasses import dataclass, field

from .cells import (
    DAY_FIRST,
    Unreadable,
    is_siren,
    plain,
    read_amount,
    read_date,
    read_flag,
    read_kind,
    to_text,
)
from .limits import CUTTING, ENDING
from .terms import ZERO

#: What a file may tell, with the headers that tell it; "insurer" stands for the insurer's own name.
FIELDS = {
    "insurer_ref": (
        "buyer id", "buyer number", "insurer number", "easy number", "euler id", "numero acheteur",
        "identifiant acheteur", "id acheteur", "numero easy", "reference acheteur",
        "insurer id", "identifiant insurer", "id insurer", "numero insurer", "reference insurer",
    ),
    "registration": (
        "registration number", "company number", "national id", "siren", "siret",
        "numero d'immatriculation", "identifiant national", "numero siren",
    ),
    "vat": ("vat number", "vat", "tax id", "numero de tva", "tva intracommunautaire"),
    "code": (
        "customer code", "customer reference", "your reference", "code client",
        "reference client", "votre reference",
    ),
    "name": (
        "buyer", "buyer name", "company name", "name", "customer", "acheteur", "raison sociale",
        "nom", "client", "nom de l'acheteur",
    ),
    "kind": (
        "decision", "decision code", "status", "cover status", "decision type", "code decision",
        "statut", "type de decision", "statut de la garantie",
    ),
    "amount": (
        "amount", "limit", "credit limit", "agreed amount", "amount agreed", "approved amount",
        "montant", "montant accorde", "limite", "limite de credit", "garantie", "encours garanti",
        "montant garanti",
    ),
    "amount_requested": ("requested amount", "amount requested", "montant demande"),
    "currency": ("currency", "devise", "monnaie"),
    "announced": (
        "decision date", "date of decision", "announced", "date de decision", "date decision",
    ),
    "effective": (
        "effective date", "start date", "valid from", "date d'effet", "date effet",
        "date de debut", "valable du",
    ),
    "until": (
        "expiry date", "end date", "valid to", "valid until", "date d'expiration", "date de fin",
        "date d'echeance", "valable jusqu'au",
    ),
    "temporary": ("temporary", "temporaire", "limite temporaire", "temporary limit"),
    "reference": ("decision number", "decision reference", "numero de decision", "reference"),
    "grade": ("grade", "rating", "note", "notation", "dra"),
    "policy": ("policy", "policy number", "contract", "police", "numero de police", "contrat"),
    "conditions": ("conditions", "comment", "comments", "commentaire", "condition"),
}  # fmt: skip

#: Without one of these nobody knows whom a row is about.
IDENTITIES = ("insurer_ref", "registration", "vat", "code")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not read: a code, and the field and the text it is about."""

    code: str
    field: str = ""
    text: str = ""


@dataclass(slots=True)
class Row:
    """A row of the file: its number as a spreadsheet shows it, what it says, what is wrong."""

    number: int
    values: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def reject(self, code, name="", text=""):
        self.problems.append(Problem(code, name, str(text)[:80]))


def find_columns(headers, chosen=None, insurer=""):
    """Return {field: index of its column}.

    :param chosen: {field: header}, which counts first; fields that are there with no header are
        not looked for
    :param insurer: the insurer's name, which headers may bear
    :raises Unreadable: when a chosen header is not in the file, or nothing tells whom rows are
        about, or no amount

    >>> find_columns(["N° SIREN", "Siren", "Limite de crédit"], {"code": "N° SIREN"})
    {'code': 0, 'registration': 1, 'amount': 2}
    >>> find_columns(["Identifiant Coface", "Limite"], insurer="Coface")
    {'insurer_ref': 0, 'amount': 1}
    """
    told = [to_text(header) for header in headers]
    places = {}
    for index, header in enumerate(map(plain, told)):
        places.setdefault(header, index)
    if insurer:
        for header, index in list(places.items()):
            places.setdefault(header.replace(plain(insurer), "insurer"), index)
    found = {}
    for name, header in (chosen or {}).items():
        if header and plain(header) not in places:
            raise Unreadable("header", header=header, headers=told)
        if header:
            found[name] = places[plain(header)]
    for name, words in FIELDS.items():
        index = next((places[word] for word in map(plain, words) if word in places), None)
        if name not in (chosen or {}) and index is not None and index not in found.values():
            found[name] = index
    if not any(name in found for name in IDENTITIES):
        raise Unreadable("identity", headers=told)
    if "amount" not in found:
        raise Unreadable("amount", headers=told)
    return found


@dataclass(frozen=True, slots=True)
class Layout:
    """How an insurer's files are read.

    :ivar chosen: {field: header}
    :ivar words: {word: kind}
    :ivar order: of day and month
    :ivar policy: number of the policy that rows have to be of
    :ivar currency: code of the currency that they have to be in
    :ivar insurer: name of the insurer, which headers may bear
    """

    chosen: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)
    order: str = DAY_FIRST
    policy: str = ""
    currency: str = ""
    insurer: str = ""


def read_rows(cells, layout, today):
    """Return the :class:`Row` of each line below the headers, empty lines left out.

    :param cells: rows of cells: texts, or numbers and dates of a spreadsheet
    :param today: day on which decisions without a date were announced
    :raises Unreadable: when the headers are not those of limits
    """
    lines = [
        (number, line)
        for number, line in enumerate(cells, start=1)
        if any(to_text(cell) for cell in line)
    ]
    if not lines:
        raise Unreadable("empty")
    (_number, headers), *lines = lines
    columns = find_columns(headers, layout.chosen, layout.insurer)
    siren = plain(to_text(headers[columns["registration"]])) if "registration" in columns else ""
    rows = []
    for number, line in lines:
        row = Row(number)
        _read(row, line, columns, layout)
        if "sire" in siren and row.values.get("registration"):
            _check_siren(row)
        if not row.problems:
            _complete(row, layout, today)
        rows.append(row)
    _compare(rows)
    return rows


def _read(row, line, columns, layout):
    """Read the cells of a line; what is wrong with one says nothing of the others."""
    readers = {
        "kind": lambda cell: read_kind(cell, layout.words),
        "amount": read_amount,
        "amount_requested": read_amount,
        "announced": lambda cell: read_date(cell, layout.order),
        "effective": lambda cell: read_date(cell, layout.order),
        "until": lambda cell: read_date(cell, layout.order),
        "temporary": read_flag,
    }
    for name, index in columns.items():
        cell = line[index] if index < len(line) else None
        if not to_text(cell):
            continue
        try:
            row.values[name] = readers.get(name, to_text)(cell)
        except (ValueError, ArithmeticError):
            row.reject(name, name, to_text(cell))


def _check_siren(row):
    number = row.values["registration"]
    if not is_siren(number):
        row.reject("check_digit", "registration", number)


def _complete(row, layout, today):
    """Fill in what a row leaves out, and refuse what cannot be.

    What takes effect later and was announced on no known day, was by today.
    """
    values = row.values
    if not any(values.get(name) for name in IDENTITIES):
        row.reject("identity")
    if layout.policy and plain(values.get("policy", layout.policy)) != plain(layout.policy):
        row.reject("policy", "policy", values["policy"])
    if layout.currency and values.get("currency", layout.currency).upper() != layout.currency:
        row.reject("currency", "currency", values["currency"])
    kind = values.setdefault("kind", "revised")
    if kind in ENDING:
        values["amount"] = ZERO
    elif "amount" not in values and kind not in ("requested", "increase_refused", "pre_notice"):
        row.reject("amount", "amount")
    values.setdefault("amount", ZERO)
    values["dated"] = "effective" in values or "announced" in values
    values["is_announced"] = "announced" in values
    values.setdefault("announced", min(values.get("effective", today), today))
    values.setdefault("effective", values["announced"])
    values.setdefault("temporary", False)
    if kind in CUTTING and values["effective"] < values["announced"]:
        row.reject("before_announced", "effective", values["effective"])
    if "until" in values and values["until"] < values["effective"]:
        row.reject("until", "until", values["until"])
    if values["temporary"] and "until" not in values and kind not in ENDING:
        row.reject("no_end", "until")


def identity(values):
    """Return what tells the buyer of a row from others: the surest number that it has."""
    return next(((name, plain(values[name])) for name in IDENTITIES if values.get(name)), None)


def _compare(rows):
    """Reject what contradicts another row of the same file, whichever comes first."""
    seen = {}
    for row in rows:
        if not row.problems:
            same = tuple(str(row.values.get(name)) for name in FIELDS)
            if seen.setdefault(same, row.number) != row.number:
                row.reject("twice", text=seen[same])
    good = [row for row in rows if not row.problems]
    for row in _sharing_a_number(good):
        row.reject("shared_number", "registration", row.values["registration"])
    for row in _overlapping(good):
        row.reject("overlap", "effective", row.values["effective"])


def _sharing_a_number(rows):
    """Return the rows of buyers whom only the insurer tells apart: a legal entity has one limit."""
    buyers = {}
    for row in rows:
        number = re.sub(r"\W", "", row.values.get("registration", ""))
        if number:
            buyers.setdefault(number, []).append(row)
    return [
        row
        for group in buyers.values()
        if len({identity(row.values) for row in group}) > 1
        for row in group
    ]


def _overlapping(rows):
    """Return the rows of temporary limits that are in force together."""
    spans = {}
    for row in rows:
        values = row.values
        if values["temporary"] and "until" in values and values["kind"] not in ENDING:
            spans.setdefault(identity(values), []).append(row)
    found = []
    for group in spans.values():
        group.sort(key=lambda row: (row.values["effective"], row.number))
        last = None
        for row in group:
            if last and row.values["effective"] <= last.values["until"]:
                found += [row] if found and found[-1] is last else [last, row]
            if not last or row.values["until"] > last.values["until"]:
                last = row
    return found
