"""Processes of Odoo that start at once and can be killed at any moment.

``python -m e2e.nursery`` loads the registry of a database and then, like Odoo's own prefork
server, forks a child for each piece of work. A child talks to the test over a socket of its own,
in lines of JSON; when the socket closes, the child is dead.
"""

import contextlib
import importlib
import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from datetime import datetime, timezone

from lib import inside, odoo, odoo_log, paths

TIMEOUT = 300  # seconds: other tests may be run beside
# warnings of our add-ons, and those of Odoo that name their models, files or identifiers
OURS = r"account_collections|\bcollection\.|\bcollection_"


# === ON THE SIDE OF THE TEST === #


def today():
    """The day it is for a company in UTC, whatever the machine's time zone."""
    return datetime.now(timezone.utc).date()


class Nursery:
    """Children of one database; ``log`` is what all of them wrote.

    :param options: more of Odoo's command line (``--smtp-port``…)
    """

    def __init__(self, server, database, *options):
        odoo.configure()
        self.log = paths.LOGS / f"{database}.log"
        self.log.parent.mkdir(exist_ok=True)
        self.log.unlink(missing_ok=True)
        environment = odoo.environment(server)
        environment["PYTHONPATH"] = f"{paths.SETUP}:{paths.TESTS}:{environment['PYTHONPATH']}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(b"")  # Linux finds a free name, which is no file
            listener.listen()
            self._address = listener.getsockname()
            self._news = threading.Condition()  # a child said something, or died
            self._process = subprocess.Popen(
                [paths.PYTHON, "-m", "e2e.nursery", str(listener.fileno()), database,
                 "--logfile", self.log, *(str(option) for option in options)],
                env=environment, pass_fds=[listener.fileno()], start_new_session=True,
                stdin=subprocess.PIPE,
            )  # fmt: skip

    def start(self, work, **arguments):
        """Start ``module:function``, a module below ``tests`` or ``setup``; return its child.

        The function gets an environment and the arguments, which must be JSON like its result. It
        is committed.
        """
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        connection.sendall(json.dumps([work, arguments]).encode() + b"\n")
        return Child(connection, self._news)

    def wait_until(self, condition, timeout=TIMEOUT):
        """Return when the children's words make the condition true; else after so many seconds.

        :return: what the condition returned last
        """
        with self._news:
            return self._news.wait_for(condition, timeout)

    def call(self, work, **arguments):
        """Run a piece of work to its end and return its result."""
        return self.start(work, **arguments).result()

    def complaints(self, expected="(?!)"):
        """Errors, and warnings about our add-ons, that the log holds.

        :param expected: a regular expression; a record that it finds is meant to be there
        """
        report = odoo_log.read(self.log.read_text(), OURS)
        return [text for text in report.complaints if not re.search(expected, text, re.DOTALL)]

    def stop(self):
        """End the nursery and every child that is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()


class Child:
    """A process at work; ``phase`` is what it last said it was doing.

    A thread listens to it: the phase of a killed child is exactly the one it died in.
    """

    def __init__(self, connection, news):
        self._lines = connection.makefile("rb")
        connection.close()  # the file keeps it open
        self._news = news
        self._said = {}
        self.alive = True
        self.pid = json.loads(self._lines.readline() or b"{}").get("pid")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        for line in self._lines:
            with self._news:
                self._said |= json.loads(line)
                self._news.notify_all()
        self._lines.close()
        with self._news:
            self.alive = False
            self._news.notify_all()

    @property
    def phase(self):
        return self._said.get("phase", "start")

    def kill(self):
        """SIGKILL, and return the phase in which it struck."""
        os.kill(self.pid, signal.SIGKILL)
        self._listener.join(TIMEOUT)
        assert not self.alive, f"process {self.pid} survived its death"
        return self.phase

    def result(self, timeout=TIMEOUT):
        """Wait for the end and return the result.

        :param timeout: seconds, None for as long as it takes
        :raise AssertionError: it failed, was killed or takes too long
        """
        self._listener.join(timeout)
        assert not self.alive, f"process {self.pid} still works after {timeout} s: {self._said}"
        assert "result" in self._said, f"process {self.pid} failed: {self._said}"
        return self._said["result"]


# === ON THE SIDE OF ODOO === #

_test = None


def tell(phase):
    """Tell the test what this child is doing."""
    _say(phase=phase)


def _say(**news):
    _test.sendall(json.dumps(news, default=inside.plain).encode() + b"\n")


def _serve(listener, database, options):
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_all
    from odoo.tools import config

    config.parse_config(["--database", database, *options], setup_logging=True)
    Registry(database)
    close_all()  # a connection cannot be shared with a child
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children's exit codes
    # standard input ends with the test, however that ends
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _address = listener.accept()
        if not os.fork():
            listener.close()
            _work(connection, database)
            os._exit(0)
        connection.close()
    os.killpg(0, signal.SIGKILL)


def _work(connection, database):
    """Do what the test asks for, in a process that was just forked."""
    global _test
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # programs it calls are waited for
    random.seed()  # else all children would give their messages the same Message-Id
    _test = connection
    _say(pid=os.getpid())
    try:
        work, arguments = json.loads(connection.makefile().readline())
        module, function = work.split(":")
        call = getattr(importlib.import_module(module), function)
        with _environment(database) as env:
            result = call(env, **arguments)
        _say(result=result)
    except BaseException as error:
        sys.excepthook(*sys.exc_info())
        _say(error=f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _environment(database):
    """Odoo's environment, as its superuser; committed when the block ends well."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    # what other processes changed since the fork
    with Registry(database).check_signaling().cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


if __name__ == "__main__":
    # the children import this module too, under its name: their words must go through that one
    from e2e import nursery

    descriptor, *rest = sys.argv[1:]
    nursery._serve(socket.socket(fileno=int(descriptor)), rest[0], rest[1:])
