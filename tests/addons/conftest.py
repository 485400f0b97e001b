"""Runs Odoo's own test runner once, for those of the add-ons' tests that pytest selected."""

import pytest

from lib import addon_tests, databases, mailsink, odoo, odoo_log, paths

DATABASE = "collections_tests"
LOG = paths.LOGS / "tests.log"
# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"
if not addon_tests.testing.find_browser():
    OURS += "(?!.*Chrome executable not found)"


@pytest.fixture(scope="session")
def odoo_report(request, server):
    """Install our add-ons in a fresh database, run their selected tests, read Odoo's log."""
    selected = [item.callspec.params["test"] for item in request.session.items if _selects(item)]
    databases.clone(server, databases.dependencies(server, demo=True), DATABASE)
    LOG.parent.mkdir(exist_ok=True)
    LOG.unlink(missing_ok=True)
    addons = ",".join(folder.name for folder in paths.addons())
    odoo.run(
        server, "--database", DATABASE, "--init", addons, "--stop-after-init",
        "--test-tags", addon_tests.tags(selected), "--logfile", LOG,
        "--http-port", mailsink.free_port(),
    )  # fmt: skip
    yield odoo_log.read(LOG.read_text(), OURS)
    databases.drop(server, DATABASE)


def _selects(item):
    return hasattr(item, "callspec") and "test" in item.callspec.params
