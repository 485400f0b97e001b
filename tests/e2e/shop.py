"""A company that collects, from inside Odoo: functions that get an environment.

One company, one live portfolio, one scenario of three e-mail levels, a collector and a credit
manager, and customers who are late. Every day is worked, so that a test may run on any.
"""

import time
from collections import Counter
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.service.model import retrying

DOMAIN = "company.example"
ANSWERS = f"collections@{DOMAIN}"


def open_shop(env, grace=60, statements=False):
    """Make the company ready.

    :param grace: seconds after which a claim that nobody holds is an interruption
    :param statements: whether reminders come with a statement of account
    """
    company = env.company
    company.alias_domain_id = env["mail.alias.domain"].create({"name": DOMAIN})
    company.collection_alias_id.alias_domain_id = company.alias_domain_id
    # no scheduled action comes before the test
    company.collection_run_hour = company.collection_depart_hour = 23.9
    env["digest.digest"].search([]).state = "deactivated"  # all mail that leaves is ours
    _work_every_day(company.resource_calendar_id)
    # at any hour, and on any day
    company.write({"collection_send_from": 0, "collection_send_until": 24})
    company.collection_public_holidays = False
    env["ir.config_parameter"].set_param("account_collections.claim_grace_seconds", grace)
    collector = _user(env, "collector", "Claire Collet", "group_collection_user")
    _user(env, "boss", "Bernard Chef", "group_collection_manager")
    portfolios = env["collection.portfolio"].search([])
    portfolios.with_context(mail_auto_subscribe_no_notify=True).user_id = collector
    portfolios._activate()
    env["collection.scenario"].search([]).active = False
    env["collection.scenario"].create(
        {
            "name": "Three letters",
            "is_fallback": True,
            "level_ids": [
                _level(env, 20, 3, "Courteous", statements),
                _level(env, 30, 10, "Direct", statements),
                _level(env, 50, 28, "Firm", statements),
            ],
        }
    )


def _work_every_day(calendar):
    calendar.tz = "UTC"
    calendar.attendance_ids = [Command.clear()] + [
        Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
        for day in range(7)
    ]


def _user(env, login, name, group):
    # else Odoo writes to them about their new account
    users = env["res.users"].with_context(no_reset_password=True)
    return users.create(
        {
            "login": login,
            "name": name,
            "email": f"{login}@{DOMAIN}",
            "signature": f"<p>{name}, collections</p>",
            "group_ids": [Command.link(env.ref(f"account_collections.{group}").id)],
        }
    )


def _level(env, rank, delay, name, statements):
    return Command.create(
        {
            "name": name,
            "rank": rank,
            "delay": delay,
            "template_id": env.ref("account_collections.mail_template_courteous").id,
            "attach_statement": statements,
            "attach_invoices": False,
        }
    )


def add_customers(env, names, due):
    """Make customers with an unpaid invoice of 100.00 each that was due that day.

    Addresses are made of the names: ``name@customer.example``.
    """
    day = date.fromisoformat(due)
    quiet = env(context={**env.context, "tracking_disable": True})
    customers = quiet["res.partner"].create(
        [{"name": name, "is_company": True, "email": f"{name}@customer.example"} for name in names]
    )
    invoices = quiet["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": day - timedelta(days=30),
                "invoice_date_due": day,
                "is_move_sent": True,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 100, "tax_ids": [Command.clear()]}
                    )
                ],
            }
            for customer in customers
        ]
    )
    invoices.action_post()


def api_key(env, login):
    """A key for Odoo's external API, with the rights of that user."""
    user = env["res.users"].search([("login", "=", login)])
    tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)
    return env(user=user.id)["res.users.apikeys"].sudo()._generate(None, "test", tomorrow)


# === WORK === #


def run(env, today):
    """Take the decisions of a day; return the run's summary, empty when another one is on it."""
    run = env["collection.run"]._run_company(env.company, date.fromisoformat(today))
    return run._get_summary() if run else {}


def ask_for_run(env):
    """Somebody clicks 'Run now'."""
    env["collection.run"].action_run_now()


def depart(env):
    """Deliver what is due, as the scheduled action does."""
    env["collection.delivery"]._cron_depart()


def as_scheduled(env, action, seconds):
    """Call a scheduled action as Odoo's scheduler does, with so much time.

    :return: what the scheduler is told: [done, remaining]
    """
    cron, progress = env.ref(f"account_collections.{action}")._add_progress()
    cron = cron.with_context(cron_id=cron.id, cron_end_time=time.monotonic() + seconds)
    cron._callback(cron.cron_name, cron.ir_actions_server_id.id)
    return [progress.done, progress.remaining]


def wake_scheduler(env):
    """Odoo's scheduler looks once a minute, or when it is told to."""
    env["ir.cron"]._notifydb()


