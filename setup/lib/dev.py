"""``setup/odoo``: Odoo's own command line in this environment; ``setup/db``: its databases."""

import argparse
import signal
import subprocess
import sys

from . import databases, odoo, postgres
from .progress import SetupError, say


def run_odoo(arguments):
    """Run Odoo with ``arguments`` and return its exit code."""
    with postgres.running() as server:
        odoo.configure()
        # Ctrl-C reaches Odoo as well: it ends first, then the server
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with subprocess.Popen(
            odoo.command(*arguments),
            env=odoo.environment(server),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process:
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            return process.wait()


def _list(server, _options):
    for name in databases.names(server):
        print(name)


def _clone(server, options):
    databases.clone(server, options.source, options.name)


def _drop(server, options):
    databases.drop(server, options.name)


def _template(server, options):
    prepare = databases.with_our_addons if options.addons else databases.dependencies
    print(prepare(server, options.demo))


def _run(server, options):
    subprocess.run(options.command, env=odoo.environment(server))


def _parser():
    parser = argparse.ArgumentParser(prog="setup/db", description="Databases of this checkout.")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("list", help="their names").set_defaults(call=_list)
    clone = commands.add_parser("clone", help="copy a database with its files")
    clone.add_argument("source")
    clone.add_argument("name")
    clone.set_defaults(call=_clone)
    drop = commands.add_parser("drop", help="remove a database with its files")
    drop.add_argument("name")
    drop.set_defaults(call=_drop)
    template = commands.add_parser("template", help="prepare a database to clone; prints its name")
    template.add_argument("--demo", action="store_true", help="with demo data")
    template.add_argument("--addons", action="store_true", help="with our add-ons installed")
    template.set_defaults(call=_template)
    run = commands.add_parser("run", help="a command (psql, say) with PGHOST… set")
    run.add_argument("command", nargs=argparse.REMAINDER)
    run.set_defaults(call=_run)
    return parser


def run_db(arguments):
    options = _parser().parse_args(arguments)
    with postgres.running() as server:
        options.call(server, options)
    return 0


def main():
    entry, *arguments = sys.argv[1:]
    try:
        return {"odoo": run_odoo, "db": run_db}[entry](arguments)
    except SetupError as error:
        say(f"setup: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
