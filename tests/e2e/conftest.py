"""Real Odoo processes, databases and SMTP servers for end-to-end tests."""

import contextlib
import os
import signal
import sys
import time
import urllib.error
import urllib.request

import pytest
from aiosmtpd.controller import Controller

from lib import databases, mailsink, odoo, paths

sys.path.insert(0, str(paths.TESTS))  # the modules beside this one are the package e2e

START_TIMEOUT = 120  # seconds


@pytest.fixture
def odoo_db(server):
    """A database of its own with our add-ons and no demo data; dropped afterwards."""
    template = databases.with_our_addons(server, demo=False)
    with databases.temporary(server, template, "e2e") as name:
        yield name


@pytest.fixture(scope="module")
def shared_db(server):
    """A database like that of ``odoo_db``, for all tests of a module."""
    template = databases.with_our_addons(server, demo=False)
    with databases.temporary(server, template, "e2e") as name:
        yield name


@pytest.fixture
def demo_db(server):
    """A database of its own with our add-ons and their demo data; dropped afterwards."""
    template = databases.with_our_addons(server, demo=True)
    with databases.temporary(server, template, "e2e") as name:
        yield name


@pytest.fixture
def call_odoo(odoo_nursery):
    """``call_odoo(database, "module:function", **arguments)`` runs a function in a process of Odoo.

    The module is one below ``tests`` (``e2e.stories``) or ``setup`` (``lib.inside``); the function
    gets an environment and the arguments, which are JSON like its result. It is committed.
    """
    opened = {}

    def call(database, work, **arguments):
        if database not in opened:
            opened[database] = odoo_nursery(database)
        return opened[database].start(work, **arguments).result(timeout=None)

    return call


class OdooProcess:
    """A running Odoo: its ``url``, ``pid`` and ``log`` (a path)."""

    def __init__(self, process, port, log):
        self._process = process
        self.pid = process.pid
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    def wait_until_served(self):
        """Return when Odoo answers.

        :raise AssertionError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(ConnectionError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.url}/web/health", timeout=START_TIMEOUT).close()
                return
            time.sleep(0.1)  # between two questions, not instead of an answer
        raise AssertionError(f"Odoo does not answer:\n{self.log.read_text()[-4000:]}")

    def kill(self):
        """SIGKILL to it and its workers: no chance to say goodbye."""
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self):
        odoo.stop(self._process)


@pytest.fixture
def odoo_process(server):
    """``odoo_process(database, *arguments)`` starts Odoo and returns an :class:`OdooProcess`.

    Those still running at the end of the test are stopped.
    """
    with contextlib.ExitStack() as stack:

        def start(database, *arguments):
            port = mailsink.free_port()
            log = paths.LOGS / f"{database}-{port}.log"
            log.parent.mkdir(exist_ok=True)
            process = stack.enter_context(
                odoo.started(
                    server, "--database", database, "--http-port", port,
                    "--gevent-port", mailsink.free_port(), "--logfile", log, *arguments,
                )
            )  # fmt: skip
            running = OdooProcess(process, port, log)
            running.wait_until_served()
            return running

        yield start


class Inbox:
    """What an SMTP server received: ``messages`` (:class:`aiosmtpd.smtp.Envelope`), in order."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):
        self.messages.append(envelope)
        return "250 received"


@pytest.fixture
def smtp_sink():
    """A real SMTP server on 127.0.0.1: ``smtp_sink.port``, ``smtp_sink.handler.messages``."""
    controller = Controller(Inbox(), hostname="127.0.0.1", port=mailsink.free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture(scope="module")
def door():
    """A real SMTP server with bad days: ``door.port``, ``door.handler`` (a PostOffice)."""
    from e2e import post_office

    controller = post_office.Door()
    controller.start()
    yield controller
    controller.stop(no_assert=True)


@pytest.fixture(scope="module")
def odoo_nursery(server):
    """``odoo_nursery(database, *options)`` returns a :class:`nursery.Nursery`, ended by the module.

    Ask for it after the database, which can be dropped when nobody uses it.
    """
    from e2e import nursery

    with contextlib.ExitStack() as stack:

        def open_nursery(database, *options):
            opened = nursery.Nursery(server, database, *options)
            stack.callback(opened.stop)
            return opened

        yield open_nursery
