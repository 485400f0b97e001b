"""A customer who is impatient clicks twice, and several workers serve: it counts once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import requests

PAGE = "/my/account-statement"
CLICKS = 4


def test_forms_sent_at_the_same_moment_count_once(odoo_db, odoo_process, call_odoo):
    call_odoo(odoo_db, "e2e.shop:open_shop")
    due = str(date.today() - timedelta(days=20))
    for name in ("lemaire", "martin"):
        call_odoo(odoo_db, "e2e.shop:add_customers", names=[name], due=due)
    call_odoo(odoo_db, "e2e.shop:run", today=str(date.today()))
    doors = {
        name: call_odoo(odoo_db, "e2e.portal:open_door", customer=name)
        for name in ("lemaire", "martin")
    }
    odoo = odoo_process(odoo_db, "--workers", 2, "--max-cron-threads", 0)

    lemaire = _enter(odoo.url, doors["lemaire"])
    page = lemaire.get(f"{odoo.url}{PAGE}").text
    item = re.search(rf"{PAGE}/contest\?case=\d+&amp;item=\d+", page)[0].replace("&amp;", "&")
    shown = lemaire.get(f"{odoo.url}{item}").text
    reason = re.search(r'name="reason"[^>]*value="(\d+)"', shown)[1]
    _click(lemaire, odoo.url, "/contest", shown, reason=reason, amount="40", text="Ten missing")
    shown = lemaire.get(f"{odoo.url}{PAGE}/message").text
    _click(lemaire, odoo.url, "/message", shown, text="Hello")
    asked = call_odoo(odoo_db, "e2e.portal:count_requests", customer="lemaire")
    assert asked == {"disputes": 1, "promises": 0, "plans": 0, "messages": 1}

    martin = _enter(odoo.url, doors["martin"])
    shown = martin.get(f"{odoo.url}{PAGE}/promise").text
    day = str(date.today() + timedelta(days=3))
    _click(martin, odoo.url, "/promise", shown, amount="100", date=day)
    shown = martin.get(f"{odoo.url}{PAGE}/instalments").text
    _click(martin, odoo.url, "/instalments", shown, count="12", date=day)
    asked = call_odoo(odoo_db, "e2e.portal:count_requests", customer="martin")
    assert asked == {"disputes": 0, "promises": 1, "plans": 1, "messages": 1}


def _enter(url, door):
    visitor = requests.Session()
    assert visitor.get(f"{url}{door}").ok
    return visitor


def _click(visitor, url, path, shown, **typed):
    """Send the form that is shown several times at once; all answers lead to the same page."""
    form = shown.rpartition("<form")[2]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))

    def send(_click):
        return requests.post(
            f"{url}{PAGE}{path}",
            data={**hidden, "name": "Anne Lemaire", **typed},
            cookies=visitor.cookies.get_dict(),
            allow_redirects=False,
        )

    with ThreadPoolExecutor(CLICKS) as clicks:
        answers = list(clicks.map(send, range(CLICKS)))
    assert [answer.status_code for answer in answers] == [303] * CLICKS, answers[0].text
    assert len({answer.headers["Location"] for answer in answers}) == 1
