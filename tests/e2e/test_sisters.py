"""Several workers map debtors, and write to customers of two companies, in the same minute."""

from datetime import timedelta

import pytest
from e2e.nursery import today

CUSTOMERS = [f"customer-{number:03}" for number in range(40)]
TODAY = today()
DUE = (TODAY - timedelta(days=5)).isoformat()


@pytest.fixture(scope="module")
def nursery(shared_db, door, odoo_nursery):
    """Odoo, as often as need be, and two companies whose customers owe both."""
    opened = odoo_nursery(shared_db, "--smtp-port", door.port)
    opened.call("e2e.shop:open_shop")
    opened.call("e2e.shop:add_customers", names=CUSTOMERS, due=DUE)
    opened.call("e2e.sisters:open_sister", name="Sister", amount=70, due=DUE)
    return opened


def test_workers_that_map_together_agree(nursery):
    nursery.call("e2e.sisters:map_debtors")
    true = nursery.call("e2e.sisters:debtors")
    assert len(true) == 2 * len(CUSTOMERS)
    assert all(customer == debtor for _company, customer, debtor in true)
    nursery.call("e2e.sisters:scramble")
    assert nursery.call("e2e.sisters:debtors") != true
    together = [nursery.start("e2e.sisters:map_debtors") for _worker in range(3)]
    for worker in together:
        worker.result()
    assert nursery.call("e2e.sisters:debtors") == true


def test_a_customer_of_two_companies_hears_of_one_a_day(nursery, door):
    """Both companies decided without knowing of each other; two workers deliver."""
    together = [nursery.start("e2e.sisters:run_all", today=TODAY.isoformat()) for _w in range(2)]
    for run in together:
        run.result()
    nursery.call("e2e.sisters:make_all_due")
    workers = [nursery.start("e2e.sisters:depart_all") for _worker in range(2)]
    for worker in workers:
        worker.result()
    # What one worker found taken by the other leaves with the next departure.
    nursery.call("e2e.sisters:depart_all")
    sent = nursery.call("e2e.sisters:sent_by_customer")
    assert sorted(sent) == CUSTOMERS
    assert {len(companies) for companies in sent.values()} == {1}
    arrived = door.handler.arrived("X-Envelope-To")
    assert set(arrived.values()) == {1}
