"""Cover by credit insurance: all of it on a new day, and after a few changes.

Half the debtors are buyers with a limit, the others are within the discretionary limit. Figures,
for 200,000 items of 20,000 debtors or for ``--size`` items:

``full_s``          the first computation, when every row is written
``day_s``           a new day, on which few covers may change by themselves
``day_all_s``       a new day, were all of them computed again
``raw_s``           one aggregation over the same open items by customer
``ratio``           of ``day_s`` to ``raw_s``
``changes_s``       what follows ``CHANGES`` payments and ``CHANGES`` decisions on other buyers
``unchanged_s``     finding that nothing changed
``computed``        customers computed after those changes
``peak_mib``        memory of the first computation
``covered``         total of what is covered, to compare versions by
"""

from datetime import timedelta

from benches.portfolio import make_debts
from odoo import Command
from odoo.tools import SQL

from lib.measuring import peak_mib, seconds

SIZE = 200_000
ITEMS_PER_DEBTOR = 10
CHANGES = 100
LIMIT = 3000


def run(env, size, report):
    items = size or SIZE
    debtors = max(items // ITEMS_PER_DEBTOR, 1)
    report(f"{items:,} items of {debtors:,} debtors: making them")
    today = env.company._collection_today()
    company = make_debts(env, items, debtors, today)
    customers = _make_insurance(env, company, today)
    exposures = env["collection.insurance.exposure"]
    report("measuring")
    raw = min(seconds(lambda: _aggregate(env, company)) for _turn in range(3))
    figures = {"items": items, "debtors": debtors, "buyers": len(customers), "raw_s": raw}
    figures["full_s"] = seconds(lambda: exposures._refresh(company))
    env.cr.execute("ANALYZE")
    figures["unchanged_s"] = seconds(lambda: exposures._refresh(company))
    _grow_a_day_older(env, company)
    figures["day_s"] = seconds(lambda: exposures._refresh(company))
    figures["ratio"] = figures["day_s"] / raw
    _grow_a_day_older(env, company, is_all=True)
    figures["day_all_s"] = seconds(lambda: exposures._refresh(company))
    _change(env, company, customers, today)
    computed = []
    figures["changes_s"] = seconds(lambda: computed.extend(exposures._refresh(company)))
    figures["computed"] = len(computed)
    _grow_a_day_older(env, company, is_all=True)
    figures["peak_mib"] = peak_mib(lambda: exposures._refresh(company))
    [(covered,)] = env.execute_query(
        SQL("SELECT SUM(covered) FROM collection_insurance_cover WHERE company_id = %s", company.id)
    )
    return {**figures, "covered": float(covered)}


def _make_insurance(env, company, today):
    """Return the customers who are buyers: every second one, with a limit of its own."""
    policy = env["collection.insurance.policy"].create(
        {
            "name": "Bench",
            "company_id": company.id,
            "insurer_id": env["collection.insurer"].search([], limit=1).id,
            "term_ids": [
                Command.create(
                    {
                        "date_start": today - timedelta(days=730),
                        "date_end": today + timedelta(days=730),
                        "discretionary": 1000,
                        "blind_percent": 70,
                        "extension_days": 60,
                        "hand_over_days": 30,
                        "claim_days": 90,
                    }
                )
            ],
        }
    )
    owing = env["collection.insurance.gather"]._query_customers_owing(company)
    customers = env["res.partner"].browse(sorted(owing)[::2])
    # Nobody reads the chatter of ten thousand buyers.
    buyers = env["collection.insurance.buyer"].with_context(tracking_disable=True).create(
        [
            {
                "name": f"Buyer {customer.id}",
                "policy_id": policy.id,
                "partner_ids": [Command.set(customer.ids)],
            }
            for customer in customers
        ]
    )
    _decide(env, buyers, "full", LIMIT, today - timedelta(days=365))
    env.flush_all()
    return customers


def _decide(env, buyers, kind, amount, day):
    env["collection.insurance.decision"].create(
        [
            {
                "buyer_id": buyer.id,
                "kind": kind,
                "amount": amount,
                "date_announced": day,
                "date_effective": day,
            }
            for buyer in buyers
        ]
    )


def _aggregate(env, company):
    env.execute_query(
        SQL(
            """
            SELECT line.partner_id, SUM(line.amount_residual), COUNT(*)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.company_id = %s AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
          GROUP BY line.partner_id
            """,
            company.id,
        )
    )


def _grow_a_day_older(env, company, is_all=False):
    """Let the covers be of yesterday, all of them to be computed again if need be."""
    env.cr.execute(
        SQL(
            """UPDATE collection_insurance_exposure
                  SET computed_on = computed_on - 1,
                      changes_on = CASE WHEN %s THEN computed_on ELSE changes_on END
                WHERE company_id = %s""",
            is_all,
            company.id,
        )
    )
    env.invalidate_all()


def _change(env, company, customers, today):
    """``CHANGES`` customers pay a part of one invoice; the limits of as many others are cut."""
    env.cr.execute(
        SQL(
            """
            UPDATE account_move_line SET amount_residual = amount_residual - 10,
                                         amount_residual_currency = amount_residual_currency - 10
             WHERE id IN (SELECT MIN(line_id) FROM collection_insurance_cover
                           WHERE company_id = %s AND partner_id = ANY(%s)
                        GROUP BY partner_id)
            """,
            company.id,
            customers[:CHANGES].ids,
        )
    )
    env.invalidate_all()
    others = customers[CHANGES : 2 * CHANGES].collection_buyer_ids
    _decide(env, others, "reduced", LIMIT / 2, today)
    env.flush_all()
