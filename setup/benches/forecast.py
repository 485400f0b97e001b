"""The cash forecast of a day, from predictions that are there.

Figures, for 50,000 open items of 5,000 customers or for ``--size`` items:

``predict_s``    the predictions it is made of
``full_s``       the first forecast
``again_s``      the same day's once more: the first one goes
``raw_s``        one aggregation of the same open items by case, currency and week of the due date
``ratio``        of ``full_s`` to ``raw_s``
``board_s``      what the screen shows, read by its user
``before_mib``   most memory that this process had taken until the first forecast
``memory_mib``   most memory that it ever took
``parts``        parts of items that were written
``expected``     total of all weeks, to compare versions by
"""

from benches.portfolio import make_debts
from odoo.tools import SQL

from lib.measuring import high_water_mib, seconds

SIZE = 50_000
ITEMS_PER_CUSTOMER = 10


def run(env, size, report):
    items = size or SIZE
    customers = max(items // ITEMS_PER_CUSTOMER, 1)
    report(f"{items:,} items of {customers:,} customers: making them")
    today = env.company._collection_today()
    company = make_debts(env, items, customers, today)
    env["collection.debtor"]._sync(company)
    env["collection.behaviour"]._refresh(company, today)
    env.cr.execute("ANALYZE")
    report("measuring")
    figures = {"items": items, "customers": customers}
    predictions, forecasts = env["collection.prediction"], env["collection.forecast"]
    figures["predict_s"] = seconds(lambda: predictions._refresh(company, today))
    env.cr.execute("ANALYZE")
    figures["raw_s"] = min(seconds(lambda: _aggregate(env, company)) for _turn in range(3))
    figures["before_mib"] = high_water_mib()
    figures["full_s"] = seconds(lambda: forecasts._refresh(company, today))
    figures["memory_mib"] = high_water_mib()
    figures["ratio"] = figures["full_s"] / figures["raw_s"]
    figures["again_s"] = seconds(lambda: forecasts._refresh(company, today))
    env.cr.execute("ANALYZE")
    figures["board_s"] = seconds(lambda: forecasts.get_board(company.id))
    here = [("company_id", "=", company.id), ("date", "=", today)]
    figures["parts"] = len(forecasts.search(here).item_ids)
    [[expected]] = env["collection.forecast.week"]._read_group(here, [], ["expected:sum"])
    return {**figures, "expected": expected}


def _aggregate(env, company):
    env.execute_query(
        env["collection.ledger"]._open_items_sql(
            SQL(
                """debtor.case_id, line.currency_id, DATE_TRUNC('week', line.date_maturity),
                   SUM(part.amount), COUNT(*)"""
            ),
            joins=env["collection.debtor"]._join_sql(),
            where=SQL("line.company_id = %s GROUP BY 1, 2, 3", company.id),
        )
    )
