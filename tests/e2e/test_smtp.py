"""What customers get from a real Odoo through a real SMTP server, and what becomes of answers.

Odoo serves with its scheduled actions; a credit manager works through its external API, answers
come in as Odoo's mail gateway brings them.
"""

import base64
from datetime import timedelta
from email.message import EmailMessage

import pytest
from e2e.nursery import OURS, today
from e2e.people import Person, wait_for

from lib import odoo_log, pdf

COLLECTIONS = "collections@company.example"
NAMES = ["anna", "bert", "carla"]
NOTE = "Détail.txt"


@pytest.fixture(scope="module")
def shop(shared_db, door, odoo_nursery):
    """A company with three late customers, ready for its first day."""
    nursery = odoo_nursery(shared_db, "--smtp-port", door.port)
    nursery.call("e2e.shop:open_shop", statements=True)
    due = (today() - timedelta(days=5)).isoformat()
    nursery.call("e2e.shop:add_customers", names=NAMES, due=due)
    return nursery


def test_a_day_by_mail(shop, shared_db, door, odoo_process):
    served = odoo_process(shared_db, "--smtp-port", door.port)
    keys = {login: shop.call("e2e.shop:api_key", login=login) for login in ("admin", "boss")}
    boss = Person(served.url, shared_db, keys["boss"])
    gateway = Person(served.url, shared_db, keys["admin"])

    prepared = boss.run_now()
    _edit(boss, prepared["carla"])
    assert not door.handler.messages, "nothing leaves before the hour of departure"
    boss.send_now()
    wait_for(lambda: len(boss.reminders("sent")) == len(NAMES), "the departure")
    sent = boss.reminders("sent")
    mails = {mail["X-Envelope-To"].split("@")[0]: mail for mail in door.handler.messages}
    assert sorted(mails) == sorted(sent) == NAMES
    assert len(door.handler.messages) == len(NAMES)
    for name in NAMES:
        _check_mail(mails[name], sent[name])
    assert _attachments(mails["carla"])[-1:] == [NOTE]
    assert set(shop.call("e2e.shop:mails")) == {"sent"}, "something waits in Odoo's own queue"

    _answer(gateway, mails["anna"])
    _write_unprompted(gateway, mails["bert"])
    assert _read_conversations(boss) == {
        "anna": [mails["anna"]["Subject"], "From a colleague of anna"],
        "bert": [mails["bert"]["Subject"], "Out of the blue"],
        "carla": ["Dear carla"],
    }
    waiting = boss.read("collection.case", [("unanswered_since", "!=", False)], "display_name")
    assert {case["display_name"] for case in waiting} == {"anna", "bert"}
    assert not odoo_log.read(served.log.read_text(), OURS).complaints


def _edit(boss, reminder):
    """The credit manager writes another subject and adds a file."""
    content = base64.b64encode(b"two pallets").decode()
    [note] = boss("ir.attachment", "create", vals_list=[{"name": NOTE, "datas": content}])
    boss(
        "collection.reminder",
        "write",
        [reminder["id"]],
        vals={"subject": "Dear carla", "attachment_ids": [(4, note)]},
    )


def _check_mail(mail, reminder):
    """One mail to the customer, from the one address with the owner's name."""
    assert mail["X-Envelope-To"] == reminder["email"]
    assert [address.addr_spec for address in mail["To"].addresses] == [reminder["email"]]
    [sender] = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Claire Collet", COLLECTIONS)
    assert mail["Reply-To"] == COLLECTIONS
    assert mail["Message-Id"] == reminder["message_id"]
    assert mail["Subject"] == reminder["subject"]
    assert "$\xa0100.00" in mail.get_body(["plain"]).get_content()
    statements = [name for name in _attachments(mail) if name.startswith("Statement of account")]
    assert len(statements) == pdf.available()


def _attachments(mail):
    """The names of the files; what the text itself shows, as the code of a link, is none."""
    return [
        part.get_filename() for part in mail.iter_attachments() if not part["Content-ID"]
    ]


def _answer(gateway, mail):
    """Somebody else at the customer answers what they got."""
    reply = EmailMessage()
    reply["From"] = "Paul <paul@elsewhere.example>"
    reply["To"] = mail["Reply-To"]
    reply["In-Reply-To"] = reply["References"] = mail["Message-Id"]
    reply["Subject"] = "From a colleague of anna"
    reply["Message-Id"] = "<1@elsewhere.example>"
    reply.set_content("We pay on Friday.")
    _bring(gateway, reply)


def _write_unprompted(gateway, mail):
    """A customer writes to the collections address, with no reference to what they got."""
    letter = EmailMessage()
    letter["From"] = mail["To"]
    letter["To"] = COLLECTIONS
    letter["Subject"] = "Out of the blue"
    letter["Message-Id"] = "<2@customer.example>"
    letter.set_content("Which invoice do you mean?")
    _bring(gateway, letter)


def _bring(gateway, mail):
    """Do as Odoo's mail gateway does."""
    gateway("mail.thread", "message_process", model=False, message=mail.as_string())


def _read_conversations(boss):
    """{customer: subjects of the messages on their case, in order}"""
    cases = boss.read("collection.case", [], "display_name")
    domain = [("model", "=", "collection.case"), ("message_type", "in", ["comment", "email"])]
    messages = boss.read("mail.message", domain, "res_id", "subject")
    messages.sort(key=lambda message: message["id"])
    return {
        case["display_name"]: [
            message["subject"] for message in messages if message["res_id"] == case["id"]
        ]
        for case in cases
    }
