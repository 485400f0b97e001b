"""What visitors type and attach, read with care: text, amounts, days and files."""

import io
import re
import zipfile

from odoo import fields
from odoo.tools.mimetypes import guess_mimetype

from ..models.collection_case import Refused

#: Longest texts that are read.
LONGEST_NAME = 100
LONGEST_TEXT = 4000

#: Of PostgreSQL's integers; the rest that a payer leaves of an item has an id near to it.
LARGEST_ID = 2**31 - 1

#: Files of one form: how many, how large each, and all of it together with the form itself, in
#: bytes. What is larger is refused by its announced length, before it is read.
MOST_FILES = 5
LARGEST_FILE = 8 * 1024 * 1024
LARGEST_FORM = MOST_FILES * LARGEST_FILE + 64 * 1024

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

#: What may be attached: kind by content → what its name ends in.
KINDS = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    f"{_OFFICE}.wordprocessingml.document": ("docx",),
    f"{_OFFICE}.spreadsheetml.sheet": ("xlsx",),
    f"{_OPEN}.text": ("odt",),
    f"{_OPEN}.spreadsheet": ("ods",),
}

#: For the form itself: the browser offers these.
ACCEPTED = ",".join(f".{ending}" for endings in KINDS.values() for ending in endings)


def read_line(text, longest=LONGEST_NAME):
    """Return one line of text without control characters.

    >>> read_line(" Ann\\r\\nBcc: x ")
    'Ann Bcc: x'
    """
    words = "".join(char if char.isprintable() else " " for char in text or "").split()
    return " ".join(words)[:longest].rstrip()


def read_text(text):
    """Return text of several lines; control characters but line ends are dropped."""
    kept = (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in kept if char.isprintable() or char == "\n").strip()[
        :LONGEST_TEXT
    ]


def read_number(text):
    """Return the id that a form or an address brought, 0 for anything else."""
    text = text or ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_number and int(text) <= LARGEST_ID else 0


def get_lang(env):
    """Return the ``res.lang`` of a visitor."""
    return env["res.lang"]._lang_get(env.lang or "en_US")


def read_amount(text, currency, lang):
    """Return the amount that a visitor typed, as people of ``lang`` write numbers.

    :param currency: ``res.currency``; no finer amount is read
    :param lang: ``res.lang`` of the visitor
    :raises Refused: when it is no amount above zero in that currency
    """
    _ = currency.env._
    typed = re.sub(r"[\s\u00a0\u202f']", "", text or "")
    point, group = lang.decimal_point or ".", (lang.thousands_sep or "").strip()
    if group and group != point and group in typed:
        # Only groups of three: elsewhere it is a decimal point of another language.
        whole = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]+)?"
        typed = typed.replace(group, "") if re.fullmatch(whole, typed) else ""
    typed = typed.replace(point, ".")
    if len(typed) > 16 or not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", typed):
        raise Refused(_("This is not an amount: write it in figures, as 1234.50."))
    amount = float(typed)
    if currency.compare_amounts(amount, 0) <= 0:
        raise Refused(_("Give an amount above zero."))
    if len(typed.partition(".")[2].rstrip("0")) > currency.decimal_places:
        raise Refused(
            _("%(currency)s has no smaller unit: round the amount.", currency=currency.name)
        )
    return amount


def read_day(text):
    """Return the day that a form brought, None when it is none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text or ""):
        return None
    try:
        return fields.Date.to_date(text)
    except ValueError:  # a thirtieth of February
        return None


def read_files(uploads, env):
    """Return [(name, content)] of the files of a form.

    What a file is, is read from its content; its name has to say the same.

    :param uploads: Werkzeug's file storages
    :raises Refused: when there are too many, or one is too large or of another kind
    """
    uploads = [upload for upload in uploads if upload.filename]
    if len(uploads) > MOST_FILES:
        raise Refused(env._("Attach %(count)s files at most.", count=MOST_FILES))
    return [_read_file(upload, env) for upload in uploads]


def _read_file(upload, env):
    # Some browsers send the path as well.
    name = read_line(re.split(r"[/\\]", upload.filename)[-1])
    content = upload.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Refused(
            env._(
                "%(file)s is too large: a file has %(size)s MB at most.",
                file=name,
                size=LARGEST_FILE // 1024**2,
            )
        )
    ending = name.rpartition(".")[2].lower()
    if ending not in KINDS.get(guess_mimetype(content), ()) or _has_macros(content):
        raise Refused(
            env._(
                "%(file)s cannot be attached: attach PDF, pictures (JPEG, PNG, WebP), or documents "
                "and spreadsheets without macros.",
                file=name,
            )
        )
    return name, content


def _has_macros(content):
    """Return whether a document brings a program along; pictures and PDF are no archives."""
    if content[:2] != b"PK":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return True
    return any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names)
