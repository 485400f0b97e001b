"""Indicators: the snapshot of a day, and the dashboards, on a ledger of which a quarter is open.

Figures, for 200,000 items of 20,000 customers or for ``--size`` items:

``raw_s``       one aggregation over the same ledger: lines and payments by customer
``day_s``       the snapshot of today
``past_s``      that of the end of last month, as the ledger was then
``ratio``       of ``day_s`` to ``raw_s``; ``past_ratio`` of ``past_s``
``stale_s``     finding which days have to be measured again
``rows``        of today's snapshot, by owner, segment, country and salesperson
``<page>_cold_s``, ``<page>_warm_s``   a page of the dashboards after twelve months of history:
                with Odoo's caches empty, and again; ``slowest_s`` is the slowest of all
``outstanding`` today, to compare versions by
"""

from benches.behaviour import settle
from benches.portfolio import make_debts
from odoo import fields
from odoo.tools import SQL

from lib.measuring import seconds

SIZE = 200_000
ITEMS_PER_CUSTOMER = 10
ONE_OPEN_IN = 4
MONTHS = 12
PAGES = ("operational", "performance", "management", "meeting")


def run(env, size, report):
    items = size or SIZE
    customers = max(items // ITEMS_PER_CUSTOMER, 1)
    report(f"{items:,} items of {customers:,} customers: making them")
    today = env.company._collection_today()
    company = make_debts(env, items, customers, today)
    settle(env, company, ONE_OPEN_IN)
    _group(env, company)
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    snapshots = env["collection.snapshot"]
    company = company.with_env(env)
    report("measuring days")
    figures = {"items": items, "customers": customers}
    figures["raw_s"] = min(seconds(lambda: _aggregate(env, company)) for _turn in range(3))
    snapshots._measure_alone(company, today)
    figures["day_s"] = seconds(lambda: snapshots._measure_alone(company, today))
    ends = [
        fields.Date.subtract(fields.Date.subtract(today.replace(day=1), months=back), days=1)
        for back in range(MONTHS)
    ]
    taken = [seconds(lambda day=day: snapshots._measure_alone(company, day)) for day in ends]
    figures["past_s"] = taken[0]
    figures["ratio"] = figures["day_s"] / figures["raw_s"]
    figures["past_ratio"] = figures["past_s"] / figures["raw_s"]
    figures["stale_s"] = seconds(lambda: snapshots._find_stale(company, today))
    env.cr.execute("ANALYZE")
    report("measuring pages")
    for page in PAGES:
        env.registry.clear_all_caches()
        env.invalidate_all()
        figures[f"{page}_cold_s"] = seconds(lambda page=page: _show(env, page))
        figures[f"{page}_warm_s"] = seconds(lambda page=page: _show(env, page))
    figures["slowest_s"] = max(figures[f"{page}_cold_s"] for page in PAGES)
    of_today = [("company_id", "=", company.id), ("date", "=", today)]
    [(rows, outstanding)] = snapshots._read_group(
        of_today, aggregates=["__count", "outstanding:sum"]
    )
    return {**figures, "rows": rows, "outstanding": outstanding}


def _group(env, company):
    """Let customers be of several owners, segments, countries and salespeople."""
    env["collection.debtor"]._sync(company)
    people = env["res.users"].create(
        [{"name": f"User {number}", "login": f"bench {number}"} for number in range(36)]
    ).ids
    env.cr.execute(
        SQL(
            """
            UPDATE collection_case
               SET user_id = (%(owners)s::int[])[1 + id %% 12],
                   scenario_id = (%(scenarios)s::int[])[1 + id / 5 %% %(scenario_count)s],
                   salesperson_id = (%(sellers)s::int[])[1 + id / 7 %% 24],
                   country_id = (%(countries)s::int[])[1 + id / 7 %% 24 / 2],
                   overdue = id %% 5000, outstanding = id %% 9000, oldest_due = CURRENT_DATE - 40,
                   state = 'dunning'
             WHERE company_id = %(company)s
            """,
            owners=people[:12],
            sellers=people[12:],
            scenarios=(scenarios := env["collection.scenario"].search([], limit=4).ids),
            scenario_count=len(scenarios),
            countries=env["res.country"].search([], limit=12).ids,
            company=company.id,
        )
    )
    env.invalidate_all()
    env.cr.execute("ANALYZE")


def _show(env, page):
    env["collection.dashboard"].get_page(page)


def _aggregate(env, company):
    env.execute_query(
        SQL(
            """
            SELECT line.partner_id, SUM(line.balance), SUM(line.amount_residual), COUNT(*),
                   SUM(partial.amount), SUM(partial.amount * (other.date - line.date_maturity))
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
         LEFT JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
         LEFT JOIN account_move_line other ON other.id = partial.credit_move_id
             WHERE line.company_id = %s AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
          GROUP BY line.partner_id
            """,
            company.id,
        )
    )
