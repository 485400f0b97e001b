"""Days that are measured, and reports that are routed, by processes of their own."""

import signal

from odoo import Command

from . import nursery, shop


def measure(env):
    """Measure today; return whether no other worker does."""
    return env["collection.snapshot"]._measure_alone(env.company, env.company._collection_today())


def measure_until_killed(env):
    """Stop between the rows of the day and its commit."""

    def stop(*_arguments):
        nursery.tell("written")
        signal.pause()

    env.registry["collection.snapshot"]._mark_closing = stop
    measure(env)


def refresh_until_killed(env, model, method, today):
    """Make the run of a day, and stop where figures are half written."""

    def stop(*_arguments):
        nursery.tell("half")
        signal.pause()

    setattr(env.registry[model], method, stop)
    shop.run(env, today)


def figures_of(env, today):
    """A day's figures: behaviours, predictions, items foretold, and what all weeks expect."""
    computed = [("company_id", "=", env.company.id), ("computed_on", "=", today)]
    made = [("company_id", "=", env.company.id), ("date", "=", today)]
    forecast = env["collection.forecast"].search(made)
    return [
        env["collection.behaviour"].search_count(computed),
        env["collection.prediction"].search_count(computed),
        len(forecast.item_ids.line_id),  # what is contested of one stands apart
        round(sum(forecast.week_ids.mapped("expected")), 2),
    ]


def state(env):
    """What is known of today: days, rows, and outstanding by them and by the ledger."""
    here = [("company_id", "=", env.company.id), ("date", "=", env.company._collection_today())]
    days = env["collection.snapshot.day"].search_count(here)
    rows = env["collection.snapshot"].search(here)
    lines = env["account.move.line"].search(
        [
            ("company_id", "=", env.company.id),
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable"),
        ]
    )
    return days, len(rows), sum(rows.mapped("outstanding")), sum(lines.mapped("amount_residual"))


def route(env, readers):
    """Let a report of what is overdue go to these readers from today on."""
    users = env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": name,
                "login": f"{name}@company.example",
                "email": f"{name}@company.example",
                "company_id": env.company.id,
                "company_ids": [Command.set(env.company.ids)],
            }
            for name in readers
        ]
    )
    env["collection.report"].create(
        {"name": "Late", "days": 0, "attachment": "none", "user_ids": [Command.set(users.ids)]}
    )


def send_reports(env):
    """Do what the two scheduled actions do; return {reader: state of the mail} and the stuck."""
    reports = env["collection.report"]
    reports._cron_send()
    env["mail.mail"].process_email_queue()
    mails = env["mail.mail"].search([("model", "=", reports._name)], order="id")
    states = {mail.recipient_ids.name: mail.state for mail in mails}
    return states, sum(reports.search([]).mapped("stuck_count"))
