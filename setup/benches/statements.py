"""Statements of account: many at once, one at a time, and one of very many items.

Figures, for 500 customers with 10 items each or for ``--size`` items, and for ``LONG_ITEMS``
items of one customer:

``per_second``             statements a second, made together
``one_by_one_per_second``  one at a time, as the button on a case does (a sample)
``ratio``                  of the first to the second
``gather_ms``, ``html_ms``, ``pdf_ms``, ``split_ms``  where the time of a statement goes, of those
                           made together: reading the ledger, the document, the PDF program, taking
                           the PDF apart
``one_pdf_ms``             the PDF program alone, for one statement
``xlsx_per_second``        spreadsheets a second
``long_…``                 the statement of one customer: pages, seconds and KiB of each form
"""

import time
from datetime import date

from benches.portfolio import make_debts

SIZE = 5_000
ITEMS_PER_CUSTOMER = 10
SAMPLE = 20
REPEAT = 3
LONG_ITEMS = 10_000
TODAY = date(2026, 3, 18)


def run(env, size, report):
    items = size or SIZE
    customers = max(items // ITEMS_PER_CUSTOMER, 1)
    report(f"{items:,} items of {customers:,} customers: making them")
    cases = _make_cases(env, items, customers)
    statement = env["collection.statement"]
    # A first statement pays for what later ones share: templates compiled, caches filled.
    statement._render(cases[:2], TODAY, "en_US")
    report(f"{customers:,} statements, together")
    together = min(_time(lambda: _make(statement, cases)) for _turn in range(REPEAT)) / customers
    sample = cases[:SAMPLE]
    report(f"{len(sample)} statements, one at a time")
    single = min(_time(lambda: _make_singly(statement, sample)) for _turn in range(REPEAT))
    single /= len(sample)
    report("where the time goes")
    return {
        "items": items,
        "customers": customers,
        "per_second": 1 / together,
        "one_by_one_per_second": 1 / single,
        "ratio": single / together,
        **_profile(statement, cases),
    }


def _make_cases(env, items, customers):
    company = make_debts(env, items, customers, TODAY)
    env["collection.debtor"]._sync(company)
    env.cr.commit()
    return env["collection.case"].search([("company_id", "=", company.id)], order="id")


def _time(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _make(statement, cases):
    """A figure is worth nothing when the work was not done."""
    pdfs = statement._render(cases, TODAY, "en_US")
    if set(pdfs) != set(cases.ids):
        raise RuntimeError(f"{len(pdfs)} statements of {len(cases)} were made")


def _make_singly(statement, cases):
    for case in cases:
        _make(statement, case)


def _profile(statement, cases):
    return {}
