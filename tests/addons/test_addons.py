"""The add-ons' own tests, which Odoo runs; each is reported here by its name."""

import pytest

from lib import addon_tests


@pytest.mark.parametrize("test", addon_tests.discover(), ids=str)
def test_in_odoo(test, odoo_report):
    try:
        addon_tests.check(test, odoo_report)
    except addon_tests.Failed as failure:
        pytest.fail(str(failure), pytrace=False)
    except addon_tests.Skipped as reason:
        pytest.skip(str(reason))


def test_log_is_clean(odoo_report):
    """No error in Odoo's log, and no warning from our add-ons, from their installation on."""
    if odoo_report.complaints:
        pytest.fail("\n".join(odoo_report.complaints), pytrace=False)
