"""Statements of account: many at once, one at a time, and one of very many items.

Figures, for 500 customers with 10 items each or for ``--size`` items, a payment apart; and for
``LONG_ITEMS`` items of one customer:

``per_second``             PDF statements a second, made together
``one_by_one_per_second``  one at a time, as the button on a case does (a sample)
``ratio``                  of the first to the second
``cpu_ratio``              processor time of one made singly to one made together, the PDF program
                           included: other work on the machine does not show in it
``merged_per_second``      together, and left in one PDF
``gather_ms``, ``html_ms``, ``pdf_ms``, ``split_ms``  where the time of a statement made together
                           goes: reading the ledger, writing the document, the PDF program, taking
                           the PDF apart
``single_pdf_ms``          the PDF program for one statement alone
``xlsx_per_second``        spreadsheets a second
``pdf_kib``                a statement that was made together
``long_…``                 the statement of one customer with ``LONG_ITEMS`` items: its pages, and
                           seconds and KiB as PDF and as spreadsheet
"""

import io
import os
import time
from datetime import date, timedelta
from typing import NamedTuple

import pypdf
from benches.portfolio import make_debts
from odoo.addons.account_collections.report.statement_pdf import split

SIZE = 5_000
ITEMS_PER_CUSTOMER = 10
SAMPLE = 20
REPEAT = 5
LONG_ITEMS = 10_000
TODAY = date(2026, 3, 18)
SINCE = TODAY - timedelta(days=30)
LANG = "en_US"


def run(env, size, report):
    items = size or SIZE
    customers = max(items // ITEMS_PER_CUSTOMER, 1)
    report(f"{items:,} items of {customers:,} customers: making them")
    cases = _make_cases(env, items, customers)
    statement = env["collection.statement"]
    # A first statement pays for what later ones share: templates compiled, caches filled.
    _make(statement, cases[:2])
    sample = cases[:SAMPLE]
    report(f"{customers:,} statements together, {len(sample)} one at a time, in turns")
    turns = [
        (
            _time(lambda: _make(statement, cases)),
            _time(lambda: [_make(statement, case) for case in sample]),
        )
        for _turn in range(REPEAT)
    ]
    together = min(turn[0].seconds for turn in turns) / customers
    single = min(turn[1].seconds for turn in turns) / len(sample)
    together_cpu = min(turn[0].cpu for turn in turns) / customers
    single_cpu = min(turn[1].cpu for turn in turns) / len(sample)
    report("merged, and as spreadsheets")
    merged = _best(lambda: statement._render_together(cases, TODAY, LANG, SINCE)) / customers
    sheets = _best(lambda: statement._make_workbooks(cases, TODAY, LANG, SINCE)) / customers
    report(f"one statement of {LONG_ITEMS:,} items")
    return {
        "items": items,
        "customers": customers,
        "per_second": 1 / together,
        "one_by_one_per_second": 1 / single,
        "ratio": single / together,
        "cpu_ratio": single_cpu / together_cpu,
        "merged_per_second": 1 / merged,
        **_profile(statement, cases),
        "xlsx_per_second": 1 / sheets,
        **_measure_long(env),
    }


def _make_cases(env, items, customers):
    company = make_debts(env, items, customers, TODAY)
    env["collection.debtor"]._sync(company)
    env.cr.commit()
    return env["collection.case"].search([("company_id", "=", company.id)], order="id")


class Timed(NamedTuple):
    """Seconds on the clock, seconds of processors (ours and the program's), and the result."""

    seconds: float
    cpu: float
    result: object


def _time(work):
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    result = work()
    return Timed(time.perf_counter() - start, sum(os.times()[:4]) - cpu, result)


def _best(work):
    return min(_time(work).seconds for _turn in range(REPEAT))


def _make(statement, cases):
    """A figure is worth nothing when the work was not done."""
    pdfs = statement._render(cases, TODAY, LANG, SINCE)
    if set(pdfs) != set(cases.ids):
        raise RuntimeError(f"{len(pdfs)} statements of {len(cases)} were made")
    return pdfs


def _profile(statement, cases):
    """Return the milliseconds of each step of a statement, among a document's worth of them."""
    model = statement.with_context(lang=LANG).with_company(cases.company_id)
    letterhead = model._get_letterhead(cases.company_id)
    gather, _cpu, statements = _time(lambda: model._gather(cases[:100], TODAY, SINCE))
    html, _cpu, document = _time(lambda: model._write_html(statements, letterhead, TODAY))
    program, _cpu, pdf = _time(lambda: model._convert(document))
    apart, _cpu, pdfs = _time(lambda: split(pdf, len(statements)))
    alone = model._write_html(statements[:1], letterhead, TODAY)
    single = _best(lambda: model._convert(alone))
    steps = {"gather_ms": gather, "html_ms": html, "pdf_ms": program, "split_ms": apart}
    return {
        **{name: 1000 * seconds / len(statements) for name, seconds in steps.items()},
        "single_pdf_ms": 1000 * single,
        "pdf_kib": sum(map(len, pdfs)) / len(pdfs) / 1024,
    }


def _measure_long(env):
    case = _make_cases(env, LONG_ITEMS, 1)
    statement = env["collection.statement"]
    seconds, _cpu, pdfs = _time(lambda: statement._render(case, TODAY, LANG, SINCE))
    xlsx_seconds, _cpu, books = _time(lambda: statement._make_workbooks(case, TODAY, LANG, SINCE))
    return {
        "long_items": LONG_ITEMS,
        "long_pages": len(pypdf.PdfReader(io.BytesIO(pdfs[case.id])).pages),
        "long_pdf_s": seconds,
        "long_pdf_kib": len(pdfs[case.id]) / 1024,
        "long_xlsx_s": xlsx_seconds,
        "long_xlsx_kib": len(books[case.id]) / 1024,
    }
