"""The add-ons' own tests, which Odoo runs; each is reported here by its name."""

import pytest

from lib import addon_tests


@pytest.mark.parametrize("test", addon_tests.discover(), ids=str)
def test_in_odoo(test, odoo_report):
    outcome, words = addon_tests.outcome(test, odoo_report)
    if outcome == "failed":
        pytest.fail(words, pytrace=False)
    elif outcome == "skipped":
        pytest.skip(words)


def test_log_is_clean(odoo_report):
    """No error in Odoo's log, and no warning from our add-ons, from their installation on."""
    if odoo_report.complaints:
        pytest.fail("\n".join(odoo_report.complaints), pytrace=False)
