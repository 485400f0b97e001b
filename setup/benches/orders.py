"""Screens of orders with the glue for Sales and without what it adds to them.

10,000 quotations (or ``--size``) of as many customers as a list shows. Each screen is read by the
fields of its view, once with the glue's and once without them, in turns, from an empty cache of
records: as installed, and (``ruled_…``) with a rule that asks what each customer owes.

``orders``              what is there
``changed``             orders that installing and reading changed: 0
``list_queries``        queries of the first page with the glue's columns shown,
                        ``list_plain_queries`` without them; ``list_added`` the difference
``form_…``              the same of one order
``list_ms``, ``list_plain_ms``, ``form_ms``, ``form_plain_ms``    medians
"""

import statistics
import time

from lxml import etree
from odoo import Command
from odoo.tools import SQL

ORDERS = 10_000
CUSTOMERS = 80
TURNS = 9
PAGE = 80
VIEWS = {"list": "sale.view_quotation_tree", "form": "sale.view_order_form"}


def run(env, size, report):
    count = size or ORDERS
    if "collection.order.release" not in env:
        report("installing Sales")
        env["ir.module.module"].search([("name", "=", "sale")]).button_immediate_install()
        env.transaction.reset()
    report(f"{count:,} quotations")
    _make_orders(env, count)
    before = _digest(env)
    env["account.move"]._mark_deposits()
    figures = {"orders": count, **_measure(env, "")}
    env["collection.credit.rule"].create(
        {"name": "Owes", "action": "orders", "company_id": env.company.id, "min_overdue": 1}
    )
    figures.update(_measure(env, "ruled_"))
    env.flush_all()
    after = _digest(env)
    figures["changed"] = sum(before[order] != after[order] for order in before)
    return figures


# === WHAT IS THERE === #


def _make_orders(env, count):
    partners = env["res.partner"].create(
        [{"name": f"Customer {number}", "is_company": True} for number in range(CUSTOMERS)]
    )
    env["collection.credit.rule"].search([]).active = False
    product = env["product.product"].create({"name": "Pump", "type": "service", "taxes_id": []})
    for chunk in range(0, count, 1000):
        env["sale.order"].create(
            [
                {
                    "partner_id": partners[number % CUSTOMERS].id,
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 10})],
                }
                for number in range(chunk, min(chunk + 1000, count))
            ]
        )
        env.flush_all()
        env.invalidate_all()
    env.cr.execute("ANALYZE")


def _digest(env):
    """Return {order: digest of its row}."""
    env.flush_all()
    return dict(
        env.execute_query(SQL("SELECT id, md5(orders::text) FROM sale_order orders"))
    )


# === MEASURE === #


def _measure(env, prefix):
    figures = {}
    for kind, view in VIEWS.items():
        spec = _get_spec(env, kind, view)
        plain = {name: field for name, field in spec.items() if not name.startswith("collection_")}
        ids = env["sale.order"].search([], limit=PAGE if kind == "list" else 1).ids
        _read(env, ids, spec), _read(env, ids, plain)
        turns = [(_read(env, ids, spec), _read(env, ids, plain)) for _turn in range(TURNS)]
        name = f"{prefix}{kind}"
        for place, side in enumerate((name, f"{name}_plain")):
            figures[f"{side}_queries"] = min(turn[place][0] for turn in turns)
            figures[f"{side}_ms"] = 1000 * statistics.median(turn[place][1] for turn in turns)
        figures[f"{name}_added"] = figures[f"{name}_queries"] - figures[f"{name}_plain_queries"]
    return figures


def _get_spec(env, kind, view):
    """Return what a screen reads of the orders themselves, with the names they refer to."""
    arch = env["sale.order"].get_view(env.ref(view).id, kind)["arch"]
    names = {
        node.get("name")
        for node in etree.fromstring(arch).iter("field")
        if not any(parent.tag == "field" for parent in node.iterancestors())
    }
    types = env["sale.order"]._fields
    named = {"fields": {"display_name": {}}}
    return {name: named if types[name].type == "many2one" else {} for name in sorted(names)}


def _read(env, ids, spec):
    """Return (queries, seconds) of reading orders as the browser does."""
    env.invalidate_all()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    env["sale.order"].browse(ids).web_read(spec)
    return env.cr.sql_log_count - queries, time.perf_counter() - start
