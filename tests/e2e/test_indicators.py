"""Indicators of a real ledger, computed again from its file without any of our code."""

import csv
import gzip
from datetime import date, timedelta
from decimal import Decimal

import pytest

AS_OF = date(2020, 3, 31)
WINDOW = 90
BOUNDS = (30, 60, 90, 120)


def measure(env, path, as_of):
    """Post the ledger, measure the day, and return what all rows come to together."""
    from lib.ledger import posting

    day = date.fromisoformat(as_of)
    posting.load(env, path, day)
    company = env.company
    env["collection.debtor"]._sync(company)
    snapshots = env["collection.snapshot"]
    snapshots._measure(company, day)
    ages = [f"age_{number}" for number in range(1, len(BOUNDS) + 2)]
    names = ["outstanding", "debts", "not_due", *ages, "overdue", "sales_window"]
    [sums] = snapshots._read_group(
        [("company_id", "=", company.id), ("date", "=", day)],
        aggregates=[f"{name}:sum" for name in names] + ["dso:avg", "overdue_rate:avg"],
    )
    return dict(zip([*names, "dso", "overdue_rate"], sums, strict=True))


def _read(path):
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            due, settled = (date.fromisoformat(row[name]) for name in ("due_in_date", "clear_date"))
            yield row, min(due - timedelta(days=30), settled), due, settled


def _counts(issued, settled):
    """Whether an invoice is in one of the figures: open on the day, or sold in the window."""
    return issued <= AS_OF and (settled > AS_OF or issued > AS_OF - timedelta(days=WINDOW))


def _compute(rows):
    """Return the same figures: invoices issued by the day are owed until they are settled."""
    found = dict.fromkeys(("outstanding", "not_due", "overdue", "sales_window"), Decimal(0))
    found.update({f"age_{number}": Decimal(0) for number in range(1, len(BOUNDS) + 2)})
    for row, issued, due, settled in rows:
        amount = Decimal(row["total_open_amount"])
        if AS_OF - timedelta(days=WINDOW) < issued <= AS_OF:
            found["sales_window"] += amount
        if not issued <= AS_OF < settled:
            continue
        found["outstanding"] += amount
        late = (AS_OF - due).days
        if late <= 0:
            found["not_due"] += amount
            continue
        found["overdue"] += amount
        found[f"age_{1 + sum(late > bound for bound in BOUNDS)}"] += amount
    found["debts"] = found["outstanding"]
    found["dso"] = found["outstanding"] / found["sales_window"] * WINDOW
    found["overdue_rate"] = found["overdue"] / found["debts"] * 100
    return {name: pytest.approx(float(value)) for name, value in found.items()}


@pytest.mark.long
def test_highradius(call_odoo, odoo_db, collections_data, tmp_path):
    """Invoices settled before the window are in none of the figures: posting them takes hours."""
    rows = list(_read(collections_data / "highradius_closed_half.csv.gz"))
    assert len(rows) == 14316
    path = tmp_path / "highradius.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0][0])
        writer.writeheader()
        writer.writerows(row for row, issued, _due, settled in rows if _counts(issued, settled))
    found = call_odoo(
        odoo_db, "e2e.test_indicators:measure", path=str(path), as_of=AS_OF.isoformat()
    )
    assert found == _compute(rows)
