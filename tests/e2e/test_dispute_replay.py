"""The disputed invoices of a real ledger, lived through month by month as disputes.

Each is contested on the day of its invoice and settled on the day on which the file says that it
was. Numbers, amounts and times come out as the file has them, added up here without our reader.
"""

import csv
from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

FILE = "ibm_ar_ddmmyyyy.csv"

# === INSIDE ODOO === #


def replay(env, path, months):
    """Post the ledger month by month, contest what is to be contested, close what is paid.

    :param dict months: last day of each month → numbers of the invoices contested in it
    :return: figures of our books and of our statistics for each month
    """
    from lib.ledger import books, posting, reading

    env["ir.cron"].search([("model_id.model", "like", "collection.")]).active = False
    ledger = reading.read(path)
    # Nobody is written to about the work that each dispute makes.
    context = {**env.context, **posting.CONTEXT, "mail_activity_quick_update": True}
    env = env(context=context)
    accounts = books.Books(env, ledger.currency)
    # Nothing is live: decisions are taken, no reminder is written.
    reasons = env["collection.dispute.reason"].search([])
    found = {}
    for text, contested in months.items():
        day = date.fromisoformat(text)
        work = posting.Posting(accounts, ledger, day, lambda *progress: None)
        work.post_invoices()
        _contest(env, contested, reasons)
        work.post_payments()
        env["collection.dispute"]._review(env.company, day)
        env.cr.commit()
        env.invalidate_all()
        found[text] = _figures(env, day)
    return found


def _contest(env, numbers, reasons):
    env["collection.debtor"]._sync(env.company)
    invoices = env["account.move"].search([("name", "in", numbers)])
    assert len(invoices) == len(numbers)
    debtors = env["collection.debtor"].search([("partner_id", "in", invoices.partner_id.ids)])
    cases = {debtor.partner_id: debtor.case_id for debtor in debtors}
    env["collection.dispute"].create(
        [
            {
                "case_id": cases[invoice.partner_id].id,
                "reason_id": reasons[number % len(reasons)].id,
                "date_opened": invoice.invoice_date,
                "line_ids": [
                    (0, 0, {"line_id": line.id})
                    for line in invoice.line_ids
                    if line.account_type == "asset_receivable"
                ],
            }
            for number, invoice in enumerate(invoices)
        ]
    )


def _figures(env, day):
    """What the books, the guard and the monthly review say at the end of ``day``."""
    disputes = env["collection.dispute"].search([])
    still = disputes.filtered("is_open")
    held = env["collection.dispute"]._get_disputed_amounts(still.line_ids.line_id)
    cases = env["collection.case"].search([])
    overdue = withheld = Decimal(0)
    for start in range(0, len(cases), 100):
        facts, made = env["collection.run"]._decide_batch(cases[start : start + 100], day)
        overdue += sum(one.situation.overdue for one in made.values())
        for one in made.values():
            rows = one.situation.withheld.get("disputed", ())
            withheld += sum(taken for _key, taken in rows)
        assert all(one.outcome != "error" for one in made.values())
    review = env["collection.dispute.report"]._get_review(env.company, day)
    total = review["total"]
    by_reason = dict(review["groups"])[env._("By reason")]
    return {
        "total": len(disputes),
        "open": len(still),
        "open_amount": str(sum(Decimal(str(one.amount)) for one in still)),
        "held": [len(held), str(sum(Decimal(str(own)) for own, _company in held.values()))],
        "withheld": str(withheld),
        "overdue": str(overdue),
        "opened_in_month": [len(total.opened), str(total.amount)],
        "resolved_in_month": len(total.resolved),
        "still": [len(total.still), str(total.still_amount)],
        "mean": str(total.mean),
        "weighted": str(total.weighted),
        "invoices": [review["documents"], review["sales"].invoices],
        "sales": str(review["sales"].month),
        "by_reason": sum(len(row.opened) for row in by_reason),
        "outcomes": sorted(set(disputes.mapped("outcome")) - {False}),
    }


