"""A customer with a phone: a real browser, which reads mail and follows its links."""

import contextlib
import re
from pathlib import Path

import pytest

from lib import testing

PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000  # milliseconds


@contextlib.contextmanager
def browsing(**options):
    """Yield a page of a browser that knows nobody yet.

    Without Chromium the test is skipped, with a sentence that says so.
    """
    program = testing.find_browser()
    if not program:
        pytest.skip("there is no Chromium: root can install it with apt")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, **options)
        context.set_default_timeout(PATIENCE)
        try:
            yield context.new_page()
        finally:
            browser.close()


def find_link(mail):
    """The address of the account page in a mail."""
    text = mail.get_body(["html"]).get_content()
    return re.search(r'href="([^"]*/my/account-statement\?access_token=[^"]*)"', text).group(1)


def confirm(page, number):
    """Name a document, as a visitor by link is asked to."""
    page.fill("#answer", number)
    page.click("main button[type=submit]")
    page.wait_for_selector("#account_items")


def tick(page, *numbers):
    for number in numbers:
        page.check(f"tr:has-text('{number}') input[name=item]")


def read_file(download):
    """The content of a file that was downloaded."""
    return Path(download.path()).read_bytes()


def is_too_wide(page):
    """Whether one has to scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


#: Clicks on Pay so many times at once; returns the references of what was begun.
CLICKS = """
async (times) => {
    const form = document.querySelector("#o_payment_form").dataset;
    const way = document.querySelector("input[name=o_payment_radio]:checked").dataset;
    const params = {
        provider_id: parseInt(way.providerId),
        payment_method_id: parseInt(way.paymentOptionId),
        amount: parseFloat(form.amount),
        access_token: form.accessToken,
        flow: "direct",
    };
    const click = async () => {
        const answer = await fetch(form.transactionRoute, {
            method: "POST",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", params}),
        });
        return (await answer.json()).result.reference;
    };
    return Promise.all(Array.from({length: times}, click));
}
"""


def click_at_once(page, times):
    """Begin the payment of a page so many times in the same moment; return the references."""
    return page.evaluate(CLICKS, times)
