"""Opening My Day against opening Odoo's own list of customer invoices, both served over HTTP.

20,000 cases (or ``--size``), each with two open invoices, and one thing to do about each: to
approve, to call, a task, a promise, a message. A credit manager who is an accountant too opens
both, in turns, by the calls that the browser makes: views, then rows.

``cases``, ``work``, ``invoices``    what is there: cases, rows of My Day, invoices
``worklist_ms``     views, what was achieved, groups and rows: the median of the turns
``invoices_ms``     views and the first page of the invoices, in the same run, by the same user
``ratio``           of the first to the second
``rows_ms``, ``invoices_rows_ms``    the rows alone, and ``rows_ratio``
``case_ms``         the case beside the first line: its form and its conversation
``action_ms``       one action: put off, what is left of the customer, what was achieved
``rows``, ``invoices_rows``    rows read, a screen of each: My Day opens its groups from the top
                    until 80 rows show, and tells the number and the sums of those below
"""

import json
import statistics
import time

import requests
from benches.portal import wait_until_served
from benches.portfolio import make_debts
from lxml import etree
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from lib import mailsink, odoo, paths

CASES = 20_000
ITEMS_PER_CASE = 2
TURNS = 15
WARM = 3
LOGIN = "benchcollector"
WORK_ACTION = "account_collections.collection_todo_action"
INVOICES_ACTION = "account.action_move_out_invoice"

#: What a list reads at once, and how far it counts.
LIMIT, COUNTED = 80, 10_001


def run(env, size, report):
    cases = size or CASES
    report(f"{cases:,} cases: making them, and work about each")
    today = env.company._collection_today()
    company = make_debts(env, cases * ITEMS_PER_CASE, cases, today)
    _make_cases(env, company, today)
    _make_work(env, company, today)
    user = _make_user(env, company)
    env.cr.execute("ANALYZE")
    work = env["collection.todo"].with_user(user).search_count([])
    browser = _describe(env(user=user.id))
    env.cr.commit()
    log = paths.LOGS / "bench-worklist.log"
    log.parent.mkdir(exist_ok=True)
    port = mailsink.free_port()
    arguments = (
        "--database", env.cr.dbname, "--http-port", port, "--max-cron-threads", 0, "--logfile", log,
    )  # fmt: skip
    with odoo.started({}, *arguments):
        client = Client(f"http://127.0.0.1:{port}", env.cr.dbname)
        report(f"{TURNS} turns")
        figures = _measure(client, browser)
    return {"cases": cases, "work": work, "invoices": cases * ITEMS_PER_CASE, **figures}


# === WHAT IS THERE === #


