"""The customer's side, from inside Odoo: functions that get an environment."""


def open_door(env, customer):
    """Return the path of the link that a reminder to a customer would bring."""
    env.company.collection_link_confirmation = False
    case = env["collection.case"].search([("partner_id.name", "=", customer)])
    return case._get_signed_url().removeprefix(case.get_base_url())


def count_requests(env, customer):
    """Return how many disputes, promises, plans and messages came from a customer's page."""
    case = env["collection.case"].search([("partner_id.name", "=", customer)])
    return {
        "disputes": len(case.dispute_ids),
        "promises": len(case.promise_ids),
        "plans": len(case.plan_ids),
        "messages": len(case.message_ids.filtered(lambda one: one.message_type == "email")),
    }


def count_attempts(env):
    """Return {kind: attempts that are kept}."""
    return dict(env["collection.portal.attempt"]._read_group([], ["kind"], ["__count"]))
