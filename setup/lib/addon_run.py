"""The add-ons' own tests at work: Odoo's test runner, in processes beside pytest's own."""

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from . import addon_tests, databases, mailsink, odoo, odoo_log, paths, postgres

# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"
if not addon_tests.testing.find_browser():
    OURS += "(?!.*Chrome executable not found)"


class AddonRun(threading.Thread):
    """Runs tests on copies of a prepared database, while other tests are run.

    Odoo works on one processor: each gets a database and a share of the tests.

    :param selected: :class:`addon_tests.OdooTest`
    :param others: whether other tests want a database without demo data; both are made at once,
        as making one occupies one processor
    """

    def __init__(self, selected, others):
        super().__init__(daemon=True)
        self._selected = selected
        self._others = others
        self._processes = []
        self._stopped = False
        self._report = self._error = None
        self.start()

    def report(self):
        """Wait for the end and return what Odoo's logs say, those of the installation too."""
        self.join()
        if self._error:
            raise self._error
        return self._report

    def stop(self):
        """End the processes that still work."""
        self._stopped = True
        for process in self._processes:
            odoo.stop(process)
        self.join()

    def run(self):
        try:
            with postgres.running() as server:
                self._report = self._run_all(server)
        except BaseException as error:  # whoever asks for the report is told
            self._error = error

    def _run_all(self, server):
        template = self._prepare(server)
        shares = addon_tests.share(self._selected, os.cpu_count())
        with contextlib.ExitStack() as stack:
            logs = [databases.log_of_installation(demo=True)]
            logs += [self._begin(stack, server, template, *one) for one in shares]
            for process in self._processes:
                process.wait()
            print("Odoo's logs:", *logs)
            return odoo_log.read("".join(log.read_text() for log in logs), OURS)

    def _prepare(self, server):
        """Return a database for the tests."""
        with ThreadPoolExecutor() as pool:
            tested = pool.submit(databases.for_addon_tests, server)
            if self._others:
                pool.submit(databases.with_our_addons, server, demo=False).result()
            return tested.result()

    def _begin(self, stack, server, template, number, tests):
        """Start a process that runs these tests; return its log."""
        database = stack.enter_context(databases.temporary(server, template, f"tests{number}"))
        log = paths.LOGS / f"{database}.log"
        process = stack.enter_context(
            odoo.started(
                server, "--database", database, "--stop-after-init",
                "--test-tags", addon_tests.tags(tests), "--logfile", log,
                "--http-port", mailsink.free_port(),
            )
        )  # fmt: skip
        self._processes.append(process)
        if self._stopped:
            odoo.stop(process)
        return log
