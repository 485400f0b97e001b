"""The mail server has a bad day: the others still leave, nothing is lost, nothing doubles."""

import itertools
from datetime import timedelta
from email.message import EmailMessage

import pytest
from e2e.nursery import today

TODAY = today()
# what Odoo itself says when a mail does not leave, and when two workers reach for the same row
# in the same instant: one of them steps back
ODOO_SAYS = (
    r"mail\.models\.mail_mail: (failed sending mail|Exception while processing mail)"
    r"|bad query.*could not serialize access"
)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def nursery(shared_db, door, odoo_nursery):
    """Odoo beside the SMTP server."""
    opened = odoo_nursery(shared_db, "--smtp-port", door.port)
    opened.call("e2e.shop:open_shop")
    yield opened
    assert not opened.complaints(ODOO_SAYS)


class Customers:
    """Four customers whose reminders are to leave now, and what becomes of them."""

    def __init__(self, nursery, post_office):
        number = next(_numbers)
        self.names = [f"{name}-{number}" for name in ("anna", "bert", "carla", "dora")]
        self._nursery = nursery
        self._post_office = post_office
        due = (TODAY - timedelta(days=5)).isoformat()
        nursery.call("e2e.shop:add_customers", names=self.names, due=due)
        # decided for yesterday, they leave at once
        nursery.call("e2e.shop:run", today=(TODAY - timedelta(days=1)).isoformat())

    def reminders(self, *names):
        """The one reminder of each of these customers, or of all."""
        names = list(names) or self.names
        found = self._nursery.call("e2e.shop:reminders", names=names)
        assert [reminder["customer"] for reminder in found] == names
        return found

    def depart(self, *names):
        """Let leave what is due and return the reminders of these customers, or of all."""
        self._nursery.call("e2e.shop:depart")
        return self.reminders(*names)

    def make_due(self):
        self._nursery.call("e2e.shop:make_due", names=self.names)

    def send_again(self, reminder):
        self._nursery.call("e2e.shop:send_again", reminders=[reminder["id"]])

    def decide(self, reminder, day):
        """What a run of that day decides for the customer of a reminder."""
        self._nursery.call("e2e.shop:run", today=day.isoformat())
        return self._nursery.call("e2e.shop:decisions")[reminder["customer"]]

    def repair(self, reminder):
        """A person says that the address works; return what the next run lets leave."""
        self._nursery.call("e2e.shop:repair_address", name=reminder["customer"])
        # decided for tomorrow, it is made to leave at once
        self.decide(reminder, TODAY + timedelta(days=1))
        self.make_due()
        self._nursery.call("e2e.shop:depart")
        return self._nursery.call("e2e.shop:reminders", names=[reminder["customer"]])[-1]

    def arrived(self, reminder):
        return self._post_office.arrived("X-Envelope-To")[reminder["email"]]

    def answer(self, reminder):
        """Somebody unknown answers, and it comes to the case."""
        mail = EmailMessage()
        mail["From"] = "Paul <paul@elsewhere.example>"
        mail["To"] = "collections@company.example"
        mail["In-Reply-To"] = reminder["message_id"]
        mail["Message-Id"] = f"<{reminder['id']}@elsewhere.example>"
        mail["Subject"] = f"Answer to {reminder['id']}"
        mail.set_content("We pay on Friday.")
        self._nursery.call("e2e.shop:receive", mail=mail.as_string())
        subjects = self._nursery.call("e2e.shop:subjects", name=reminder["customer"])
        assert mail["Subject"] in subjects

    def deal_with(self, reminder):
        self._nursery.call("e2e.shop:deal_with_answer", name=reminder["customer"])

    def check_left(self, reminders):
        """They were sent, and each of them arrived once."""
        for reminder in reminders:
            assert reminder["state"] == "sent", reminder
            assert (reminder["posted"], reminder["failure"]) == (1, "")
            assert self.arrived(reminder) == 1
        # Odoo's own queue has nothing that it could send behind our back
        assert set(self._nursery.call("e2e.shop:mails")) <= {"sent"}

    def check_held(self, reminder, *days):
        """Runs leave the case alone, and no departure touches its reminder."""
        name = reminder["customer"]
        for day in days:
            self._nursery.call("e2e.shop:run", today=day.isoformat())
            assert self._nursery.call("e2e.shop:decisions")[name] == ["hold", "stuck"]
        [now] = self.depart(name)
        assert (now["state"], now["events"]) == (reminder["state"], reminder["events"])


@pytest.fixture
def customers(nursery, door):
    yield Customers(nursery, door.handler)
    door.handler.recover()


def test_one_recipient_is_refused(customers, door):
    post_office = door.handler
    address = f"{customers.names[1]}@customer.example"
    post_office.refuse[address] = ["550 5.1.1 Nobody of that name here"] * 2
    anna, bert, *others = customers.depart()
    customers.check_left([anna, *others])
    assert (bert["state"], bert["posted"]) == ("returned", 0)
    assert bert["failure"] == "550 5.1.1 Nobody of that name here"
    assert bert["events"][-1] == "returned"
    # nobody was reminded: until a person has repaired the address, the same level is a task
    assert customers.decide(bert, TODAY) == ["remind", "level_called_no_address"]
    assert customers.arrived(bert) == 0
    post_office.refuse.clear()
    again = customers.repair(bert)
    assert (again["rank"], again["state"]) == (bert["rank"], "sent")
    assert customers.arrived(bert) == 1


