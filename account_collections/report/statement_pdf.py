"""One PDF document for many statements, and back: without Odoo."""

import io
import re

import pypdf

#: What chooses one of our colours among a page's commands: 'red green blue rg', or 'scn' in a
#: colour space, with the red that all of them share (253 of 255) and the others from 0 to 1.
COLOUR_COMMAND = re.compile(rb"0\.992\d* ([\d.]+) ([\d.]+) (?:scn|rg|SCN|RG)\b")


class NotSplit(Exception):
    """The pages of several statements cannot be told apart beyond doubt."""


def mark(index):
    """Return the style of the lines, white to the eye, around each page of a statement.

    A customer can write any text into a name or a reference, but no colour; and colours are
    read from a page hundreds of times faster than its text.

    :param int index: place of the statement in its document, below 100
    """
    return f"border-color: rgb(253, {254 - index // 10}, {254 - index % 10})"


def split(pdf, count):
    """Return the PDF of each of the ``count`` statements in a document.

    :raises NotSplit: a page shows none, two or another statement than its turn
    """
    writers = []
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        owners = _read_owners(page)
        if owners == {len(writers)}:
            writers.append(pypdf.PdfWriter())
        elif owners != {len(writers) - 1}:
            raise NotSplit(f"page {page.page_number + 1} shows statements {sorted(owners)}")
        writers[-1].add_page(page)
    if len(writers) != count:
        raise NotSplit(f"{len(writers)} statements of {count} were found")
    return [write(writer) for writer in writers]


def _read_owners(page):
    """Return the indexes of the statements whose colour is on a page."""
    owners = set()
    for green, blue in set(COLOUR_COMMAND.findall(page.get_contents().get_data())):
        tens, units = 254 - round(float(green) * 255), 254 - round(float(blue) * 255)
        if 0 <= tens <= 9 and 0 <= units <= 9:
            owners.add(tens * 10 + units)
    return owners


def merge(pdfs):
    """Return one PDF of several, in their order."""
    writer = pypdf.PdfWriter()
    for pdf in pdfs:
        writer.append(io.BytesIO(pdf), import_outline=False)
    return write(writer)


def write(writer):
    """Return what a ``pypdf.PdfWriter`` writes, as bytes."""
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
