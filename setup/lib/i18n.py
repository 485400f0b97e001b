"""``setup/i18n``: the add-ons' terms as Odoo finds them, and which of them lack their French.

Odoo's own export of a language leaves out what reads the same in it ("Action", "Portfolio"), so
only the terms are exported, and merged into the French that is there.
"""

import argparse
import re
import sys

import polib

from . import databases, inside, paths, postgres
from .progress import SetupError, say, step

LANGUAGES = ("fr",)

#: What Odoo fills in: a translation names all of it.
VALUE = re.compile(r"%\(\w+\)s")


def export(server):
    """Return {add-on's folder: its terms, a :class:`polib.POFile`}, those of the demo included."""
    template = databases.with_our_addons(server, demo=True)
    names = [folder.name for folder in paths.addons()]
    texts = inside.call(server, template, "lib.inside:export_terms", addons=names)
    return {folder: polib.pofile(texts[folder.name]) for folder in paths.addons()}


def read(folder, language):
    """Return the translations of an add-on, empty when it has none."""
    path = folder / "i18n" / f"{language}.po"
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def lacking(translations):
    """Return the entries that a reader of that language would read in English."""
    return [
        entry for entry in translations if not entry.obsolete and not entry.translated()
    ]


def _update(folder, terms):
    """Write the terms of an add-on and merge them into its translations; return what lacks."""
    if not len(terms):
        return []
    found = []
    (folder / "i18n").mkdir(exist_ok=True)
    terms.save(str(folder / "i18n" / f"{folder.name}.pot"))
    for language in LANGUAGES:
        translations = read(folder, language)
        translations.metadata = {**terms.metadata, "Language": language}
        translations.merge(terms)
        for entry in translations.obsolete_entries():
            translations.remove(entry)
        translations.sort(key=lambda entry: entry.msgid)
        translations.save(str(folder / "i18n" / f"{language}.po"))
        found += lacking(translations)
    return found


def main():
    parser = argparse.ArgumentParser(prog="setup/i18n", description=__doc__.splitlines()[0])
    parser.parse_args()
    try:
        with postgres.running() as server, step("Terms"):
            found = {folder: _update(folder, terms) for folder, terms in export(server).items()}
    except SetupError as error:
        say(f"setup/i18n: {error}")
        return 1
    for folder, entries in found.items():
        say(f"{folder.name}: {len(entries)} terms lack a translation")
        for entry in entries:
            print(entry)
    return bool(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
