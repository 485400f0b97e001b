"""Two people at the same hand-over in the same minute; each is a worker of its own."""

from . import contest


def make_agency(env):
    agency = env["res.partner"].create({"name": "Agency", "is_company": True})
    env["collection.agency"].create({"partner_id": agency.id, "kind": "agency"})


def draft(env, customer):
    """Draft the hand-over of what a customer owes; return what came of it."""
    return contest.together(env, lambda: _draft(env, customer))


def hand_over(env, customer):
    """Hand over what was drafted; return what came of it."""
    return contest.together(env, lambda: _handovers(env, customer).action_hand_over())


def state(env, customer):
    """Return what became of the hand-overs of a customer, and of its case."""
    handovers = _handovers(env, customer)
    case = contest.case_of(env, customer)
    told = env["collection.evidence"].search_count(
        [("case_id", "=", case.id), ("event", "=", "handover_handed_over")]
    )
    return [[one.state, len(one.line_ids)] for one in handovers], told


def _draft(env, customer):
    case = contest.case_of(env, customer)
    env["collection.handover"]._make(case, case.item_ids, env["collection.agency"].search([]))


def _handovers(env, customer):
    return env["collection.handover"].search([("case_id.partner_id.name", "=", customer)])
