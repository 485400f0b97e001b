"""``setup/bench NAME``: benchmarks, each a file of ``setup/benches`` with one function.

``run(env, size, report)`` gets an Odoo environment in a database of its own, a number of items (or
None for its own choice) and a function to report progress with a sentence. It returns its figures
by name.

A benchmark that says it is ``STANDALONE`` needs no database: ``run(options, report)`` gets what was
asked for, and the packages of ``setup/bench-requirements.txt`` are there if they can be had.
"""

import argparse
import importlib
import json
import sys
from datetime import date

from . import databases, inside, paths, postgres, python_env
from .progress import SetupError, say, step

BENCHES = paths.SETUP / "benches"


def names():
    return sorted(path.stem for path in BENCHES.glob("*.py") if path.stem != "__init__")


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="setup/bench", description="Benchmarks.")
    parser.add_argument("name", choices=names())
    parser.add_argument("--size", type=int, help="number of items")
    parser.add_argument("--data", metavar="FILE", help="a ledger (prediction, warning)")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="day to begin with (the same)"
    )
    parser.add_argument(
        "--json", action="store_true", help="the figures as one object, the last line"
    )
    return parser.parse_args(arguments)


def inside_odoo(env, name, size):
    """Run a benchmark in Odoo's process."""
    return importlib.import_module(f"benches.{name}").run(env, size, lambda text: say(f"  {text}"))


def _is_standalone(name):
    return "\nSTANDALONE = True\n" in (BENCHES / f"{name}.py").read_text()


def _measure_alone(options):
    python_env.prepare_benches()
    module = importlib.import_module(f"benches.{options.name}")
    with step(f"Benchmark {options.name}"):
        return module.run(options, lambda text: say(f"  {text}"))


def _measure(options):
    if _is_standalone(options.name):
        return _measure_alone(options)
    with postgres.running() as server:
        return _measure_in_odoo(server, options)


def _measure_in_odoo(server, options):
    template = databases.with_our_addons(server, demo=False)
    work = {"name": options.name, "size": options.size}
    title = f"Benchmark {options.name}"
    with databases.temporary(server, template, "bench") as database, step(title):
        return inside.call(server, database, "lib.bench:inside_odoo", **work)


def _show(figures):
    single = {name: value for name, value in figures.items() if not isinstance(value, list)}
    width = max(map(len, single), default=0)
    for name, value in single.items():
        shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
        say(f"  {name:<{width}}  {shown:>14}")


def main():
    options = _parse(sys.argv[1:])
    try:
        figures = _measure(options)
    except SetupError as error:
        say(f"setup/bench: {error}")
        return 1
    _show(figures)
    if options.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
