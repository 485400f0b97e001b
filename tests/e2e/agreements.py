"""Instalment plans proposed to the customers of the shop, from inside Odoo."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.service.model import retrying

from . import contest


def draft(env, customers):
    """Draft a plan of three instalments for each of these customers."""
    env["collection.debtor"]._sync(env.company)
    first = env.company._collection_today() + timedelta(days=10)
    for case in _cases(env, customers):
        env["collection.plan"]._make(case, None, {"count": 3, "first": first})


def propose(env, customers):
    _cases(env, customers).plan_ids.action_propose()


def propose_together(env, customer):
    """Propose the plan of a customer once both workers have looked; return what came of it."""
    plan = _cases(env, [customer]).plan_ids

    def work():
        plan.invalidate_recordset()
        plan.action_propose()

    answer = "proposed"
    contest.meet(env, contest.LOOKED)
    try:
        retrying(work, env)
    except UserError as refusal:
        env.cr.rollback()
        answer = str(refusal)
    contest.meet(env, contest.KNOWN)
    return answer


def plans(env, customers):
    """Return {customer: (state of the plan, how its agreement left)}."""
    return {
        plan.partner_id.name: (plan.state, plan.delivery_state)
        for plan in _cases(env, customers).plan_ids
    }


def _cases(env, customers):
    return env["collection.case"].search([("partner_id.name", "in", customers)])
