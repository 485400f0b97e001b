"""Reminders of a day rendered and queued: text alone, and with statements of account as PDF.

Figures, for 5,000 items of 500 debtors or for ``--size`` items:

``per_second``            reminders a second, text alone
``with_pdf_per_second``   with a statement each, made in batches as runs do
``one_by_one_per_second``  with a statement each, one after the other (a sample)
``ratio``                 time with statements in batches to the time one by one
"""

import time
from datetime import date

from benches.portfolio import make_portfolio

SIZE = 5_000
ITEMS_PER_DEBTOR = 10
SAMPLE = 20
TODAY = date(2026, 3, 18)


def run(env, size, report):
    items = size or SIZE
    debtors = max(items // ITEMS_PER_DEBTOR, 1)
    report(f"{items:,} items of {debtors:,} debtors: making them")
    company = make_portfolio(env, items, debtors, TODAY)
    reminders = _make_reminders(env, company)
    figures = {"items": items, "debtors": debtors, "reminders": len(reminders)}
    report(f"{len(reminders):,} reminders: text alone")
    plain = _prepare(env, company, reminders, with_pdf=False)
    report(f"{len(reminders):,} reminders: with statements, in batches")
    batched = _prepare(env, company, reminders, with_pdf=True)
    sample = reminders[:SAMPLE]
    size = sum(reminders.attachment_ids.mapped("file_size")) / len(reminders)
    report(f"{len(sample):,} reminders: with statements, one by one")
    single = _prepare_one_by_one(env, sample)
    return {
        **figures,
        "per_second": 1 / plain,
        "with_pdf_per_second": 1 / batched,
        "one_by_one_per_second": 1 / single,
        "pdf_kib": size / 1024,
        "ratio": batched / single,
    }


def _make_reminders(env, company):
    """Decide on the day; return its e-mails, and let nothing else wait to be prepared."""
    env["collection.debtor"]._sync(company)
    cases = env["collection.case"].search([("company_id", "=", company.id)], order="id")
    env["collection.portfolio"]._assign(cases)
    ids = env["collection.run"]._process_batch(cases, company, TODAY)
    reminders = env["collection.reminder"].browse(ids)
    emails = reminders.filtered(lambda reminder: reminder.channel == "email")
    (reminders - emails).is_prepared = True
    # A first statement pays for what later ones share: templates compiled, caches filled.
    env["collection.prepare"]._prepare(emails[:1])
    return emails


def _reset(reminders, with_pdf):
    reminders.attachment_ids.unlink()
    reminders.is_prepared = False
    reminders.level_id.write({"attach_statement": with_pdf, "attach_invoices": False})
    reminders.env.cr.commit()
    reminders.env.invalidate_all()


def _prepare(env, company, reminders, with_pdf):
    """Return the seconds that each reminder takes, prepared as after a run."""
    _reset(reminders, with_pdf)
    start = time.perf_counter()
    env["collection.prepare"]._prepare_waiting(company)
    seconds = time.perf_counter() - start
    _check(reminders, with_pdf)
    return seconds / len(reminders)


def _prepare_one_by_one(env, reminders):
    _reset(reminders, with_pdf=True)
    start = time.perf_counter()
    for reminder in reminders:
        env["collection.prepare"]._prepare(reminder)
        env.cr.commit()
    seconds = time.perf_counter() - start
    _check(reminders, with_pdf=True)
    return seconds / len(reminders)


def _check(reminders, with_pdf):
    """A figure is worth nothing when the work was not done."""
    wrong = reminders.filtered(
        lambda reminder: (
            reminder.state not in ("scheduled", "to_approve")
            or len(reminder.attachment_ids) != with_pdf
        )
    )
    if wrong:
        raise RuntimeError(f"{len(wrong)} reminders were not prepared: {wrong[0].failure}")
