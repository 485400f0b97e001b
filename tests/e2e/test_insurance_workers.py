"""Limits and covers, by workers that are killed, or are two: all of it once, or nothing yet."""

from datetime import timedelta

import pytest
from e2e.nursery import TIMEOUT, today
from engine.insurer_service import serving

from lib import mailsink

# of a mail that did not leave, and of two who meet
ODOO_SAYS = r"mail\.models\.mail_mail: failed sending mail|bad query.*could not serialize access"
ROWS = 60
NOTHING = {"files": ["waiting"], "buyers": 0, "decisions": 0, "covers": 0, "exposures": 0}
CUSTOMERS = [f"insured-{number:02}" for number in range(30)]


@pytest.fixture(scope="module")
def nursery(shared_db, odoo_nursery):
    # where no mail server is
    opened = odoo_nursery(shared_db, "--smtp-port", mailsink.free_port())
    opened.call("e2e.shop:open_shop", grace=-1)  # what was claimed in this very second, too
    opened.call("e2e.insurers:open_policy")
    yield opened
    assert not opened.complaints(ODOO_SAYS)


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


def _send(request):
    return {
        "model": "collection.insurance.request", "record": request, "button": "action_send",
    }  # fmt: skip


def _taken(nursery, insurer, request):
    """Start a worker that sends, and return it once the service has got the request."""
    insurer.post_misdeeds = ["slow"]
    worker = nursery.start("e2e.insurers:press", **_send(request))
    assert insurer.taken.wait(TIMEOUT)
    return worker


def test_two_workers_send_a_request_once(nursery):
    """The second one is refused while the first one waits for the service's answer."""
    with serving() as (url, insurer):
        request = nursery.call("e2e.insurers:approve_request", name="once", url=url)
        first = _taken(nursery, insurer, request)
        assert nursery.call("e2e.insurers:press", **_send(request)).startswith("refused")
        assert nursery.call("e2e.insurers:interrupted", request=request) == "sending"
        insurer.released.set()
        assert first.result() == "sent"
        assert len(insurer.posted) == 1


def test_a_killed_sending_is_unconfirmed_and_keeps_its_key(nursery):
    with serving() as (url, insurer):
        request = nursery.call("e2e.insurers:approve_request", name="killed", url=url)
        worker = _taken(nursery, insurer, request)
        worker.kill()
        insurer.released.set()
        assert nursery.call("e2e.insurers:press", **_send(request)).startswith("refused")
        assert nursery.call("e2e.insurers:interrupted", request=request) == "unconfirmed"
        assert nursery.call("e2e.insurers:press", **_send(request)) == "sent"
        assert len(set(insurer.keys)) == 1
        assert len(insurer.keys) == 2


def test_two_managers_release_a_delivery_once(nursery):
    release = nursery.call("e2e.insurers:ask_release", name="released")
    grant = {
        "model": "collection.delivery.release", "record": release, "button": "action_grant",
    }  # fmt: skip
    together = [nursery.start("e2e.insurers:press", **grant) for _manager in range(2)]
    results = sorted(manager.result() for manager in together)
    assert results[0] == "granted"
    assert results[1].startswith("refused")
    assert nursery.call("e2e.insurers:granted", release=release) == 1


def test_a_file_goes_on_after_the_archive_that_was_complete(nursery):
    filing = nursery.call("e2e.insurers:declare", name="declared", documents=3)
    worker = nursery.start("e2e.insurers:build", watched=True)
    nursery.wait_until(lambda: worker.phase == "archive 2" or not worker.alive)
    assert worker.kill() == "archive 2"
    state, names, proof = nursery.call("e2e.insurers:archives", filing=filing)
    assert (state, len(names), proof) == ("waiting", 1, 1)
    nursery.call("e2e.insurers:build")
    state, names, proof = nursery.call("e2e.insurers:archives", filing=filing)
    assert (state, len(set(names)), proof) == ("done", 3, 3)


def test_two_people_declare_the_same_debt_once(nursery):
    declaration = {"name": "declared", "kind": "hand_over"}
    together = [
        nursery.start("e2e.insurers:declare_together", **declaration) for _person in range(2)
    ]
    done, refused = sorted((person.result() for person in together), key=len)
    assert done == "done"
    assert "was declared already" in refused
    assert nursery.call("e2e.insurers:declarations", **declaration) == 3


def test_what_is_told_while_no_mail_server_answers_is_kept(nursery):
    """Nothing of the work is lost by it, and it shows who was not told."""
    nursery.call("e2e.insurers:cut", name=CUSTOMERS[0])
    found = nursery.call("e2e.insurers:tell")
    assert (found["file"], found["alerts"]) == ("done", ["open"])
    assert (found["mails"], found["notices"]) == (["exception"], ["exception"])
