"""Limits and covers, by workers that are killed, or are two: all of it once, or nothing yet."""

from datetime import timedelta

import pytest
from e2e.nursery import today

ROWS = 60
NOTHING = {"files": ["waiting"], "buyers": 0, "decisions": 0, "covers": 0, "exposures": 0}
CUSTOMERS = [f"insured-{number:02}" for number in range(30)]


@pytest.fixture(scope="module")
def nursery(shared_db, odoo_nursery):
    opened = odoo_nursery(shared_db)
    opened.call("e2e.shop:open_shop")
    opened.call("e2e.insurers:open_policy")
    yield opened
    assert not opened.complaints("bad query.*could not serialize access")


def test_a_killed_import_leaves_nothing(nursery):
    """Struck in the middle of its rows; the next worker enters them all."""
    nursery.call("e2e.insurers:put_file", rows=ROWS, limit=1000)
    worker = nursery.start("e2e.insurers:process", watched=True)
    nursery.wait_until(lambda: worker.phase == "entering" or not worker.alive)
    assert worker.kill() == "entering"
    assert nursery.call("e2e.insurers:state") == NOTHING
    nursery.call("e2e.insurers:process")
    found = nursery.call("e2e.insurers:state")
    assert (found["files"], found["buyers"], found["decisions"]) == (["done"], ROWS, ROWS)


def test_two_workers_enter_a_file_once(nursery):
    nursery.call("e2e.insurers:put_file", rows=ROWS, limit=2000)
    first = nursery.start("e2e.insurers:process", watched=True)
    nursery.wait_until(lambda: first.phase == "entering" or not first.alive)
    together = [nursery.start("e2e.insurers:process") for _worker in range(2)]
    for worker in (*together, first):
        worker.result()
    found = nursery.call("e2e.insurers:state")
    assert found["files"] == ["done", "done"]
    assert (found["buyers"], found["decisions"]) == (ROWS, 2 * ROWS)


def test_a_killed_refresh_is_done_by_the_next(nursery):
    """And two at once write each row once."""
    due = (today() - timedelta(days=5)).isoformat()
    nursery.call("e2e.shop:add_customers", names=CUSTOMERS, due=due)
    worker = nursery.start("e2e.insurers:refresh", watched=True)
    nursery.wait_until(lambda: worker.phase == "computing" or not worker.alive)
    assert worker.kill() == "computing"
    assert nursery.call("e2e.insurers:state")["covers"] == 0
    together = [nursery.start("e2e.insurers:refresh") for _worker in range(2)]
    for refreshing in together:
        refreshing.result()
    nursery.call("e2e.insurers:refresh")
    found = nursery.call("e2e.insurers:state")
    assert (found["covers"], found["exposures"]) == (len(CUSTOMERS), len(CUSTOMERS))
