"""Somebody guesses links and loads pages as fast as they can: limits answer, others are served."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import requests

PAGE = "/my/account-statement"
A_SECOND = 100  # requests
SENDERS = 20
WORKERS = 2
ALLOWED = 30  # links that one address may try in ten minutes
PATIENT = 5  # seconds that the others wait at most


def test_a_hundred_requests_a_second(odoo_db, odoo_process, call_odoo):
    call_odoo(odoo_db, "e2e.shop:open_shop")
    due = str(date.today() - timedelta(days=20))
    call_odoo(odoo_db, "e2e.shop:add_customers", names=["lemaire"], due=due)
    call_odoo(odoo_db, "e2e.shop:run", today=str(date.today()))
    door = call_odoo(odoo_db, "e2e.portal:open_door", customer="lemaire")
    arguments = ("--workers", WORKERS, "--max-cron-threads", 0, "--proxy-mode")
    odoo = odoo_process(odoo_db, *arguments)
    visitor = requests.Session()
    visitor.headers.update(_address("203.0.113.5"))
    assert visitor.get(f"{odoo.url}{door}", timeout=60).ok

    def guess(number):
        return _ask(odoo.url, f"{PAGE}?access_token=guess{number}", "198.51.100.66")

    waits = []
    with ThreadPoolExecutor(SENDERS) as senders:
        flood = [senders.submit(guess, number) for number in range(4 * A_SECOND)]
        while not all(one.done() for one in flood):
            start = time.monotonic()
            page = visitor.get(f"{odoo.url}{PAGE}", timeout=60)
            waits.append(time.monotonic() - start)
            assert page.status_code == 200 and "account_items" in page.text
        statuses = Counter(one.result() for one in flood)
    # Of two attempts in the same moment neither sees the other.
    assert ALLOWED <= statuses[404] < ALLOWED + WORKERS, statuses
    assert statuses[404] + statuses[429] == 4 * A_SECOND, statuses
    assert waits and max(waits) < PATIENT, waits
    kept = call_odoo(odoo_db, "e2e.portal:count_attempts")
    assert kept["link"] == statuses[404] + 1, "a flood fills no table"


def _ask(url, path, address):
    answer = requests.get(f"{url}{path}", headers=_address(address), timeout=60)
    assert not answer.ok
    return answer.status_code


def _address(address):
    """What a proxy says of who asks."""
    return {"X-Forwarded-For": address, "X-Forwarded-Host": "accounts.company.example"}
