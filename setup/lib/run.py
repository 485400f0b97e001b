"""``setup/run``: today's collections run on a demo company, or on a ledger as of a day."""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from urllib.parse import urljoin

from . import databases, inside, mailsink, odoo, paths, postgres, summary
from .progress import SetupError, say, step

DEMO_DATABASE = "collections_demo"
LEDGER_DATABASE = "collections_ledger"
HTTP_PORT = 8069
LOGINS = {"collector": "collector", "credit manager": "manager", "administrator": "admin"}


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="setup/run", description=__doc__)
    parser.add_argument("--no-serve", action="store_true", help="stop after the run")
    parser.add_argument("--reset", action="store_true", help="begin with a new demo database")
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="run on this ledger, not the demo"
    )
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="the ledger's day")
    parser.add_argument(
        "--json", action="store_true", help="the summary as one object, the last line"
    )
    options = parser.parse_args(arguments)
    if bool(options.ledger) != bool(options.as_of):
        parser.error("--ledger and --as-of go together")
    if options.ledger and not options.ledger.is_file():
        parser.error(f"{options.ledger} is not a file")
    return options


def _run_demo(server, options):
    """Make today's run in the demo database."""
    databases.demo(server, DEMO_DATABASE, options.reset)
    with step("Today's collections run"):
        today = date.today().isoformat()
        return DEMO_DATABASE, inside.call(server, DEMO_DATABASE, "lib.inside:run_demo", today=today)


def _run_ledger(server, options):
    """Post the ledger in a new database and run collections as of its day."""
    databases.clone(server, databases.with_our_addons(server, demo=False), LEDGER_DATABASE)
    with step(f"{options.ledger.name} as of {options.as_of}"):
        result = inside.call(
            server, LEDGER_DATABASE, "lib.inside:load_ledger",
            path=str(options.ledger.resolve()), as_of=options.as_of.isoformat(),
        )  # fmt: skip
    return LEDGER_DATABASE, {options.ledger.name: result}


def _serve(server, database):
    """Serve Odoo and the mail sink until Ctrl-C."""
    port = mailsink.free_port(HTTP_PORT)
    sink = mailsink.serve(mailsink.free_port(odoo.SMTP_PORT))
    address = f"http://127.0.0.1:{port}"
    inside.call(server, database, "lib.inside:make_ready_to_serve", address=address)
    arguments = ["--database", database, "--db-filter", f"^{database}$", "--http-port", port,
                 "--smtp-port", sink.port, "--log-level", "warn",
                 # a busy machine builds the first page for minutes
                 "--limit-time-real", 1800]  # fmt: skip
    sink.start()
    try:
        with odoo.started(server, *arguments) as process:
            _wait_until_served(process, urljoin(address, "/web/login"))
            _announce(address)
            process.wait()
    finally:
        sink.stop()


def _wait_until_served(process, address):
    """Return when Odoo answers: the first page builds what all others share."""
    with step("Odoo starts"):
        while process.poll() is None:
            with contextlib.suppress(ConnectionError, urllib.error.URLError):
                urllib.request.urlopen(address, timeout=300).close()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
    raise SetupError("Odoo ended by itself.")


def _announce(address):
    say(f"\nOdoo is at {address} (Ctrl-C ends it)")
    for role, login in LOGINS.items():
        say(f"  {role:<16} login {login:<10} password {login}")
    say(f"Mail goes to {paths.MAIL}: 'setup/mail' lists it, nothing leaves this machine.\n")


def main():
    options = _parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with postgres.running() as server:
            database, results = (_run_ledger if options.ledger else _run_demo)(server, options)
            for name, result in results.items():
                summary.show(name, result)
            if options.json:
                print(json.dumps(summary.total(list(results.values()))), flush=True)
            if not options.no_serve:
                _serve(server, database)
    except SetupError as error:
        say(f"setup/run: {error}")
        return 1
    except KeyboardInterrupt:
        say("Ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
