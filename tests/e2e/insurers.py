"""An insurer's file and the covers that follow, by processes that may be killed."""

import functools
from datetime import timedelta

from odoo import Command

from . import nursery


def open_policy(env):
    """Make a policy, and keep the scheduled actions from the test's work."""
    today = env.company._collection_today()
    for cron in ("files", "refresh", "collect", "fetch"):
        env.ref(f"account_collections_insurance.ir_cron_{cron}").active = False
    env["collection.insurance.policy"].create(
        {
            "name": "E2E",
            "insurer_id": env["collection.insurer"].search([], limit=1).id,
            "term_ids": [
                Command.create(
                    {
                        "date_start": today - timedelta(days=700),
                        "date_end": today + timedelta(days=700),
                    }
                )
            ],
        }
    )


def put_file(env, rows, limit):
    """Put a file of so many limits into the queue."""
    policy = env["collection.insurance.policy"].search([])
    lines = ["Buyer ID;Customer code;Limit"]
    lines += [f"B-{number};C-{number};{limit}" for number in range(rows)]
    data = "\n".join(lines).encode()
    env["collection.insurance.file"]._receive(policy, "limits.csv", data, "folder")


def process(env, watched=False):
    """Import what waits, as the scheduled action does; let the test know of each batch."""
    from odoo.addons.account_collections_insurance.wizards import collection_insurance_import

    collection_insurance_import.BATCH_SIZE = 5
    if watched:
        _tell_each(env.registry["collection.insurance.import"], "_create_decisions", "entering")
    env["collection.insurance.file"]._cron_process()


def refresh(env, watched=False):
    """Bring covers up to date, as the scheduled action does."""
    from odoo.addons.account_collections_insurance.models import collection_insurance_refresh

    collection_insurance_refresh.BATCH_SIZE = 5
    if watched:
        _tell_each(
            env.registry["collection.insurance.exposure"], "_compute_batch", "computing"
        )
    env["collection.insurance.exposure"]._cron_refresh()


def _tell_each(model, method, phase):
    original = getattr(model, method)

    @functools.wraps(original)
    def told(*args, **kwargs):
        result = original(*args, **kwargs)
        nursery.tell(phase)
        return result

    setattr(model, method, told)


def state(env):
    """Return what is there: states of files, buyers, decisions, rows of cover, alerts."""
    policy = env["collection.insurance.policy"].search([])
    return {
        "files": policy.file_ids.sorted("id").mapped("state"),
        "buyers": len(policy.buyer_ids),
        "decisions": len(policy.buyer_ids.decision_ids),
        "covers": env["collection.insurance.cover"].search_count([]),
        "exposures": env["collection.insurance.exposure"].search_count([]),
    }
