"""Runs Odoo's own test runner once, for those of the add-ons' tests that pytest selected."""

import pytest

from lib import addon_tests, databases, mailsink, odoo, odoo_log, paths

# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"
if not addon_tests.testing.find_browser():
    OURS += "(?!.*Chrome executable not found)"


@pytest.fixture(scope="session")
def odoo_report(request, server):
    """Install our add-ons in a fresh database, run their selected tests, read Odoo's log."""
    selected = [item.callspec.params["test"] for item in request.session.items if _selects(item)]
    template = databases.dependencies(server, demo=True)
    with databases.temporary(server, template, "tests") as database:
        log = paths.LOGS / f"{database}.log"
        addons = ",".join(folder.name for folder in paths.addons())
        odoo.run(
            server, "--database", database, "--init", addons, "--stop-after-init",
            "--test-tags", addon_tests.tags(selected), "--logfile", log,
            "--http-port", mailsink.free_port(),
        )  # fmt: skip
        print(f"Odoo's log: {log}")
        return odoo_log.read(log.read_text(), OURS)


def _selects(item):
    return hasattr(item, "callspec") and "test" in item.callspec.params
