"""What Odoo's scheduler is told: it calls again what is not done, and not what cannot be done."""

from datetime import timedelta

import pytest
from e2e.nursery import today

#: More than one batch of texts.
CUSTOMERS = [f"customer-{number:02}" for number in range(60)]
CAP = 2


@pytest.fixture(scope="module")
def nursery(shared_db, door, odoo_nursery):
    """Odoo, and customers who are late."""
    opened = odoo_nursery(shared_db, "--smtp-port", door.port)
    opened.call("e2e.shop:open_shop")
    due = (today() - timedelta(days=5)).isoformat()
    opened.call("e2e.shop:add_customers", names=CUSTOMERS, due=due)
    yield opened
    assert not opened.complaints()


def _schedule(nursery, action, seconds):
    return nursery.call("e2e.shop:as_scheduled", action=action, seconds=seconds)


def test_run_without_time_goes_on_later(nursery):
    nursery.call("e2e.shop:ask_for_run")
    done, remaining = _schedule(nursery, "ir_cron_run", 0)
    assert (done, remaining) == (0, len(CUSTOMERS)), "cases that wait for their decision"
    done, remaining = _schedule(nursery, "ir_cron_run", 60)
    assert (done, remaining) == (2 * len(CUSTOMERS), 0), "decisions and texts"
    assert len(nursery.call("e2e.shop:reminders")) == len(CUSTOMERS)


def test_departure_without_time_goes_on_later(nursery, door):
    nursery.call("e2e.shop:make_due", names=CUSTOMERS)
    assert _schedule(nursery, "ir_cron_depart", 0) == [1, len(CUSTOMERS) - 1]
    assert door.handler.count() == 1


def test_cap_is_no_work_left(nursery, door):
    """Odoo would call the action again at once, and again, until midnight."""
    nursery.call("e2e.shop:set_cap", messages=1 + CAP)
    assert _schedule(nursery, "ir_cron_depart", 60) == [CAP, 0]
    assert _schedule(nursery, "ir_cron_depart", 60) == [0, 0]
    assert door.handler.count() == 1 + CAP


def test_all_is_done(nursery, door):
    nursery.call("e2e.shop:set_cap", messages=0)
    assert _schedule(nursery, "ir_cron_depart", 60) == [len(CUSTOMERS) - 1 - CAP, 0]
    assert door.handler.count() == len(CUSTOMERS)
