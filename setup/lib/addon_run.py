"""The add-ons' own tests at work: Odoo's test runner, in processes beside pytest's own."""

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

    Odoo works on one processor: each gets a database, and portions of the tests one by one.

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
        count = os.cpu_count()
        portions = addon_tests.portions(self._selected, count)
        left = iter(portions)  # each portion is handed out once, whoever asks
        with ThreadPoolExecutor(count) as pool:
            workers = [
                pool.submit(self._work, server, template, number, left)
                for number in range(min(count, len(portions)))
            ]
            logs = [log for worker in workers for log in worker.result()]
        print("Odoo's logs:", *logs)
        logs.append(databases.log_of_installation(demo=True))
        return odoo_log.read("".join(log.read_text() for log in logs), OURS)

    def _prepare(self, server):
        """Return a database for the tests."""
        with ThreadPoolExecutor() as pool:
            tested = pool.submit(databases.for_addon_tests, server)
            if self._others:
                pool.submit(databases.with_our_addons, server, demo=False).result()
            return tested.result()

    def _work(self, server, template, number, left):
        """Take portion after portion, all in one database; return the logs."""
        logs = []
        with databases.temporary(server, template, f"tests{number}") as database:
            for tests in left:
                if self._stopped:
                    break
                logs.append(paths.LOGS / f"{database}_{len(logs)}.log")
                self._run_portion(server, database, tests, logs[-1])
        return logs

    def _run_portion(self, server, database, tests, log):
        with odoo.started(
            server, "--database", database, "--stop-after-init",
            "--test-tags", addon_tests.tags(tests), "--logfile", log,
            "--http-port", mailsink.free_port(),
        ) as process:  # fmt: skip
            self._processes.append(process)
            if self._stopped:
                odoo.stop(process)
            process.wait()
