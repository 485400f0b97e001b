"""Decisions of a day: gather and decide, then apply, against the raw work in SQL.

Figures, for 20,000 items of 2,000 debtors and for ten times as many (``_large``), or for
``--size`` items alone:

``ratio``        gather + decide, nothing written, to one aggregation over the same open items
``apply_ratio``  writing the decisions and reminders of a day on which every decision is new, to
                 a bare INSERT of the same rows into copies of the tables with their indexes
``growth``       time per item at the larger size over the smaller
``decisions``    a digest of all that was decided, to compare versions by: faster is worth
                 nothing where it is not the same
"""

import gc
import hashlib
import time
import tracemalloc
from datetime import date

from benches.portfolio import make_portfolio
from odoo.tools import SQL
from psycopg2.extras import execute_values

SIZES = (20_000, 200_000)
ITEMS_PER_DEBTOR = 10
REPEAT = 3
TODAY = date(2026, 3, 18)


def run(env, size, report):
    sizes = (size,) if size else SIZES
    figures = {}
    for number, items in enumerate(sizes):
        suffix = "_large" if number else ""
        measured = _measure(env, items, report)
        figures |= {f"{name}{suffix}": value for name, value in measured.items()}
    if len(sizes) > 1:
        figures["growth"] = figures["us_per_item_large"] / figures["us_per_item"]
    return figures


def _measure(env, items, report):
    debtors = max(items // ITEMS_PER_DEBTOR, 1)
    report(f"{items:,} items of {debtors:,} debtors: making them")
    company = make_portfolio(env, items, debtors, TODAY)
    env["collection.debtor"]._sync(company)
    cases = env["collection.case"].search([("company_id", "=", company.id)], order="id")
    env["collection.portfolio"]._assign(cases)
    env.flush_all()
    env.cr.execute("ANALYZE")
    report("measuring the decisions")
    raw = min(_time(lambda: _aggregate(env, company)) for _turn in range(REPEAT))
    decide = min(_time(lambda: _decide_all(env, cases)) for _turn in range(REPEAT))
    queries, peak = _count(env, cases)
    report("measuring what is written")
    applied, bare, reminders = _measure_apply(env, cases)
    return {
        "items": items,
        "debtors": debtors,
        "raw_s": raw,
        "decide_s": decide,
        "ratio": decide / raw,
        "us_per_item": decide / items * 1e6,
        "queries_per_batch": queries,
        "peak_mib": peak,
        "decisions": _digest(env, cases),
        "reminders": reminders,
        "apply_s": applied,
        "bare_insert_s": bare,
        "apply_ratio": applied / bare,
    }


def _time(work):
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _aggregate(env, company):
    """The raw work: the totals by partner that any answer needs at least."""
    return env.execute_query(
        SQL(
            """
            SELECT line.company_id, line.partner_id, COUNT(*), SUM(line.amount_residual),
                   MIN(line.date_maturity)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND line.company_id = %s
          GROUP BY line.company_id, line.partner_id
            """,
            company.id,
        )
    )


def _batches(env, cases):
    from odoo.addons.account_collections.models.collection_run import BATCH_SIZE

    for start in range(0, len(cases), BATCH_SIZE):
        yield cases[start : start + BATCH_SIZE]


def _decide_all(env, cases):
    """Ours: batch after batch, as a run does, keeping nothing from one to the next.

    Like in a run, a batch has ended before Python looks for cycles again.
    """
    from odoo.addons.account_collections.models.collection_run import without_cycle_search

    env.invalidate_all()
    for batch in _batches(env, cases):
        with without_cycle_search():
            env["collection.run"]._decide_batch(batch, TODAY)


def _count(env, cases):
    """Return (queries of one batch, peak MiB of Python memory over all batches)."""
    first = next(_batches(env, cases))
    before = env.cr.sql_log_count
    env["collection.run"]._decide_batch(first, TODAY)
    queries = env.cr.sql_log_count - before
    tracemalloc.start()
    _decide_all(env, cases)
    _current, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return queries, peak / 2**20


def _digest(env, cases):
    """Return a digest of the decisions; items are named by their place in the batch."""
    digest = hashlib.blake2b(digest_size=8)
    for batch in _batches(env, cases):
        _facts, decisions = env["collection.run"]._decide_batch(batch, TODAY)
        keys = [line.claim.key for made in decisions.values() for line in made.lines]
        first = min(keys, default=0)
        for _case, made in sorted(decisions.items()):
            digest.update(repr(_view(made, first)).encode())
    return digest.hexdigest()


def _view(made, first):
    """Return everything a decision says."""
    lines = [
        (line.claim.key - first, line.claim.amount, line.claim.due, line.rank)
        for line in made.lines
    ]
    situation = made.situation
    return (
        made.outcome, made.reason, made.seen, made.kind, made.level and made.level.rank,
        made.channels, made.next_date, made.trace, sorted(lines), situation.overdue,
        situation.outstanding, situation.oldest, situation.unused_credit,
    )


# === APPLY === #

TABLES = ("collection_decision", "collection_reminder", "collection_reminder_item")


def _measure_apply(env, cases):
    """Return (our seconds, bare seconds, reminders); both are rolled back."""
    run, apply = env["collection.run"], env["collection.apply"]
    # What each bare INSERT gets: the very rows that ours leaves behind.
    copies = {}
    ours = 0.0
    reminders = 0
    with env.cr.savepoint() as savepoint:
        for batch in _batches(env, cases):
            facts, decisions = run._decide_batch(batch, TODAY)
            start = time.perf_counter()
            reminders += len(apply._apply(facts, decisions, TODAY))
            ours += time.perf_counter() - start
        for table in TABLES:
            env.cr.execute(
                SQL(
                    "SELECT * FROM %s WHERE %s",
                    SQL.identifier(table),
                    _written_today(table),
                )
            )
            copies[table] = [column.name for column in env.cr.description], env.cr.fetchall()
        savepoint.rollback()
    return ours, _bare_insert(env, copies), reminders


def _written_today(table):
    if table == "collection_decision":
        return SQL("date_from = %s", TODAY)
    if table == "collection_reminder":
        return SQL("decision_date = %s", TODAY)
    return SQL(
        "reminder_id IN (SELECT id FROM collection_reminder WHERE decision_date = %s)", TODAY
    )


def _bare_insert(env, copies):
    """Insert the rows into empty copies of the tables that have the same indexes."""
    seconds = 0.0
    for table, (columns, rows) in copies.items():
        copy = f"bench_{table}"
        env.cr.execute(
            SQL(
                "CREATE TABLE %s (LIKE %s INCLUDING ALL)",
                SQL.identifier(copy),
                SQL.identifier(table),
            )
        )
        types = _json_columns(env, table)
        rows = [_plain(row, columns, types) for row in rows]
        names = ", ".join(f'"{column}"' for column in columns)
        start = time.perf_counter()
        execute_values(
            env.cr._obj, f'INSERT INTO "{copy}" ({names}) VALUES %s', rows, page_size=500
        )
        seconds += time.perf_counter() - start
        env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(copy)))
    return seconds


def _json_columns(env, table):
    env.cr.execute(
        SQL(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND data_type = 'jsonb'""",
            table,
        )
    )
    return {name for (name,) in env.cr.fetchall()}


def _plain(row, columns, json_columns):
    """JSON goes in as the text it came from; all else as it is."""
    import json

    return tuple(
        json.dumps(value) if name in json_columns else value
        for name, value in zip(columns, row)
    )
