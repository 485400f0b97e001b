"""The agreement of an instalment plan leaves once, whoever proposes it and whatever dies."""

from collections import Counter
from datetime import timedelta

import pytest
from e2e.nursery import today

CUSTOMERS = [f"debtor-{number}" for number in range(4)]
GRACE = 1  # second after which a claim that nobody holds is an interruption
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def nursery(shared_db, door, odoo_nursery):
    """Odoo, twice if need be, and customers who want to pay in instalments."""
    opened = odoo_nursery(shared_db, "--smtp-port", door.port)
    opened.call("e2e.shop:open_shop", grace=GRACE)
    due = (today() - timedelta(days=5)).isoformat()
    opened.call("e2e.shop:add_customers", names=CUSTOMERS, due=due)
    opened.call("e2e.agreements:draft", customers=CUSTOMERS)
    # Decided for yesterday: who deals with the departures finds no other work.
    opened.call("e2e.crashing:open_day", today=(today() - timedelta(days=1)).isoformat())
    return opened


def _address(customer):
    return f"{customer}@customer.example"


def test_two_people_propose_the_same_plan(nursery, door):
    first = CUSTOMERS[0]
    together = [
        nursery.start("e2e.agreements:propose_together", customer=first) for _n in range(2)
    ]
    proposed, refused = sorted((worker.result() for worker in together), key=len)
    assert proposed == "proposed"
    assert "is proposed and cannot become proposed" in refused
    departures = [nursery.start("e2e.shop:depart") for _worker in range(2)]
    for departure in departures:
        departure.result()
    assert door.handler.arrived("X-Envelope-To") == {_address(first): 1}
    assert nursery.call("e2e.agreements:plans", customers=[first]) == {
        first: ["proposed", "sent"]
    }


def test_a_worker_dies_while_it_sends(nursery, door):
    """What it was sending is shown to a person; the others leave, and none leaves twice."""
    others = CUSTOMERS[1:]
    nursery.call("e2e.agreements:propose", customers=others)
    # It is kept, and its sender never hears of it.
    door.handler.delay = lambda address: (0, PATIENCE)
    worker = nursery.start("e2e.crashing:work")
    door.handler.wait_for(2, PATIENCE)
    assert worker.kill() == "smtp"
    door.handler.recover()
    nursery.call("e2e.crashing:finish", seconds=PATIENCE)
    arrived = door.handler.arrived("X-Envelope-To")
    assert arrived == Counter(map(_address, CUSTOMERS)), "each once, the interrupted one too"
    assert set(door.handler.arrived("Message-Id").values()) == {1}
    states = Counter(
        delivery
        for _state, delivery in nursery.call("e2e.agreements:plans", customers=others).values()
    )
    assert states == {"sent": 2, "unconfirmed": 1}
    events = {
        tuple(reminder["events"])
        for reminder in nursery.call("e2e.shop:reminders", names=others)
    }
    assert events == {
        ("prepared", "claimed", "sent"),
        ("prepared", "claimed", "unconfirmed"),
    }
