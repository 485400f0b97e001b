"""An insurer's file of limits: entered in the background, and again when nothing is new.

Figures, for 50,000 rows or for ``--size`` rows, each of a buyer of its own:

``import_s``         reading, checking and entering all rows, in one transaction
``rows_per_second``  of it
``again_s``          the same rows in another file: nothing is new
``raw_s``            a bare INSERT of the buyers and decisions that came of it, with their indexes
``ratio``            of ``import_s`` to ``raw_s``
"""

from odoo import Command
from odoo.tools import SQL

from lib.measuring import seconds

SIZE = 50_000
HEADERS = "Buyer number;Name;Decision;Amount;Currency;Effective date"
TABLES = ("collection_insurance_buyer", "collection_insurance_decision")


def run(env, size, report):
    rows = size or SIZE
    policy = _make_policy(env)
    figures = {"rows": rows}
    report(f"{rows:,} rows: entering them")
    figures["import_s"] = _import(env, policy, rows, "limits.csv")
    figures["rows_per_second"] = rows / figures["import_s"]
    report("the same rows once more")
    figures["again_s"] = _import(env, policy, rows, "again.csv", end="\n")
    figures["raw_s"] = sum(seconds(lambda t=table: _insert(env, t)) for table in TABLES)
    figures["ratio"] = figures["import_s"] / figures["raw_s"]
    return figures


def _make_policy(env):
    insurer = env["collection.insurer"].create({"name": "Bench"})
    today = env.company._collection_today()
    term = Command.create(
        {"date_start": today.replace(month=1, day=1), "date_end": today.replace(month=12, day=31)}
    )
    return env["collection.insurance.policy"].create(
        {
            "name": "BENCH",
            "insurer_id": insurer.id,
            "currency_id": env.company.currency_id.id,
            "term_ids": [term],
        }
    )


def _import(env, policy, rows, name, end=""):
    """Return the seconds that a file takes; what it came to is checked."""
    day = env.company._collection_today().strftime("%d/%m/%Y")
    currency = policy.currency_id.name
    lines = [
        f"B-{number};Buyer {number};Full;{1000 + number % 90 * 1000};{currency};{day}"
        for number in range(rows)
    ]
    data = ("\n".join([HEADERS, *lines]) + end).encode()
    file = env["collection.insurance.file"]._receive(policy, name, data, "upload")
    # Its progress is noted by another transaction, which has to know it.
    env.cr.commit()
    taken = seconds(file.sudo()._process)
    assert file.accepted_count + file.unchanged_count == rows, file.problem
    return taken


def _insert(env, table):
    copy = SQL.identifier(f"bench_{table}")
    source = SQL.identifier(table)
    env.cr.execute(SQL("CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING ALL)", copy, source))
    env.cr.execute(SQL("INSERT INTO %s SELECT * FROM %s", copy, source))
