"""A company that collects with the previous release, and what is left of it after an upgrade.

Functions that get an environment and run in both releases: they use only what both have.
"""

from datetime import date, timedelta

from odoo import Command, fields

from . import proofs

DOMAIN = "company.example"

#: Customers: days overdue of their invoice of 1,000.
CUSTOMERS = {
    "Alpha": 10,  # reminded, and answers
    "Beta": 10,  # paused
    "Gamma": 10,  # its reminder is withdrawn
    "Delta": -20,  # not due
    "Epsilon": 60,  # far up the ladder
    "Zeta": 10,  # pays a part
    "Eta": 10,  # not to be contacted
}


def collect(env, today, smtp_port):
    """Go live, decide, pause, withdraw, send, be answered and paid; return what is there then."""
    day = date.fromisoformat(today)
    company = env.company
    _prepare(env, company, smtp_port)
    customers = {name: _add_customer(env, name, day, late) for name, late in CUSTOMERS.items()}
    env["collection.portfolio"].search([])._activate()
    env["collection.run"]._run_company(company, day)
    cases = {name: _case(env, customer) for name, customer in customers.items()}
    env["collection.hold"].create(
        {
            "case_id": cases["Beta"].id,
            "reason": "commercial",
            "note": "Until the fair",
            "date_start": day,
            "date_end": day + timedelta(days=20),
        }
    )
    cases["Gamma"].reminder_ids.action_withdraw()
    cases["Eta"].do_not_contact = True
    reminders = env["collection.reminder"]
    reminders.search([("state", "=", "to_approve")]).action_approve()
    reminders.search([("state", "=", "scheduled")]).depart_at = fields.Datetime.now()
    env["collection.delivery"]._cron_depart()
    _answer(env, cases["Alpha"].reminder_ids)
    _pay(env, customers["Zeta"], 400)
    env.flush_all()
    env.invalidate_all()
    return look(env)


def _prepare(env, company, smtp_port):
    company.alias_domain_id = env["mail.alias.domain"].create({"name": DOMAIN})
    company.collection_alias_id.alias_domain_id = company.alias_domain_id
    company.collection_run_hour = company.collection_depart_hour = 23.9
    company.resource_calendar_id.tz = "UTC"
    company.resource_calendar_id.attendance_ids = [Command.clear()] + [
        Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
        for day in range(7)
    ]
    env["digest.digest"].search([]).state = "deactivated"
    env["ir.mail_server"].create(
        {"name": "Here", "smtp_host": "127.0.0.1", "smtp_port": smtp_port}
    )
    quiet = env["res.users"].with_context(no_reset_password=True)
    env["collection.portfolio"].search([]).user_id = quiet.create(
        {
            "login": "collector",
            "name": "Claire Collet",
            "email": f"collector@{DOMAIN}",
            "group_ids": [
                Command.link(env.ref("account_collections.group_collection_user").id)
            ],
        }
    )


def _add_customer(env, name, day, late):
    customer = env["res.partner"].create(
        {
            "name": name,
            "is_company": True,
            "email": f"{name.lower()}@customer.example",
            "company_registry": "552100554",
        }
    )
    due = day - timedelta(days=late)
    env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": due - timedelta(days=30),
            "invoice_date_due": due,
            "is_move_sent": True,
            "invoice_line_ids": [
                Command.create({"name": "Goods", "price_unit": 1000, "tax_ids": [Command.clear()]})
            ],
        }
    ).action_post()
    return customer


def _case(env, customer):
    return env["collection.case"].search([("partner_id", "=", customer.id)])


def _answer(env, reminder):
    mail = (
        f"From: alpha@customer.example\nTo: collections@{DOMAIN}\nSubject: Paid\n"
        f"Message-ID: <1@customer.example>\nIn-Reply-To: {reminder.message_id}\n"
        f"References: {reminder.message_id}\n\nWe pay on Friday."
    )
    env["mail.thread"].message_process(False, mail)


def _pay(env, customer, amount):
    invoice = env["account.move"].search([("partner_id", "=", customer.id)])
    context = {"active_model": "account.move", "active_ids": invoice.ids}
    wizard = env["account.payment.register"].with_context(**context).create({})
    wizard.amount = amount
    wizard._create_payments()


# === WHAT IS THERE === #


def go_on(env, today):
    """After the upgrade: what is there, what the evidence proves, what a later run decides."""
    return [look(env), proofs.verify(env), decide(env, today)]


def look(env):
    """All that people would miss, as plain values by customer."""
    return {
        case.partner_id.name: _look_at(case)
        for case in env["collection.case"].search([], order="id")
    }


def _look_at(case):
    return {
        "case": [
            case.state, case.user_id.name, case.portfolio_id.name, case.do_not_contact,
            case.overdue, case.outstanding, case.max_rank, bool(case.unanswered_since),
        ],
        "pauses": [
            [hold.reason, hold.note, hold.date_start, hold.date_end] for hold in case.hold_ids
        ],
        "decisions": [[made.outcome, made.reason] for made in case.decision_ids.sorted("id")],
        "reminders": [
            [
                reminder.state, reminder.kind, reminder.channel, reminder.rank, reminder.amount,
                reminder.subject, reminder.body, reminder.message_id, reminder.sent_at,
                reminder.recipient_id.email, reminder.attachment_ids.mapped("name"),
                [[item.move_name, item.amount, item.rank] for item in reminder.item_ids],
            ]
            for reminder in case.reminder_ids.sorted("id")
        ],
        "evidence": [
            [event.event, event.happened_at, event.user_id.login, event.facts]
            for event in case.env["collection.evidence"].search(
                [("case_id", "=", case.id)], order="id"
            )
        ],
        "messages": [
            [message.subject, message.body, message.message_id]
            for message in case.message_ids.sorted("id")
        ],
    }  # fmt: skip


def decide(env, today):
    """Make a later day's run: what it decides, by customer.

    The next date is left out: public holidays move it in this release.
    """
    day = date.fromisoformat(today)
    env["collection.run"]._run_company(env.company, day)
    return {
        case.partner_id.name: [
            case.state,
            case.decision_id.outcome,
            case.decision_id.reason,
            case.overdue,
            [
                [reminder.rank, reminder.level_name, reminder.channel, reminder.state,
                 reminder.amount, reminder.recipient_id.email]
                for reminder in case.reminder_ids
                if reminder.decision_date == day
            ],
        ]
        for case in env["collection.case"].search([], order="id")
    }  # fmt: skip
