"""What happens inside Odoo in the story of a go-live on a large ledger."""

from datetime import date, timedelta

from benches.portfolio import make_debts
from odoo import Command

#: Days overdue at go-live → rank that an older system had reached.
STEPS = {60: 30, 20: 20}


def install(env, items, debtors, today):
    """Make the ledger with two portfolios, and the day's run as it comes after installing."""
    day = date.fromisoformat(today)
    company = make_debts(env, items, debtors, day)
    env["collection.portfolio"].create(
        [
            {
                "name": name,
                "company_id": company.id,
                "partner_domain": f"[('name', '{operator}', '%0')]",
            }
            for name, operator in (("First", "=like"), ("Second", "not =like"))
        ]
    )
    summary = env["collection.run"]._run_company(company, day)._get_summary()
    return {"company": company.id, "summary": summary, "mails": _count_mails(env)}


def go_live(env, company, today):
    """Say where items stand, activate the first portfolio, run and deliver."""
    day = date.fromisoformat(today)
    company = env["res.company"].browse(company)
    scenario = env.ref("account_collections.scenario_standard")
    levels = {level.rank: level.id for level in scenario.level_ids}
    first = env["collection.portfolio"].search(
        [("company_id", "=", company.id), ("name", "=", "First")]
    )
    wizard = env["collection.go.live"].create(
        {
            "company_id": company.id,
            "portfolio_ids": [Command.set(first.ids)],
            "step_ids": [
                Command.create(
                    {"days": days, "level_id": levels[rank], "date": day - timedelta(days=10)}
                )
                for days, rank in STEPS.items()
            ],
        }
    )
    wizard.action_set_standing()
    first._activate()
    run = env["collection.run"]._run_company(company, day)
    reminders = env["collection.reminder"].search(
        [("company_id", "=", company.id), ("kind", "!=", "opening")]
    )
    return {
        "summary": run._get_summary(),
        "portfolios": reminders.portfolio_id.mapped("name"),
        "items": [
            [(day - item.date_due).days, item.rank] for item in reminders.item_ids
        ],
        "debtors": len(first.case_ids),
        "mails": _count_mails(env),
    }


def _count_mails(env):
    return env["mail.mail"].search_count([])
