"""What comes back by mail changes what the next run decides, or does not.

Reminders leave through a real SMTP server; a bounce, a reply and an automatic answer to them are
brought to Odoo's mail gateway as its mail server would.
"""

from datetime import timedelta
from email import message_from_string
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from e2e.nursery import today

COLLECTIONS = "collections@company.example"
#: The first address is unknown, then come a person, a machine, and silence.
BOUNCES, REPLIES, IS_AWAY, IS_SILENT = NAMES = ["anna", "bert", "carla", "dora"]


@pytest.fixture(scope="module")
def shop(shared_db, door, odoo_nursery):
    """Four late customers who were all reminded today, and again two days later if need be."""
    nursery = odoo_nursery(shared_db, "--smtp-port", door.port)
    nursery.call("e2e.shop:open_shop")
    nursery.call("e2e.shop:set_pace", days=1)
    due = (today() - timedelta(days=8)).isoformat()
    nursery.call("e2e.shop:add_customers", names=NAMES, due=due)
    return nursery


def test_what_comes_back_and_what_the_next_run_makes_of_it(shop, door):
    shop.call("e2e.shop:run", today=today().isoformat())
    shop.call("e2e.shop:make_due", names=NAMES)
    shop.call("e2e.shop:depart")
    mails = {mail["X-Envelope-To"].split("@")[0]: mail for mail in door.handler.messages}
    assert sorted(mails) == NAMES
    for mail in (
        _bounce(mails[BOUNCES]),
        _answer(mails[REPLIES], "We pay on Friday."),
        _answer(mails[IS_AWAY], "I am back in May.", ("Auto-Submitted", "auto-replied")),
    ):
        shop.call("e2e.shop:receive", mail=mail.as_string())

    reminders = {one["customer"]: one for one in shop.call("e2e.shop:reminders")}
    assert {name: one["state"] for name, one in reminders.items()} == {
        BOUNCES: "returned", REPLIES: "sent", IS_AWAY: "sent", IS_SILENT: "sent",
    }  # fmt: skip
    assert shop.call("e2e.shop:waiting_for_an_answer") == [REPLIES]
    # filed all the same
    assert mails[IS_AWAY]["Subject"] in shop.call("e2e.shop:subjects", name=IS_AWAY)[1:]

    assert _decide(shop, days=2) == {
        # nothing reached it by mail: a person takes the same level over
        BOUNCES: ["remind", "level_called_no_address", 20],
        REPLIES: ["hold", "hold", 30],
        IS_AWAY: ["remind", "level_called", 30],
        IS_SILENT: ["remind", "level_called", 30],
    }
    # three days later nobody has said that it was answered: the scenario goes on
    assert _decide(shop, days=4)[REPLIES] == ["remind", "level_called", 30]


def _decide(shop, days):
    """{customer: [outcome, reason, rank]} of a run so many days from now."""
    shop.call("e2e.shop:run", today=(today() + timedelta(days=days)).isoformat())
    return shop.call("e2e.shop:decided_levels")


def _answer(mail, words, *headers):
    """What somebody, or something, at the customer sends back."""
    answer = EmailMessage()
    answer["From"] = mail["To"]
    answer["To"] = mail["Reply-To"]
    answer["In-Reply-To"] = answer["References"] = mail["Message-Id"]
    answer["Subject"] = f"Re: {mail['Subject']}"
    answer["Message-Id"] = f"<answer-{mail['X-Envelope-To']}>"
    for name, value in headers:
        answer[name] = value
    answer.set_content(words)
    return answer


def _bounce(mail):
    """What the mail server of a customer sends back when it knows nobody of that name."""
    report = message_from_string(
        "Content-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; {mail['X-Envelope-To']}\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    )
    bounce = MIMEMultipart("report", report_type="delivery-status")
    bounce["Return-Path"] = "<>"
    bounce["From"] = "MAILER-DAEMON@mail.example"
    bounce["To"] = COLLECTIONS
    bounce["Subject"] = "Undelivered Mail Returned to Sender"
    bounce["Message-Id"] = f"<bounce-{mail['X-Envelope-To']}>"
    bounce.attach(MIMEText("The mail system: your message could not be delivered."))
    bounce.attach(report)
    bounce.attach(MIMEMessage(mail))
    return bounce
