"""Payment behaviour: all of it, and after a few payments.

Figures, for 200,000 settled items of 20,000 customers or for ``--size`` items:

``full_s``       the first computation, when every customer and month is written
``raw_s``        one aggregation of the same payments by customer: count, mean, median, P80
``ratio``        of ``full_s`` to ``raw_s``
``changes_s``    what follows payments of ``CHANGES`` customers
``unchanged_s``  finding that nothing changed
``day_ratio``    of ``changes_s`` to ``raw_s``
``computed``     customers computed after those payments
``peak_mib``     Python's objects while finding what changed
``before_mib``   most memory that this process had taken until the first computation
``memory_mib``   most memory that it ever took
``spilled_mib``  what PostgreSQL put in files because its memory was too small, the first time
``late``         days late by amount of all customers, to compare versions by
"""

from benches.portfolio import FILLED, make_debts
from odoo import Command
from odoo.tools import SQL

from lib.bulk import copy_rows, unindexed
from lib.measuring import high_water_mib, peak_mib, seconds, spilled_mib

SIZE = 200_000
ITEMS_PER_CUSTOMER = 10
CHANGES = 100


def run(env, size, report):
    items = size or SIZE
    customers = max(items // ITEMS_PER_CUSTOMER, 1)
    report(f"{items:,} items of {customers:,} customers: making them")
    today = env.company._collection_today()
    company = make_debts(env, items, customers, today)
    settle(env, company)
    model = env["collection.behaviour"]
    report("measuring")
    figures = {"items": items, "customers": customers}
    figures["raw_s"] = min(seconds(lambda: _aggregate(env, company)) for _turn in range(3))
    figures["before_mib"], spilled = high_water_mib(), spilled_mib(env)
    figures["full_s"] = seconds(lambda: model._refresh(company, today))
    figures["spilled_mib"] = spilled_mib(env) - spilled
    env.cr.execute("ANALYZE")
    figures["unchanged_s"] = seconds(lambda: model._refresh(company, today))
    _change(env, company)
    computed = []
    figures["changes_s"] = seconds(lambda: computed.extend(model._refresh(company, today)))
    figures["ratio"] = figures["full_s"] / figures["raw_s"]
    figures["day_ratio"] = figures["changes_s"] / figures["raw_s"]
    figures["computed"] = len(computed)
    figures["memory_mib"] = high_water_mib()
    figures["peak_mib"] = peak_mib(lambda: model._refresh(company, today))
    [(late,)] = env.execute_query(
        SQL(
            "SELECT SUM(late_weighted * paid_amount) / SUM(paid_amount) "
            "FROM collection_behaviour WHERE company_id = %s",
            company.id,
        )
    )
    return {**figures, "late": float(late)}


def settle(env, company, left=0):
    """Let open items be paid by a line of a bank entry, some days before or after due.

    :param int left: one item in so many stays open; 0 for none
    """
    line = _make_bank_line(env, company)
    with unindexed(env, *FILLED):
        _pay(env, company, line, left)
    env.invalidate_all()
    env.cr.execute("ANALYZE")


def _pay(env, company, line, left):
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_paid ON COMMIT DROP AS
            SELECT line.id AS debit, nextval('account_move_line_id_seq')::int AS credit,
                   line.partner_id, line.balance AS amount,
                   line.date_maturity - 365 + (line.id::bigint * 7919 %% 365)::int AS due,
                   line.date_maturity - 365 + (line.id::bigint * 7919 %% 365)::int
                       + (line.partner_id + line.id) %% 50 - 15 AS day
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.company_id = %s AND account.account_type = 'asset_receivable'
               AND line.balance > 0 AND line.parent_state = 'posted'
               AND (%s = 0 OR line.id %% NULLIF(%s, 0) <> 0)
            """,
            company.id,
            left,
            left,
        )
    )
    copy_rows(
        line,
        "bench_paid",
        id=SQL("new.credit"),
        partner_id=SQL("new.partner_id"),
        date=SQL("new.day"),
        credit=SQL("new.amount"),
        balance=SQL("-new.amount"),
        amount_currency=SQL("-new.amount"),
        amount_residual=SQL("0"),
        amount_residual_currency=SQL("0"),
        reconciled=SQL("TRUE"),
    )
    env.cr.execute(
        """
        UPDATE account_move_line line
           SET reconciled = TRUE, amount_residual = 0, amount_residual_currency = 0,
               date_maturity = paid.due, date = paid.due - 30
          FROM bench_paid paid WHERE line.id = paid.debit
        """
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_partial_reconcile (
                debit_move_id, credit_move_id, amount, debit_amount_currency,
                credit_amount_currency, debit_currency_id, credit_currency_id, company_id,
                max_date, create_date)
            SELECT debit, credit, amount, amount, amount, %s, %s, %s, GREATEST(day, due - 30), NOW()
              FROM bench_paid
            """,
            company.currency_id.id,
            company.currency_id.id,
            company.id,
        )
    )
    env.cr.execute("DROP TABLE bench_paid")


def _make_bank_line(env, company):
    """Return a receivable line of a posted bank entry, to copy."""
    accounts = env["account.account"].with_company(company)
    own = accounts._check_company_domain(company)
    receivable = accounts.search([*own, ("account_type", "=", "asset_receivable")], limit=1)
    income = accounts.search([*own, ("account_type", "=", "income")], limit=1)
    bank = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
    )
    move = env["account.move"].with_company(company).create(
        {
            "move_type": "entry",
            "journal_id": bank.id,
            "line_ids": [
                Command.create(
                    {"account_id": receivable.id, "credit": 1, "partner_id": company.partner_id.id}
                ),
                Command.create({"account_id": income.id, "debit": 1}),
            ],
        }
    )
    move.action_post()
    env.flush_all()
    return move.line_ids.filtered("credit")


def _aggregate(env, company):
    env.execute_query(
        SQL(
            """
            SELECT line.partner_id, COUNT(*), AVG(other.date - line.date_maturity),
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY other.date - line.date_maturity),
                   PERCENTILE_CONT(0.8) WITHIN GROUP (ORDER BY other.date - line.date_maturity)
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id
              JOIN account_move_line other ON other.id = partial.credit_move_id
             WHERE line.company_id = %s
          GROUP BY line.partner_id
            """,
            company.id,
        )
    )


def _change(env, company):
    """``CHANGES`` customers paid one of their items a week later than was known."""
    env.cr.execute(
        SQL(
            """
            UPDATE account_move_line SET date = date + 7
             WHERE id IN (SELECT MIN(partial.credit_move_id)
                            FROM account_partial_reconcile partial
                            JOIN account_move_line line ON line.id = partial.debit_move_id
                           WHERE line.company_id = %s
                        GROUP BY line.partner_id ORDER BY line.partner_id LIMIT %s)
            """,
            company.id,
            CHANGES,
        )
    )
    env.invalidate_all()
