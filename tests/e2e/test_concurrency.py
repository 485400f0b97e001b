"""Two workers at the same work in the same minute: one does it, or each does a part."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from e2e.nursery import today

CUSTOMERS = [f"customer-{number:03}" for number in range(120)]
TODAY = today()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()


@pytest.fixture(scope="module")
def nursery(shared_db, door, odoo_nursery):
    """Odoo, twice if need be, and customers who are late."""
    opened = odoo_nursery(shared_db, "--smtp-port", door.port)
    opened.call("e2e.shop:open_shop")
    due = (TODAY - timedelta(days=5)).isoformat()
    opened.call("e2e.shop:add_customers", names=CUSTOMERS, due=due)
    yield opened
    assert not opened.complaints("bad query.*could not serialize access")


def test_second_run_does_nothing(nursery):
    first = nursery.start("e2e.crashing:run_watched", today=YESTERDAY)
    nursery.wait_until(lambda: first.phase == "decide" or not first.alive)
    second = nursery.start("e2e.shop:run", today=YESTERDAY)
    second.result()
    assert first.alive, "the second one did not wait for the first"
    assert first.result()["reminders"] == len(CUSTOMERS)
    assert nursery.log.read_text().count("Another run of") == 1
    _check_each_prepared_once(nursery)


def test_runs_that_start_together(nursery):
    """Whichever is faster; a third comes when both are done, and finds nothing new."""
    together = [nursery.start("e2e.shop:run", today=YESTERDAY) for _worker in range(2)]
    for run in together:
        run.result()
    nursery.call("e2e.shop:run", today=YESTERDAY)
    _check_each_prepared_once(nursery)


def _check_each_prepared_once(nursery):
    reminders = nursery.call("e2e.shop:reminders")
    assert [reminder["customer"] for reminder in reminders] == CUSTOMERS
    assert {tuple(reminder["events"]) for reminder in reminders} == {("prepared",)}


def test_departures_share_the_work(nursery, door):
    # Whichever is faster: no mail is kept before both have one at the counter.
    door.handler.meeting = 2
    departures = [nursery.start("e2e.shop:depart") for _worker in range(2)]
    for departure in departures:
        departure.result()
    reminders = nursery.call("e2e.shop:reminders")
    assert {tuple(reminder["events"]) for reminder in reminders} == {
        ("prepared", "claimed", "sent")
    }
    assert {reminder["posted"] for reminder in reminders} == {1}
    arrived = door.handler.arrived("X-Envelope-To")
    assert arrived == Counter(f"{name}@customer.example" for name in CUSTOMERS)
    senders = re.findall(r"(\d+) INFO .*Total emails tried by SMTP", nursery.log.read_text())
    assert set(senders) == {str(departure.pid) for departure in departures}
    print("\nsent by each worker:", list(Counter(senders).values()))


def test_two_promises_at_once(nursery):
    """The second waits for the first, sees it and is refused."""
    both = [
        nursery.start("e2e.shop:promise_together", customer=CUSTOMERS[0], workers=2)
        for _worker in range(2)
    ]
    answers = sorted(worker.result() for worker in both)
    assert "is promised already" in answers[0] and answers[1] == "open", answers
    assert nursery.call("e2e.shop:count_promises", customer=CUSTOMERS[0]) == 1


def test_two_people_contest_the_same_invoice(nursery):
    """Each wants 60 %: one of them gets it, the other hears how little is left."""
    nursery.call("e2e.contest:make_cases")
    together = [
        nursery.start("e2e.contest:contest", customer=CUSTOMERS[1], share=0.6) for _n in range(2)
    ]
    done, refused = sorted((worker.result() for worker in together), key=len)
    assert done == "done"
    assert "is left open there" in refused
    [dispute] = nursery.call("e2e.contest:state", customer=CUSTOMERS[1])
    assert dispute[0] == "new"


def test_two_people_decide_the_same_dispute(nursery):
    together = [
        nursery.start("e2e.contest:decide", customer=CUSTOMERS[1], outcome=outcome)
        for outcome in ("accepted", "rejected")
    ]
    done, refused = sorted((worker.result() for worker in together), key=len)
    assert done == "done"
    assert "and cannot become" in refused
    [[state, outcome, amount, accepted]] = nursery.call(
        "e2e.contest:state", customer=CUSTOMERS[1]
    )
    assert state == outcome
    assert accepted == (amount if state == "accepted" else 0)


def test_two_people_hand_over_the_same_debt(nursery):
    """One of them does, as a draft and for good; the other hears of it."""
    nursery.call("e2e.handing:make_agency")
    for step, refusal in (
        ("draft", "it is handed over already"),
        ("hand_over", "Somebody else is at work on|and cannot become handed over"),
    ):
        together = [
            nursery.start(f"e2e.handing:{step}", customer=CUSTOMERS[2]) for _worker in range(2)
        ]
        done, refused = sorted((worker.result() for worker in together), key=len)
        assert done == "done"
        assert re.search(refusal, refused), refused
    assert nursery.call("e2e.handing:state", customer=CUSTOMERS[2]) == [[["handed_over", 1]], 1]


def test_a_day_is_measured_by_one(nursery):
    """A second worker leaves it to the first; when that dies, the next one measures it once."""
    first = nursery.start("e2e.figures:measure_until_killed")
    nursery.wait_until(lambda: first.phase == "written" or not first.alive)
    assert nursery.call("e2e.figures:measure") is False
    assert first.kill() == "written"
    assert nursery.call("e2e.figures:state")[:2] == [0, 0]
    for _time in range(2):
        assert nursery.call("e2e.figures:measure") is True
        days, rows, measured, ledger = nursery.call("e2e.figures:state")
        assert (days, measured) == (1, ledger)
        assert rows and ledger


def test_figures_are_never_half_written(nursery):
    """A worker dies in each of them, one after the other; the next run is as if none had."""
    day = (TODAY + timedelta(days=1)).isoformat()
    for model, method in (
        ("collection.behaviour", "_update_standing"),
        ("collection.behaviour", "_classify"),  # once they are predicted
        ("collection.forecast.week", "_write_received"),
    ):
        victim = nursery.start(
            "e2e.figures:refresh_until_killed", model=model, method=method, today=day
        )
        nursery.wait_until(lambda victim=victim: victim.phase == "half" or not victim.alive)
        assert victim.kill() == "half"
        assert nursery.call("e2e.figures:figures_of", today=day) == [0, 0, 0, 0]
    nursery.call("e2e.shop:run", today=day)
    behaviours, predictions, items, expected = nursery.call("e2e.figures:figures_of", today=day)
    assert behaviours >= predictions == items >= len(CUSTOMERS)
    assert 0 < expected <= 100 * items
