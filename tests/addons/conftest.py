"""Runs Odoo's own test runner once, for those of the add-ons' tests that pytest selected."""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib import addon_tests, databases, mailsink, odoo, odoo_log, paths

# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"
if not addon_tests.testing.find_browser():
    OURS += "(?!.*Chrome executable not found)"


@pytest.fixture(scope="session")
def odoo_report(request, server):
    """Run the add-ons' selected tests on copies of a prepared database, read Odoo's logs.

    Odoo works on one processor: each gets a database and a share of the tests. That of their
    installation is read too.
    """
    items = request.session.items
    selected = [item.callspec.params["test"] for item in items if _selects(item)]
    template = _prepare(server, others=any(not _selects(item) for item in items))
    shares = addon_tests.share(selected, os.cpu_count())
    with contextlib.ExitStack() as stack:
        started = [_start(stack, server, template, number, tests) for number, tests in shares]
        for process, _log in started:
            process.wait()
        logs = [databases.log_of_installation(demo=True), *(log for _process, log in started)]
        print("Odoo's logs:", *logs)
        return odoo_log.read("".join(log.read_text() for log in logs), OURS)


def _prepare(server, others):
    """Return a database for the add-ons' tests.

    :param others: whether other tests want one without demo data; both are made at once, as
        making one occupies one processor
    """
    with ThreadPoolExecutor() as pool:
        tested = pool.submit(databases.for_addon_tests, server)
        if others:
            pool.submit(databases.with_our_addons, server, demo=False).result()
        return tested.result()


def _start(stack, server, template, number, tests):
    """Return the process that runs these tests, and its log."""
    purpose = f"tests{number}"
    database = stack.enter_context(databases.temporary(server, template, purpose))
    log = paths.LOGS / f"{database}.log"
    process = stack.enter_context(
        odoo.started(
            server, "--database", database, "--stop-after-init",
            "--test-tags", addon_tests.tags(tests), "--logfile", log,
            "--http-port", mailsink.free_port(),
        )
    )  # fmt: skip
    return process, log


def _selects(item):
    return hasattr(item, "callspec") and "test" in item.callspec.params
