"""Runs Odoo's own test runner once, for those of the add-ons' tests that pytest selected."""

import contextlib
import os

import pytest

from lib import addon_tests, databases, mailsink, odoo, odoo_log, paths

# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"
if not addon_tests.testing.find_browser():
    OURS += "(?!.*Chrome executable not found)"


@pytest.fixture(scope="session")
def odoo_report(request, server):
    """Install our add-ons in fresh databases, run their selected tests, read Odoo's logs.

    Odoo works on one processor: each gets a database and a share of the tests.
    """
    selected = [item.callspec.params["test"] for item in request.session.items if _selects(item)]
    template = databases.dependencies(server, demo=True)
    shares = addon_tests.share(selected, os.cpu_count())
    with contextlib.ExitStack() as stack:
        logs = [_start(stack, server, template, number, tests) for number, tests in shares]
        for process, _log in logs:
            process.wait()
        print("Odoo's logs:", *(log for _process, log in logs))
        return odoo_log.read("".join(log.read_text() for _process, log in logs), OURS)


def _start(stack, server, template, number, tests):
    """Return the process that runs these tests, and its log."""
    purpose = f"tests{number}"
    database = stack.enter_context(databases.temporary(server, template, purpose))
    log = paths.LOGS / f"{database}.log"
    addons = ",".join(folder.name for folder in paths.addons())
    process = stack.enter_context(
        odoo.started(
            server, "--database", database, "--init", addons, "--stop-after-init",
            "--test-tags", addon_tests.tags(tests), "--logfile", log,
            "--http-port", mailsink.free_port(),
        )
    )  # fmt: skip
    return process, log


def _selects(item):
    return hasattr(item, "callspec") and "test" in item.callspec.params
