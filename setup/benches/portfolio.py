"""A portfolio of open items, made in SQL from one real invoice: nothing here is measured."""

from datetime import timedelta

from odoo import Command
from odoo.tools import SQL

from lib.bulk import copy_rows, unindexed

#: Tables that get millions of rows.
FILLED = ("res_partner", "account_move", "account_move_line", "account_partial_reconcile")

#: Days overdue are spread over this range; negative is not yet due.
SPREAD = (-30, 90)


def make_portfolio(env, items, debtors, today):
    """Return a new live company whose ``debtors`` owe ``items``, a third of them reminded.

    :param date today: due dates are spread around it
    """
    company = make_debts(env, items, debtors, today)
    env["collection.portfolio"].create(
        {"name": "Bench", "company_id": company.id}
    )._activate()
    _make_history(env, company, today)
    return company


def make_debts(env, items, debtors, today):
    """Return a new company whose ``debtors`` owe ``items`` invoices, and nothing else."""
    company = _make_company(env)
    move = _make_invoice(env, company, today)
    with unindexed(env, *FILLED):
        partners = _copy_partners(env, move.partner_id, debtors)
        _copy_invoices(env, move, items, partners, today)
    move.button_draft()
    env.invalidate_all()
    env.cr.execute("ANALYZE")
    return company


def _make_company(env):
    company = env["res.company"].create({"name": f"Bench {env['res.company'].search_count([])}"})
    env.user.company_ids |= company
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    return company


def _make_invoice(env, company, today):
    partner = env["res.partner"].create(
        {"name": "Bench", "is_company": True, "email": "bench@customer.example"}
    )
    move = env["account.move"].with_company(company).create(
        {
            "move_type": "out_invoice",
            "company_id": company.id,
            "partner_id": partner.id,
            "invoice_date": today,
            "is_move_sent": True,
            "invoice_line_ids": [
                Command.create({"name": "Goods", "price_unit": 100, "tax_ids": []})
            ],
        }
    )
    move.action_post()
    env.flush_all()
    return move


def _copy_partners(env, partner, count):
    """Return the ids of ``count`` copies of ``partner``."""
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_partner ON COMMIT DROP AS
            SELECT nextval('res_partner_id_seq')::int AS id FROM generate_series(1, %s)
            """,
            count,
        )
    )
    copy_rows(
        partner,
        "bench_partner",
        id=SQL("new.id"),
        commercial_partner_id=SQL("new.id"),
        name=SQL("'Customer ' || new.id"),
        complete_name=SQL("'Customer ' || new.id"),
        email=SQL("'c' || new.id || '@customer.example'"),
        email_normalized=SQL("'c' || new.id || '@customer.example'"),
    )
    rows = env.execute_query(SQL("SELECT id FROM bench_partner ORDER BY id"))
    env.cr.execute("DROP TABLE bench_partner")
    return [row[0] for row in rows]


def _copy_invoices(env, move, items, partners, today):
    """Copy the invoice with its lines, one for each item, dues spread over ``SPREAD``."""
    first, last = SPREAD
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_new ON COMMIT DROP AS
            SELECT nextval('account_move_id_seq')::int AS id,
                   (%(partners)s::int[])[1 + number %% %(count)s] AS partner,
                   %(today)s::date - (%(first)s + (number::bigint * 7919) %% %(range)s)::int AS due,
                   100 + number %% 900 AS amount
              FROM generate_series(1, %(items)s) number
            """,
            partners=partners,
            count=len(partners),
            today=today,
            first=first,
            range=last - first,
            items=items,
        )
    )
    copy_rows(
        move,
        "bench_new",
        id=SQL("new.id"),
        name=SQL("'BENCH/' || new.id"),
        sequence_number=SQL("new.id"),
        sequence_prefix=SQL("'BENCH/'"),
        partner_id=SQL("new.partner"),
        commercial_partner_id=SQL("new.partner"),
        invoice_date_due=SQL("new.due"),
        date=SQL("new.due - 30"),
        invoice_date=SQL("new.due - 30"),
        amount_total=SQL("new.amount"),
        amount_residual=SQL("new.amount"),
    )
    for line in move.line_ids:
        copy_rows(line, "bench_new", **_prepare_line(line.display_type == "payment_term"))
    env.cr.execute("DROP TABLE bench_new")


def _prepare_line(is_debt):
    amounts = (
        dict.fromkeys(
            ("amount_residual", "amount_residual_currency", "debit", "balance", "amount_currency"),
            SQL("new.amount"),
        )
        if is_debt
        else {
            "credit": SQL("new.amount"),
            "balance": SQL("-new.amount"),
            "amount_currency": SQL("-new.amount"),
        }
    )
    return {
        "id": SQL("nextval('account_move_line_id_seq')"),
        "move_id": SQL("new.id"),
        "move_name": SQL("'BENCH/' || new.id"),
        "partner_id": SQL("new.partner"),
        "date": SQL("new.due - 30"),
        **amounts,
        **({"date_maturity": SQL("new.due")} if is_debt else {}),
    }


def _make_history(env, company, today):
    """A third of the debtors were reminded two weeks ago of what was overdue then."""
    env["collection.debtor"]._sync(company)
    scenario = env.ref("account_collections.scenario_standard", raise_if_not_found=False)
    level = scenario.level_ids.filtered(lambda level: level.delay > 0)[:1] if scenario else None
    items = env["collection.item"].search_fetch(
        [("company_id", "=", company.id), ("days_overdue", ">", 20)], ["case_id", "line_id"]
    )
    day = today - timedelta(days=14)
    rank = level.rank if level else 20
    rows = [(item.line_id.id, rank, day) for item in items if not item.case_id.id % 3]
    env["collection.reminder"]._carry_over(company, rows)
    env.flush_all()
