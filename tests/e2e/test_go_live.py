"""A go-live on a ledger with 12,000 open items: nothing leaves by surprise."""

from datetime import date

#: The wizard counts days overdue on the day it is used.
TODAY = date.today().isoformat()
ITEMS, DEBTORS = 12_000, 1_200

#: Rank reached before → the rank that its next reminder may give: the next level or, where a
#: customer owes enough, its alternative of the same day. What is soon due is announced (10).
NEXT = {0: {10, 20}, 20: {20, 30}, 30: {30, 35, 40}}


def test_only_the_activated_portfolio_is_reminded(odoo_db, call_odoo):
    installed = call_odoo(
        odoo_db, "e2e.go_live:install", items=ITEMS, debtors=DEBTORS, today=TODAY
    )
    summary = installed["summary"]
    assert summary["open_items"] == ITEMS
    assert summary["simulated"] > 0
    assert (summary["reminders"], installed["mails"]) == (0, 0), "a new database is in simulation"

    live = call_odoo(odoo_db, "e2e.go_live:go_live", company=installed["company"], today=TODAY)
    assert live["portfolios"] == ["First"]
    assert 0 < live["summary"]["reminders"] <= live["debtors"]
    for days, rank in live["items"]:
        before = 30 if days >= 60 else 20 if days >= 20 else 0
        assert rank in NEXT[before], f"{days} days overdue went to rank {rank}"
    assert live["mails"] == 0, "prepared in the morning, leaving at the hour of departure"
