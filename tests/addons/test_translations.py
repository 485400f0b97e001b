"""Every text is there in English and in French."""

from xml.etree import ElementTree

import pytest

from lib import i18n, paths

COMMAND = "setup/i18n brings the files up to date and shows what lacks a translation"


@pytest.fixture(scope="module")
def exported(server):
    return i18n.export(server)


@pytest.mark.parametrize("folder", paths.addons(), ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_term_is_translated(exported, folder, language):
    translations = i18n.read(folder, language)
    known = {(entry.msgctxt, entry.msgid) for entry in translations}
    unknown = [one.msgid for one in exported[folder] if (one.msgctxt, one.msgid) not in known]
    assert not unknown, COMMAND
    assert not [entry.msgid for entry in i18n.lacking(translations)], COMMAND


@pytest.mark.parametrize("folder", paths.addons(), ids=lambda folder: folder.name)
def test_no_template_is_passed_over(folder):
    """Odoo finds no term in a template whose text begins with a document type."""
    for path in folder.rglob("*.xml"):
        for template in ElementTree.parse(path).iter("template"):
            start = (template.text or "").lstrip()
            assert not start.startswith("<!"), f"{path.name}: {template.get('id')}"


@pytest.mark.parametrize("folder", paths.addons(), ids=lambda folder: folder.name)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_translations_fill_in_the_same_values(folder, language):
    """A translation that forgets a value, or invents one, breaks when it is shown."""
    for entry in i18n.read(folder, language):
        values = set(i18n.VALUE.findall(entry.msgid))
        assert set(i18n.VALUE.findall(entry.msgstr)) == values, entry.msgid