# === THE FILE, ADDED UP BY OURSELVES === #


def _rows(path):
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            issued, due, settled = (
                datetime.strptime(row[column], "%d/%m/%Y").date()
                for column in ("InvoiceDate", "DueDate", "SettledDate")
            )
            yield {
                "number": row["invoiceNumber"],
                "issued": issued,
                "due": due,
                "settled": settled,
                "amount": Decimal(row["InvoiceAmount"]),
                "disputed": row["Disputed"] == "Yes",
            }


def _month_ends(first, last):
    day = first
    while True:
        day = day.replace(day=monthrange(day.year, day.month)[1])
        yield day
        if day >= last:
            return
        day += timedelta(days=1)


def _expected(rows, end):
    start = end.replace(day=1)
    disputed = [row for row in rows if row["disputed"] and row["issued"] <= end]
    still = [row for row in disputed if row["settled"] > end]
    opened = [row for row in disputed if row["issued"] >= start]
    resolved = [row for row in disputed if start <= row["settled"] <= end]
    issued = [row for row in rows if start <= row["issued"] <= end]
    days = [(row["settled"] - row["issued"]).days for row in resolved]
    amounts = sum((row["amount"] for row in resolved), Decimal(0))
    weighted = sum(
        ((row["settled"] - row["issued"]).days * row["amount"] for row in resolved), Decimal(0)
    )
    free = [
        row
        for row in rows
        if row["issued"] <= end < row["settled"] and row["due"] < end and not row["disputed"]
    ]
    return {
        "total": len(disputed),
        "open": len(still),
        "open_amount": sum((row["amount"] for row in still), Decimal(0)),
        "opened": (len(opened), sum((row["amount"] for row in opened), Decimal(0))),
        "resolved": len(resolved),
        "mean": Decimal(sum(days)) / len(days) if days else None,
        "weighted": weighted / amounts if amounts else None,
        "invoices": (len(opened), len(issued)),
        "sales": sum((row["amount"] for row in issued), Decimal(0)),
        # smaller ones are not asked for: see the setting 'small residual'
        "overdue": sum((row["amount"] for row in free if row["amount"] >= 5), Decimal(0)),
    }


def _decimal(text):
    return None if text == "None" else Decimal(text)


@pytest.mark.long
def test_replayed_month_by_month(call_odoo, odoo_db, collections_data):
    path = collections_data / FILE
    rows = list(_rows(path))
    first, last = min(row["issued"] for row in rows), max(row["settled"] for row in rows)
    ends = list(_month_ends(first, last))
    months = {
        end.isoformat(): [
            row["number"]
            for row in rows
            if row["disputed"] and end.replace(day=1) <= row["issued"] <= end
        ]
        for end in ends
    }
    found = call_odoo(
        odoo_db, "e2e.test_dispute_replay:replay", path=str(path), months=months
    )
    for end in ends:
        wanted, got = _expected(rows, end), found[end.isoformat()]
        assert (got["total"], got["open"]) == (wanted["total"], wanted["open"]), end
        assert Decimal(got["open_amount"]) == wanted["open_amount"], end
        for number, amount in (got["held"], got["still"]):
            assert (number, Decimal(amount)) == (wanted["open"], wanted["open_amount"]), end
        assert Decimal(got["withheld"]) == wanted["open_amount"], end
        assert Decimal(got["overdue"]) == wanted["overdue"], end
        number, amount = got["opened_in_month"]
        assert (number, Decimal(amount)) == wanted["opened"], end
        assert got["by_reason"] == number
        assert got["resolved_in_month"] == wanted["resolved"], end
        for name in ("mean", "weighted"):
            assert _decimal(got[name]) == wanted[name], (end, name)
        assert tuple(got["invoices"]) == wanted["invoices"], end
        assert Decimal(got["sales"]) == wanted["sales"], end
    whole = found[ends[-1].isoformat()]
    assert (whole["total"], whole["open"]) == (sum(row["disputed"] for row in rows), 0)
    assert whole["outcomes"] == ["settled"]