def _make_cases(env, company, today):
    env["collection.debtor"]._sync(company)
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE collection_case cases
               SET overdue = owed.overdue, outstanding = owed.outstanding,
                   oldest_due = owed.oldest, item_count = owed.items,
                   unpaid_share = 0.2 + (cases.id %% 70) / 100.0
              FROM (SELECT case_id, SUM(amount) AS outstanding, MIN(date_due) AS oldest,
                           SUM(amount) FILTER (WHERE date_due < %s) AS overdue, COUNT(*) AS items
                      FROM (%s) item GROUP BY case_id) owed
             WHERE owed.case_id = cases.id
            """,
            today,
            env["collection.item"]._table_query,
        )
    )
    env.invalidate_all()


def _make_work(env, company, today):
    """Give each case one thing to do: five kinds, one after the other."""
    reminder = SQL(
        """
        INSERT INTO collection_reminder (case_id, company_id, kind, channel, state, subject,
                                         decision_date, depart_at, amount, call_zones,
                                         create_date, write_date, merged_from)
        SELECT id, company_id, 'dunning', channel.name, channel.state, 'Reminder', %(today)s,
               NOW(), overdue, 'Europe/Paris', NOW(), NOW(), 0
          FROM collection_case
    CROSS JOIN (VALUES (0, 'email', 'to_approve'), (1, 'call', 'to_do')) channel(turn, name, state)
         WHERE company_id = %(company)s AND id %% 5 = channel.turn
        """,
        today=today,
        company=company.id,
    )
    activity = SQL(
        """
        INSERT INTO mail_activity (res_model_id, res_model, res_id, activity_type_id, summary,
                                   date_deadline, user_id, active, create_date, write_date)
        SELECT %(model)s, 'collection.case', id, %(kind)s, 'Look at it', %(today)s, %(user)s, TRUE,
               NOW(), NOW()
          FROM collection_case WHERE company_id = %(company)s AND id %% 5 = 2
        """,
        model=env["ir.model"]._get_id("collection.case"),
        kind=env.ref("mail.mail_activity_data_todo").id,
        user=env.uid,
        today=today,
        company=company.id,
    )
    promise = SQL(
        """
        INSERT INTO collection_promise (case_id, company_id, currency_id, amount, amount_company,
                                        date_made, date, check_date, state, channel,
                                        create_date, write_date)
        SELECT id, company_id, %(currency)s, 100, 100, %(today)s, %(today)s, %(today)s, 'open',
               'call', NOW(), NOW()
          FROM collection_case WHERE company_id = %(company)s AND id %% 5 = 3
        """,
        currency=company.currency_id.id,
        today=today,
        company=company.id,
    )
    message = SQL(
        """UPDATE collection_case SET unanswered_since = NOW()
            WHERE company_id = %s AND id %% 5 = 4""",
        company.id,
    )
    for statement in (reminder, activity, promise, message):
        env.cr.execute(statement)
    env.invalidate_all()


def _make_user(env, company):
    groups = (
        "account_collections.group_collection_manager",
        "account.group_account_user",
    )
    return env["res.users"].create(
        {
            "name": LOGIN,
            "login": LOGIN,
            "password": LOGIN,
            "company_id": company.id,
            "company_ids": company.ids,
            "group_ids": [group.id for group in map(env.ref, groups)],
        }
    )


# === WHAT THE BROWSER ASKS FOR === #


def _describe(env):
    """Return the calls of both screens by name, as (model, method, arguments, keywords)."""
    work, invoices = env.ref(WORK_ACTION).sudo(), env.ref(INVOICES_ACTION).sudo()
    filters = [("move_type", "in", ("out_invoice", "out_receipt"))]
    domain = [*safe_eval(invoices.domain), *filters]
    context = {"lang": env.user.lang, "tz": env.user.tz, "uid": env.uid}
    day = {**context, "max_number_opened_groups": 20}
    case = env["collection.todo"].search([], limit=1).case_id
    form = {**context, "form_view_ref": "account_collections.collection_case_view_form_panel"}
    return {
        "work_views": _views("collection.todo", work, ("list", "kanban", "search"), day),
        "achieved": ("collection.todo", "get_achieved", [], {"context": context}),
        "work_rows": (
            "collection.todo",
            "web_read_group",
            [],
            {
                "domain": [("is_put_off", "=", False)],
                "groupby": ["kind"],
                "aggregates": ["amount:sum", "stake:max", "gain:sum", "minutes:sum"],
                "limit": LIMIT,
                "auto_unfold": True,
                "unfold_read_specification": _specification(env, "collection.todo"),
                "unfold_read_default_limit": LIMIT,
                "context": day,
            },
        ),
        "invoices_views": _views(
            "account.move", invoices, ("list", "kanban", "form", "activity", "search"), context
        ),
        "invoices_rows": (
            "account.move",
            "web_search_read",
            [],
            {
                "domain": domain,
                "specification": _specification(env, "account.move", invoices.view_id.id),
                "limit": LIMIT,
                "count_limit": COUNTED,
                "context": {**context, "default_move_type": "out_invoice"},
            },
        ),
        "case_views": (
            "collection.case",
            "get_views",
            [],
            {"views": [[False, "form"]], "options": {}, "context": form},
        ),
        "case": (
            "collection.case",
            "web_read",
            [case.ids],
            {
                "specification": {
                    name: {} for name in ("overdue", "outstanding", "days_overdue", "letter")
                }
                | {"item_ids": {"fields": {"move_name": {}, "date_due": {}}, "limit": 8}},
                "context": context,
            },
        ),
        "case_id": case.id,
        "context": day,
    }


def _views(model, action, kinds, context):
    views = [[action.view_id.id if kind == kinds[0] else False, kind] for kind in kinds]
    options = {"action_id": action.id, "load_filters": True, "toolbar": True}
    return (model, "get_views", [], {"views": views, "options": options, "context": context})


def _specification(env, model, view=False):
    """Return what a list reads: its fields, those of references by their names."""
    arch = etree.fromstring(env[model].get_view(view, "list")["arch"])
    fields = env[model].fields_get(attributes=["relation"])
    named = {"fields": {"display_name": {}}}
    return {
        node.get("name"): named if fields[node.get("name")].get("relation") else {}
        for node in arch.iter("field")
        if node.get("name") in fields
    }


class Client:
    """A logged-in browser, as far as its calls go."""

    def __init__(self, url, database):
        self.url = url
        self.session = requests.Session()
        wait_until_served(url)
        parameters = {"db": database, "login": LOGIN, "password": LOGIN}
        self._post("/web/session/authenticate", parameters)

    def call(self, model, method, args, kwargs):
        parameters = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", parameters)

    def read_conversation(self, case):
        thread = {"thread_model": "collection.case", "thread_id": case}
        wanted = ["activities", "attachments", "followers", "suggestedRecipients"]
        asked = ["mail.thread", {**thread, "request_list": wanted}]
        self._post("/mail/data", {"fetch_params": [asked]})
        return self._post("/mail/thread/messages", {**thread, "fetch_params": {"limit": 30}})

    def _post(self, path, parameters):
        body = json.loads(json.dumps({"params": parameters}, default=str))
        answer = self.session.post(self.url + path, json=body, timeout=300).json()
        # A figure is worth nothing when something was refused.
        if "error" in answer:
            raise RuntimeError(f"{path}: {answer['error']['data']['message']}")
        return answer["result"]


def _measure(client, browser):
    times = {}
    read = {}

    def timed(name, work, is_counted):
        start = time.perf_counter()
        read[name] = work()
        if is_counted:
            times.setdefault(name, []).append(1000 * (time.perf_counter() - start))

    names = ("work_views", "achieved", "work_rows", "invoices_views", "invoices_rows")
    for turn in range(WARM + TURNS):
        for name in (*names, "case_views", "case"):
            timed(name, lambda name=name: client.call(*browser[name]), turn >= WARM)
        timed("talk", lambda: client.read_conversation(browser["case_id"]), turn >= WARM)
        timed("action", _put_off(client, read["work_rows"], browser["context"]), turn >= WARM)
    took = {name: statistics.median(found) for name, found in times.items()}
    worklist = took["work_views"] + took["achieved"] + took["work_rows"]
    invoices = took["invoices_views"] + took["invoices_rows"]
    return {
        "worklist_ms": worklist,
        "invoices_ms": invoices,
        "ratio": worklist / invoices,
        "rows_ms": took["work_rows"],
        "invoices_rows_ms": took["invoices_rows"],
        "rows_ratio": took["work_rows"] / took["invoices_rows"],
        "case_ms": took["case_views"] + took["case"] + took["talk"],
        "action_ms": took["action"],
        "rows": sum(len(group.get("__records", ())) for group in read["work_rows"]["groups"]),
        "invoices_rows": len(read["invoices_rows"]["records"]),
    }


def _put_off(client, rows, context):
    """Return a function that puts the first line off until tomorrow, as the screen does."""
    line = rows["groups"][0]["__records"][0]["id"]
    around = {"days": 1, "around": [line], "domain": [], "context": context}
    return lambda: client.call("collection.todo", "work_on", [[line], "later"], around)
