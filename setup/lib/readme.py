"""``setup/readme``: each add-on's README.rst, made of its Markdown fragments in OCA's order.

The fragments use a small part of Markdown: headings, paragraphs, lists, tables, fenced code,
bold, italic, code and links. :func:`to_rst` knows this part and no more.
"""

import ast
import re
import sys
from textwrap import indent

from . import paths
from .progress import say

#: Fragments and their titles, in the order of OCA's READMEs.
SECTIONS = (
    ("DESCRIPTION", None),
    ("CONTEXT", "Use Cases / Context"),
    ("INSTALL", "Installation"),
    ("CONFIGURE", "Configuration"),
    ("USAGE", "Usage"),
    ("DEVELOP", "Development"),
    ("CONTRIBUTORS", "Contributors"),
)

HEAD = """.. Made by setup/readme from the fragments in readme/: change these instead.

{bar}
{title}
{bar}

|badge1| |badge2|

.. |badge1| image:: https://img.shields.io/badge/maturity-Beta-yellow.png
    :alt: Beta
.. |badge2| image:: https://img.shields.io/badge/licence-AGPL--3-blue.png
    :target: https://www.gnu.org/licenses/agpl-3.0-standalone.html
    :alt: License: AGPL-3
"""

#: Underlines by level: the section's title, then Markdown's headings.
UNDERLINES = "=-~^"

#: Code, link, bold, italic: what begins first is taken first.
INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\[(?P<label>[^]]+)\]\((?P<target>[^)]+)\)"
    r"|\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*]+)\*"
)

#: What means something in reStructuredText and nothing in Markdown.
SPECIAL = re.compile(r"([\\|]|_(?=\W|$))")


def make(folder):
    """Return the README.rst of an add-on, as text."""
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    title = manifest["name"]
    parts = [HEAD.format(title=title, bar="=" * len(title))]
    for fragment, heading in SECTIONS:
        path = folder / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [_heading(heading, 0)] if heading else []
            parts.append(to_rst(path.read_text()))
    return "\n".join(parts).rstrip() + "\n"


def to_rst(text):
    """Return Markdown as reStructuredText."""
    return "".join(_block(block) for block in _blocks(text))


def _heading(text, level):
    return f"{text}\n{UNDERLINES[level] * len(text)}\n"


# === BLOCKS === #


def _blocks(text):
    """Yield blocks: lists of lines between blank lines; a fenced code is one, blanks and all."""
    block, fenced = [], False
    for line in text.splitlines():
        fence = line.startswith("```")
        if fence and not fenced and block:
            yield block
            block = []
        if line.strip() or fenced:
            block.append(line)
        elif block:
            yield block
            block = []
        if fence:
            fenced = not fenced
            if not fenced:
                yield block
                block = []
    if block:
        yield block


def _block(lines):
    first = lines[0]
    if first.startswith("```"):
        language = first[3:].strip() or "text"
        return f".. code-block:: {language}\n\n" + indent("\n".join(lines[1:-1]), "    ") + "\n\n"
    if first.startswith("#"):
        marks, title = first.split(" ", 1)
        return _heading(_inline(title), min(len(marks) - 1, 2)) + "\n"
    if first.startswith("|"):
        return _table(lines)
    return _inline("\n".join(_separate_lists(lines))) + "\n\n"


def _separate_lists(lines):
    """Yield lines with a blank one wherever a list begins or ends: Markdown needs none."""
    depth = None
    for number, line in enumerate(lines):
        line = re.sub(r"^(\s*)\*\s", r"\1- ", line)
        if item := re.match(r"(\s*)(?:-|\d+\.)\s", line):
            if number and len(item[1]) != depth:
                yield ""
            depth = len(item[1])
        yield line


def _table(lines):
    rows = [
        [_inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        for line in lines
        if not re.fullmatch(r"[\s|:-]+", line)
    ]
    # A cell that continues the one above says nothing in Markdown either.
    text = "\n".join(
        "\n".join(f"{'    * -' if not number else '      -'} {cell}".rstrip()
                  for number, cell in enumerate(row))
        for row in rows
    )  # fmt: skip
    return f".. list-table::\n    :header-rows: 1\n\n{text}\n\n"


# === WITHIN A LINE === #


def _inline(text):
    parts, at = [], 0
    for found in INLINE.finditer(text):
        parts.append(SPECIAL.sub(r"\\\1", text[at : found.start()]))
        parts.append(_mark(found))
        at = found.end()
        # Markup ends at a blank or a sign; before a letter it needs help.
        if at < len(text) and text[at].isalnum():
            parts.append("\\ ")
    return "".join([*parts, SPECIAL.sub(r"\\\1", text[at:])])


def _mark(found):
    kinds = found.groupdict()
    if kinds["code"]:
        return f"``{kinds['code']}``"
    if kinds["label"]:
        return f"`{kinds['label']} <{kinds['target']}>`__"
    if kinds["bold"]:
        return f"**{kinds['bold']}**"
    return f"*{kinds['italic']}*"


def outdated():
    """Return the add-ons whose README.rst is not what their fragments say."""
    return [
        folder
        for folder in paths.addons()
        if not (folder / "README.rst").exists()
        or (folder / "README.rst").read_text() != make(folder)
    ]


def main():
    for folder in outdated():
        (folder / "README.rst").write_text(make(folder))
        say(f"  {folder.name}/README.rst")
    return 0


if __name__ == "__main__":
    sys.exit(main())
