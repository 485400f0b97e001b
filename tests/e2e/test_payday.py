"""From a reminder to the money: the mail, its link, a payment, the ledger, silence, thanks.

Odoo is served to a real browser; mail leaves through a real SMTP server.
"""

from datetime import timedelta

import pytest
from e2e import visitor
from e2e.nursery import OURS, today
from e2e.people import Person, wait_for

from lib import odoo_log

NAME = "anna"


@pytest.fixture(scope="module")
def shop(shared_db, door, odoo_nursery):
    """A company with Inventory, and a customer who owes three invoices, one of them of goods."""
    nursery = odoo_nursery(shared_db, "--smtp-port", door.port)
    nursery.call("e2e.shop:open_shop")
    due = (today() - timedelta(days=5)).isoformat()
    nursery.call("e2e.shop:add_customers", names=[NAME], due=due)
    nursery.call("e2e.payday:add_invoice", name=NAME, due=due)
    return nursery


@pytest.fixture(scope="module")
def goods(shop):
    """Numbers of the invoice of the goods, of their order and of their delivery."""
    due = (today() - timedelta(days=5)).isoformat()
    return shop.call("e2e.warehouse:deliver_and_invoice", name=NAME, due=due)


def test_a_payables_clerk_without_a_login_pays_two_items_on_a_phone(
    shop, goods, shared_db, door, odoo_process
):
    served = odoo_process(shared_db, "--smtp-port", door.port)
    shop.call("e2e.payday:open_till", url=served.url)
    boss = Person(served.url, shared_db, shop.call("e2e.shop:api_key", login="boss"))
    boss.run_now()
    boss.send_now()
    wait_for(lambda: boss.reminders("sent"), "the departure")
    [reminder] = door.handler.messages
    first, second, third = shop.call("e2e.payday:documents", name=NAME)
    assert third == goods[0]

    with visitor.browsing() as page:
        page.goto(visitor.find_link(reminder))
        visitor.confirm(page, first)
        assert not visitor.is_too_wide(page)
        _download_papers(page, *goods)
        visitor.tick(page, first, second)
        page.click("#account_pay button:has-text('Pay the ticked items')")
        assert "200.00" in page.inner_text("#pay_total")
        assert not visitor.is_too_wide(page)
        _pay(page)
        assert "Thank you" in page.inner_text("h1")
        assert not visitor.is_too_wide(page)
        page.click("text=Back to my account")
        assert first not in page.inner_text("#account_items")

    assert list(shop.call("e2e.payday:documents", name=NAME).values()) == [0, 0, 100]
    assert shop.call("e2e.payday:payments", name=NAME) == [["done", 100, True]] * 2

    with visitor.browsing(locale="en-US") as page:
        page.goto(visitor.find_link(reminder))
        visitor.confirm(page, third)
        page.click("#account_pay button:has-text('Pay all')")
        assert "100.00" in page.inner_text("#pay_total")
        assert len(set(visitor.click_at_once(page, 4))) == 1, "clicks at once are one payment"
        _pay(page)
        assert "Thank you" in page.inner_text("h1")
        page.click("text=Back to my account")
        assert "Nothing is open" in page.inner_text("#account_open")

    assert len(shop.call("e2e.payday:payments", name=NAME)) == 3
    _check_silence_and_thanks(shop, door)
    assert not odoo_log.read(served.log.read_text(), OURS).complaints


def _download_papers(page, invoice, order, delivery):
    """The statement, and what goes with an invoice: the order, and the proof that it came."""
    _download(page, "#account_downloads a:has-text('PDF')", b"%PDF")
    _download(page, "#account_downloads a:has-text('XLSX')", b"PK")
    page.click(f"tr:has-text('{invoice}') >> text=Documents")
    page.wait_for_selector("#account_files")
    assert not visitor.is_too_wide(page)
    for label in (f"Delivery note {delivery}, signed", f"Order {order}", f"Invoice {invoice}"):
        _download(page, f"#account_files a:has-text('{label}')", b"%PDF")
    page.click("text=Back to the account")
    page.wait_for_selector("#account_items")


def _download(page, link, start):
    with page.expect_download() as downloading:
        page.click(link)
    assert visitor.read_file(downloading.value).startswith(start), link


def _pay(page):
    """Odoo's own payment form, with its demo provider."""
    page.fill("#customer_input", "4242 4242 4242 4242")
    page.click("button[name=o_payment_submit_button]:not([disabled])")
    page.wait_for_url("**/my/account-statement/paid/**")


def _check_silence_and_thanks(shop, door):
    """The next day nobody is dunned, and the customer is thanked."""
    known = len(door.handler.messages)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    shop.call("e2e.shop:run", today=tomorrow)
    assert shop.call("e2e.shop:decisions") == {NAME: ["remind", "thanks_called"]}
    shop.call("e2e.payday:depart_on", day=tomorrow)
    [thanks] = door.handler.messages[known:]
    assert "thank you for your payment" in thanks["Subject"]
