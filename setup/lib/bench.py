"""``setup/bench NAME``: benchmarks, each a file of ``setup/benches`` with one function.

``run(env, size, report)`` gets an Odoo environment in a database of its own, a number of items (or
None for its own choice) and a function to report progress with a sentence. It returns its figures
by name.
"""

import argparse
import importlib
import json
import sys

from . import databases, inside, paths, postgres
from .progress import SetupError, say, step

BENCHES = paths.SETUP / "benches"


def names():
    return sorted(path.stem for path in BENCHES.glob("*.py") if path.stem != "__init__")


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="setup/bench", description="Benchmarks.")
    parser.add_argument("name", choices=names())
    parser.add_argument("--size", type=int, help="number of items")
    parser.add_argument(
        "--json", action="store_true", help="the figures as one object, the last line"
    )
    return parser.parse_args(arguments)


def inside_odoo(env, name, size):
    """Run a benchmark in Odoo's process."""
    return importlib.import_module(f"benches.{name}").run(env, size, lambda text: say(f"  {text}"))


def _measure(server, options):
    template = databases.with_our_addons(server, demo=False)
    work = {"name": options.name, "size": options.size}
    title = f"Benchmark {options.name}"
    with databases.temporary(server, template, "bench") as database, step(title):
        return inside.call(server, database, "lib.bench:inside_odoo", **work)


def _show(figures):
    width = max(map(len, figures), default=0)
    for name, value in figures.items():
        shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
        say(f"  {name:<{width}}  {shown:>14}")


def main():
    options = _parse(sys.argv[1:])
    try:
        with postgres.running() as server:
            figures = _measure(server, options)
    except SetupError as error:
        say(f"setup/bench: {error}")
        return 1
    _show(figures)
    if options.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