def set_cap(env, messages):
    """Let so many messages leave in a day."""
    env.company.collection_daily_cap = messages


def set_pace(env, days):
    """Leave so many days between two reminders."""
    env["collection.level"].search([]).min_days = days


def make_due(env, names):
    """Let what waits for another attempt leave now."""
    domain = [("state", "=", "scheduled"), ("case_id.partner_id.name", "in", names)]
    env["collection.reminder"].search(domain).depart_at = fields.Datetime.now()


def receive(env, mail):
    """Bring a mail in, as Odoo's mail gateway does."""
    env["mail.thread"].message_process(False, mail)


def deal_with_answer(env, name):
    """A collector has dealt with what a customer wrote."""
    collector = env["res.users"].search([("login", "=", "collector")])
    cases = env(user=collector.id)["collection.case"]
    cases.search([("partner_id.name", "=", name)]).action_answered()


def repair_address(env, name):
    """A collector knows that an address works, and takes back the task that came of it."""
    collector = env["res.users"].search([("login", "=", "collector")])
    theirs = env(user=collector.id)
    theirs["res.partner"].search([("name", "=", name)]).action_collection_usable()
    theirs["collection.reminder"].search(
        [("case_id.partner_id.name", "=", name), ("is_waiting", "=", True)]
    ).action_withdraw()


def send_again(env, reminders):
    """A credit manager clicks 'Send again'; return how many reminders were sent again."""
    boss = env["res.users"].search([("login", "=", "boss")])
    chosen = env(user=boss.id)["collection.reminder"].browse(reminders)
    chosen.action_send_again()
    return len(chosen)


# === WHAT CAME OF IT === #


def reminders(env, names=None):
    """The reminders of these customers, or of all, as dictionaries; sorted by their names."""
    now = fields.Datetime.now()
    chosen = [("case_id.partner_id.name", "in", names)] if names else []
    found = env["collection.reminder"].search(chosen)
    posted = env["mail.message"].search([("message_id", "in", found.mapped("message_id"))])
    posted = Counter(posted.mapped("message_id"))
    events = env["collection.evidence"].search([("reminder_id", "in", found.ids)], order="id")
    events = events.grouped("reminder_id")
    return [
        {
            "id": reminder.id,
            "customer": reminder.debtor_id.name,
            "email": reminder.recipient_id.email,
            "day": reminder.decision_date,
            "rank": reminder.rank,
            "state": reminder.state,
            "attempts": reminder.attempts,
            "failure": reminder.failure or "",
            "minutes_left": (reminder.depart_at - now).total_seconds() / 60,
            "message_id": reminder.message_id or "",
            "posted": posted[reminder.message_id] if reminder.message_id else 0,
            "events": events[reminder].mapped("event") if reminder in events else [],
        }
        for reminder in found.sorted(lambda one: (one.debtor_id.name, one.id))
    ]


def decisions(env):
    """{customer: [outcome, reason]} of the last decision on each case."""
    return {
        case.partner_id.name: [case.decision_id.outcome, case.decision_id.reason]
        for case in env["collection.case"].search([])
    }


def decided_levels(env):
    """{customer: [outcome, reason, rank]} of the last decision on each case."""
    return {
        case.partner_id.name: [
            case.decision_id.outcome,
            case.decision_id.reason,
            case.decision_id.level_id.rank,
        ]
        for case in env["collection.case"].search([])
    }


def waiting_for_an_answer(env):
    """Customers whose message is their owner's work."""
    kind = env.ref("account_collections.mail_activity_type_reply")
    cases = env["collection.case"].search([("unanswered_since", "!=", False)])
    assert cases.activity_ids.activity_type_id == kind
    return cases.mapped("partner_id.name")


def subjects(env, name):
    """Subjects of the messages on a customer's case."""
    case = env["collection.case"].search([("partner_id.name", "=", name)])
    return case.message_ids.mapped("subject")


def mails(env):
    """{state: count} of Odoo's own mails."""
    return dict(env["mail.mail"]._read_group([], ["state"], ["__count"]))


# === PROMISES === #

#: Advisory lock by which workers see that all of them have begun.
MEETING = 0x50524F4D


def promise_together(env, customer, workers):
    """Promise what a customer owes, when ``workers`` of us have begun; return what came of it."""
    env.cr.execute("SELECT pg_advisory_lock_shared(%s)", [MEETING])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        env.cr.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [MEETING]
        )
        if env.cr.fetchone()[0] >= workers:
            break
        time.sleep(0.02)  # between two questions, not instead of an answer
    case = env["collection.case"].search([("partner_id.name", "=", customer)])

    def promise():
        try:
            return case._promise_quick().state
        except UserError as refusal:
            env.cr.rollback()
            return str(refusal)

    return retrying(promise, env)


def count_promises(env, customer):
    return env["collection.promise"].search_count([("partner_id.name", "=", customer)])
