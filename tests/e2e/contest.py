"""Two people at the same dispute in the same minute; each is a worker of its own."""

import time

from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL

#: Keys of locks that both workers hold: 'I have looked', and 'I know that you have'.
LOOKED, KNOWN = 0x0D15, 0x0D16


def make_cases(env):
    env["collection.debtor"]._sync(env.company)


def contest(env, customer, share):
    """Contest a share of what a customer owes; return what came of it."""
    return together(env, lambda: _contest(env, customer, share))


def decide(env, customer, outcome):
    """Decide the dispute of a customer; return what came of it."""
    return together(env, lambda: _dispute(env, customer)._resolve(outcome))


def state(env, customer):
    """Return what became of the disputes of a customer."""
    disputes = case_of(env, customer).dispute_ids
    return [[one.state, one.outcome, one.amount, one.accepted_amount] for one in disputes]


def case_of(env, customer):
    return env["collection.case"].search([("partner_id.name", "=", customer)])


def _dispute(env, customer):
    return case_of(env, customer).dispute_ids[:1]


def _contest(env, customer, share):
    case = case_of(env, customer)
    [item] = case.item_ids.filtered(lambda item: not item.is_credit)
    case._dispute_quick(lines=item.line_id, amount=round(item.amount_currency * share, 2))


def together(env, work):
    """Do ``work`` once both workers have looked at the database as it was before."""
    meet(env, LOOKED)
    try:
        retrying(work, env)
        answer = "done"
    except UserError as refusal:
        env.cr.rollback()
        answer = str(refusal)
    # Who goes takes the locks along: not before the other one saw them.
    meet(env, KNOWN)
    return answer


def meet(env, key):
    """Wait for the other one; locks are seen as they are, whatever the snapshot."""
    env.cr.execute(SQL("SELECT pg_advisory_lock_shared(%s)", key))
    held = SQL(
        "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted", key
    )
    while env.execute_query(held)[0][0] < 2:
        time.sleep(0.01)  # between two questions, not instead of an answer
