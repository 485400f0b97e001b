"""The customer's account page against Odoo's own list of invoices, both served over HTTP.

Odoo is started on a database in which three customers owe ``SIZES`` invoices (or ``--size`` and
the others), and may pay them on line. A portal user of each reads both pages, in turns, after a few
that fill caches:

``items``             open items of the customer whose pages are compared
``account_ms``        ``/my/account-statement``: the median of the turns
``invoices_ms``       ``/my/invoices`` in the same run, by the same user
``ratio``             of the first to the second
``account_first_ms``, ``invoices_first_ms``  the first answer, with templates still to compile
``account_kib``, ``invoices_kib``  the pages, without what browsers keep
``rows``, ``invoices_rows``  open items and invoices on the two pages: 80 each
``queries_N``, ``account_ms_N``    queries and milliseconds of the account page with N items
``same_queries``      1 when the number of queries is the same whatever the number of items
"""

import re
import statistics
import time
from datetime import date

import requests
from benches.portfolio import make_debts

from lib import mailsink, odoo, paths

SIZE = 1_000
SIZES = (100, 1_000, 10_000)
TURNS = 15
WARM = 3
TODAY = date(2026, 3, 18)
ACCOUNT = "/my/account-statement"
INVOICES = "/my/invoices"

#: How Odoo's log tells the number of queries of a request: after its status and size.
LOGGED = re.compile(r'"GET (/my/[\w-]+) HTTP/1.1" 200 - (\d+) ')


def run(env, size, report):
    wanted = size or SIZE
    sizes = sorted({*SIZES, wanted})
    users = {}
    for items in sizes:
        report(f"{items:,} invoices of one customer: making them")
        users[items] = _make_user(env, items)
    # Whoever serves customers has a database that knows its own statistics.
    env.cr.execute("ANALYZE")
    env.cr.commit()
    log = paths.LOGS / "bench-portal.log"
    port = mailsink.free_port()
    arguments = (
        "--database", env.cr.dbname, "--http-port", port, "--max-cron-threads", 0,
        "--log-handler", "werkzeug:INFO", "--logfile", log,
    )  # fmt: skip
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    with odoo.started({}, *arguments):
        url = f"http://127.0.0.1:{port}"
        wait_until_served(url)
        figures = {"items": wanted}
        for items in sizes:
            report(f"{items:,} items: {TURNS} turns")
            visitor = _log_in(env, url, users[items])
            account, invoices = _measure(visitor, url)
            figures[f"queries_{items}"] = _read_queries(log, ACCOUNT)
            figures[f"account_ms_{items}"] = account.median
            if items == wanted:
                figures |= {
                    "account_ms": account.median,
                    "invoices_ms": invoices.median,
                    "ratio": account.median / invoices.median,
                    "account_first_ms": account.first,
                    "invoices_first_ms": invoices.first,
                    "account_kib": account.kib,
                    "invoices_kib": invoices.kib,
                    "rows": account.text.count('<tr name="item"'),
                    "invoices_rows": invoices.text.count('name="invoice_amount"'),
                }
    queries = {figures[f"queries_{items}"] for items in sizes}
    return {**figures, "same_queries": int(len(queries) == 1)}


def _make_user(env, items):
    """Return the login of a customer's portal user; it is its password too."""
    company = make_debts(env, items, 1, TODAY)
    env["collection.debtor"]._sync(company)
    case = env["collection.case"].search([("company_id", "=", company.id)])
    _let_them_pay(env, company)
    login = f"customer{items}"
    env["res.users"].create(
        {
            "name": login,
            "login": login,
            "password": login,
            "partner_id": case.partner_id.id,
            "company_id": company.id,
            "company_ids": company.ids,
            "group_ids": env.ref("base.group_portal").ids,
        }
    )
    return login


def _let_them_pay(env, company):
    """The page offers to pay each of its items, which is work too."""
    provider = env.ref("payment.payment_provider_demo").copy(
        {"company_id": company.id, "state": "test", "is_published": True}
    )
    provider.journal_id = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
    )


def wait_until_served(url):
    for _turn in range(600):
        try:
            requests.get(f"{url}/web/health", timeout=60)
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise RuntimeError("Odoo does not answer.")


def _log_in(env, url, login):
    visitor = requests.Session()
    parameters = {"db": env.cr.dbname, "login": login, "password": login}
    answer = visitor.post(
        f"{url}/web/session/authenticate", json={"params": parameters}, timeout=120
    )
    if "error" in answer.json():
        raise RuntimeError(f"{login} cannot log in: {answer.text}")
    return visitor


class Page:
    """What was measured of a page: milliseconds of each turn, and its last text."""

    def __init__(self):
        self.first, self.times, self.text = None, [], ""

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def kib(self):
        return len(self.text.encode()) / 1024

    def read(self, visitor, address, is_counted):
        start = time.perf_counter()
        answer = visitor.get(address, timeout=300)
        took = 1000 * (time.perf_counter() - start)
        # A figure is worth nothing when the page was not shown.
        if answer.status_code != 200 or "BENCH/" not in answer.text:
            raise RuntimeError(f"{address}: {answer.status_code}, or without invoices")
        self.text = answer.text
        self.first = self.first or took
        if is_counted:
            self.times.append(took)


def _measure(visitor, url):
    account, invoices = Page(), Page()
    for turn in range(WARM + TURNS):
        account.read(visitor, url + ACCOUNT, turn >= WARM)
        invoices.read(visitor, url + INVOICES, turn >= WARM)
    return account, invoices


def _read_queries(log, path):
    """Return the queries of the last answer, as Odoo itself counted them."""
    return [int(count) for found, count in LOGGED.findall(log.read_text()) if found == path][-1]