def test_the_server_refuses_us_and_not_the_recipient(customers, door):
    """Another enhanced code than that of an unknown recipient: a person looks at it."""
    address = f"{customers.names[1]}@customer.example"
    door.handler.refuse[address] = ["550 5.7.1 Your server is listed"] * 2
    anna, bert, *others = customers.depart()
    customers.check_left([anna, *others])
    assert (bert["state"], bert["posted"]) == ("failed", 0)
    # the next level, which the others will have reached, waits as well
    customers.check_held(bert, TODAY, TODAY + timedelta(days=10))
    assert customers.arrived(bert) == 0
    door.handler.refuse.clear()
    customers.send_again(bert)
    customers.check_left(customers.depart(bert["customer"]))


@pytest.mark.parametrize("answer", ["450 4.2.0 Greylisted", "421 4.3.2 Shutting down"])
def test_server_says_later(customers, door, answer):
    address = f"{customers.names[2]}@customer.example"
    door.handler.refuse[address] = [answer]
    anna, bert, carla, dora = customers.depart()
    customers.check_left([anna, bert, dora])
    assert (carla["state"], carla["attempts"], carla["failure"]) == ("scheduled", 1, answer)
    assert 18 < carla["minutes_left"] < 22
    # nothing moves before its time
    assert customers.depart()[2]["attempts"] == 1
    customers.make_due()
    customers.check_left(customers.depart())


def test_server_always_says_later(customers, door):
    address = f"{customers.names[2]}@customer.example"
    door.handler.refuse[address] = ["450 4.2.0 Greylisted"] * 3
    for attempt in (1, 2, 3):
        anna, bert, carla, dora = customers.depart()
        assert carla["attempts"] == attempt
        customers.make_due()
    customers.check_left([anna, bert, dora])
    assert carla["state"] == "failed"
    customers.check_held(carla, TODAY)


def test_connection_refused(customers, door):
    door.stop()
    for reminder in customers.depart():
        assert (reminder["state"], reminder["attempts"]) == ("scheduled", 1)
        assert "refused" in reminder["failure"]
        assert 18 < reminder["minutes_left"] < 22
        assert reminder["posted"] == 0
    door.reopen()
    customers.make_due()
    customers.check_left(customers.depart())


def test_routed_report(customers, nursery, door):
    """The server away, it is kept and counted; refused for one reader, it reaches the other."""
    readers = ("anne", "benoit")
    nursery.call("e2e.figures:route", readers=readers)
    door.stop()
    states, stuck = nursery.call("e2e.figures:send_reports")
    assert (set(states.values()), stuck) == ({"exception"}, 2)
    door.reopen()
    door.handler.refuse["anne@company.example"] = ["550 5.1.1 Nobody of that name here"]
    states, stuck = nursery.call("e2e.figures:send_reports")
    assert (states, stuck) == ({"anne": "exception", "benoit": "sent"}, 1)
    states, stuck = nursery.call("e2e.figures:send_reports")
    assert (states, stuck) == (dict.fromkeys(readers, "sent"), 0)
    arrived = [message["X-Envelope-To"] for message in door.handler.messages]
    assert [arrived.count(f"{name}@company.example") for name in readers] == [1, 1]


@pytest.mark.parametrize("moment, arrived", [("middle", 0), ("end", 1)])
def test_connection_breaks(customers, door, moment, arrived):
    """While the message is on its way, or after its end and before the answer: who knows?"""
    post_office = door.handler
    post_office.cut[f"{customers.names[3]}@customer.example"] = moment
    *others, dora = customers.depart()
    customers.check_left(others)
    assert (dora["state"], dora["posted"]) == ("unconfirmed", 0)
    assert dora["failure"]
    assert customers.arrived(dora) == arrived
    # no machine sends it again
    customers.check_held(dora, TODAY)
    assert customers.arrived(dora) == arrived
    # whoever got it may answer, from any address; reminders wait until that is dealt with
    customers.answer(dora)
    customers.deal_with(dora)
    customers.send_again(dora)
    again = customers.depart()[3]
    assert (again["state"], again["message_id"]) == ("sent", dora["message_id"])
    # whoever has both can tell that they are one
    assert post_office.arrived("Message-Id")[dora["message_id"]] == arrived + 1


def test_slow_server(customers, nursery, door):
    """A departure takes as long as the server does; a second one meanwhile doubles nothing."""
    door.handler.delay = lambda address: (0.5, 0.5)
    departures = [nursery.start("e2e.shop:depart") for _worker in range(2)]
    for departure in departures:
        departure.result()
    customers.check_left(customers.reminders())
