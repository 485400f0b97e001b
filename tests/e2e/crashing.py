"""The work of a collections server, day after day, done by processes that are to be killed."""

import functools
import time

from . import nursery, shop

TODAY = "e2e.today"
#: Small, so that a few hundred customers make many batches.
BATCH_SIZE = 20


def work(env):
    """Run the day and deliver, for ever: as the two scheduled actions do, but without pause."""
    _watch(env)
    while True:
        nursery.tell(work_once(env))
        # Between two looks at what the test, or another worker, may have left to do.
        time.sleep(0.02)


def run_watched(env, today):
    """Take the decisions of a day in small batches, telling of it."""
    _watch(env)
    return shop.run(env, today)


def finish(env, seconds):
    """Work until nothing is left to do.

    :raise AssertionError: that takes longer than so many seconds
    """
    deadline = time.monotonic() + seconds
    while work_once(env) != "idle":
        assert time.monotonic() < deadline, shop.reminders(env)
        time.sleep(0.1)  # a claim of a dead worker has to come of age


def work_once(env):
    """Do what there is to do; return 'idle' when nothing was left, for any worker."""
    env.registry.check_signaling()
    today = env["ir.config_parameter"].get_param(TODAY)
    if not _is_done(env, today):
        shop.run(env, today)
    env["collection.delivery"]._cron_depart()
    left = env["collection.reminder"].search_count([("state", "in", ("scheduled", "sending"))])
    idle = _is_done(env, today) and not left
    env.cr.commit()
    return "idle" if idle else "busy"


def _is_done(env, today):
    done = [("date", "=", today), ("state", "=", "done")]
    return bool(env["collection.run"].search_count(done))


def open_day(env, today):
    """The sun rises on a day: workers run it."""
    env["ir.config_parameter"].set_param(TODAY, today)


def _watch(env):
    """Let this process say what it does, and take small batches."""
    from odoo.addons.account_collections.models import collection_prepare, collection_run

    collection_run.BATCH_SIZE = collection_prepare.BATCH_SIZE = BATCH_SIZE
    for model, method, phase, then in (
        ("collection.run", "_review_cases", "decide", "decide"),
        ("collection.prepare", "_prepare_waiting", "prepare", "decide"),
        ("collection.delivery", "_claim", "claim", "claim"),
        ("collection.delivery", "_hand_over", "post", "commit"),
        ("collection.delivery", "_send", "smtp", "commit"),
    ):
        _announce(env.registry[model], method, phase, then)


def _announce(model, method, phase, then):
    original = getattr(model, method)

    @functools.wraps(original)
    def announced(*args, **kwargs):
        nursery.tell(phase)
        result = original(*args, **kwargs)
        nursery.tell(then)
        return result

    setattr(model, method, announced)
