"""Our own companies that share customers, from inside Odoo: functions that get an environment."""

from datetime import date, timedelta

from odoo import Command
from odoo.service.model import retrying

from . import shop


def open_sister(env, name, amount, due):
    """Open a second live company, to which every customer of the first owes ``amount`` too."""
    first = env.company
    company = env["res.company"].create({"name": name})
    env.user.company_ids |= company
    charts = env["account.chart.template"]
    charts.try_loading("generic_coa", company=company, install_demo=False)
    company.write(
        {
            "collection_run_hour": 23.9,
            "collection_depart_hour": 23.9,
            "collection_send_from": 0,
            "collection_send_until": 24,
            "collection_public_holidays": False,
            "email": f"sister@{shop.DOMAIN}",
        }
    )
    shop._work_every_day(company.resource_calendar_id)
    portfolio = env["collection.portfolio"].create({"name": name, "company_id": company.id})
    portfolio._activate()
    customers = env["account.move"].search([("company_id", "=", first.id)]).partner_id
    _owe(env(context={**env.context, "tracking_disable": True}), company, customers, amount, due)


def _owe(env, company, customers, amount, due):
    day = date.fromisoformat(due)
    invoices = env["account.move"].with_company(company).create(
        [
            {
                "move_type": "out_invoice",
                "company_id": company.id,
                "partner_id": customer.id,
                "invoice_date": day - timedelta(days=30),
                "invoice_date_due": day,
                "is_move_sent": True,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
            }
            for customer in customers
        ]
    )
    invoices.action_post()


def map_debtors(env):
    """Bring the map of every company up to date, again where another worker was faster."""
    for company in env["res.company"].search([]):
        retrying(lambda company=company: env["collection.debtor"]._sync(company), env)
        env.cr.commit()


def scramble(env):
    """Make a third of the map untrue, and lose a part of it."""
    env.cr.execute(
        """UPDATE collection_debtor SET case_id = (SELECT MIN(id) FROM collection_case)
            WHERE id % 3 = 0"""
    )
    env.cr.execute("DELETE FROM collection_debtor WHERE id % 5 = 0")


def debtors(env):
    """Return [company, customer, debtor] of the whole map."""
    return [
        [one.company_id.name, one.partner_id.name, one.case_id.partner_id.name]
        for one in env["collection.debtor"].search([], order="company_id, partner_id")
    ]


def run_all(env, today):
    """Make the run of a day in every company, whatever another has decided meanwhile."""
    day = date.fromisoformat(today)
    for company in env["res.company"].search([]):
        env["collection.run"]._run_company(company, day)


def make_all_due(env):
    """Let everything that waits leave now, as when two companies decided at the same time."""
    env["collection.reminder"].search([("state", "=", "scheduled")]).write(
        {"depart_at": "2000-01-01 00:00:00"}
    )


def depart_all(env):
    env["collection.delivery"]._cron_depart()


def sent_by_customer(env):
    """Return {customer: [companies whose message went out]}."""
    sent = env["collection.reminder"].search([("state", "=", "sent")], order="id")
    found = {}
    for reminder in sent:
        found.setdefault(reminder.debtor_id.name, []).append(reminder.company_id.name)
    return found
