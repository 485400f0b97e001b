"""Odoo dies at any moment, again and again: no reminder is lost, and none is sent twice unseen."""

import os
import random
import time
from collections import Counter
from datetime import timedelta

import pytest
from e2e.nursery import today
from e2e.people import Person, wait_for

#: What e2e.crashing tells, in the order of the road ('commit' is what follows SMTP), and about how
#: long it takes (seconds): a kill strikes anywhere in it, or soon after.
PHASES = {
    "decide": 0.01, "prepare": 0.01, "claim": 0.01, "post": 0.01, "smtp": 0.05, "commit": 0.002
}  # fmt: skip
CUSTOMERS_A_DAY = 30
#: With --long; a third of it otherwise.
DAYS = 9
KILLS_A_DAY = 3
WORKERS = 2
GRACE = 1  # second
PATIENCE = 200  # seconds for a day's work


@pytest.fixture
def post_office(door):
    """An empty one: who is written to by two tests was written to once by each."""
    door.handler.messages.clear()
    door.handler.recover()
    return door.handler


@pytest.fixture
def say(capsys):
    """``say(text)`` shows figures, whatever pytest captures."""

    def show(text):
        with capsys.disabled():
            print(f"\n{text}", end=" ")

    return show


@pytest.fixture
def seed(say):
    """Another one each time; shown, so that CRASH_SEED can try it again."""
    value = os.environ.get("CRASH_SEED") or str(random.randrange(10**6))
    say(f"seed {value}")
    return value


@pytest.fixture
def days(pytestconfig):
    """Past days: what is decided on them leaves at once."""
    count = DAYS if pytestconfig.getoption("long") else DAYS // 3
    return [today() - timedelta(days=number) for number in range(count, 0, -1)]


def test_killed_workers_lose_nothing_and_repeat_nothing(
    shared_db, door, post_office, odoo_nursery, days, seed, say
):
    post_office.delay = _make_delay(seed)
    nursery = odoo_nursery(shared_db, "--smtp-port", door.port)
    customers = _open(nursery, days)
    started = time.monotonic()
    struck = _work_and_kill(nursery, days, random.Random(seed))
    nursery.call("e2e.crashing:finish", seconds=PATIENCE)
    seconds = time.monotonic() - started

    before = nursery.call("e2e.shop:reminders")
    unconfirmed = [reminder for reminder in before if reminder["state"] == "unconfirmed"]
    _check_each_once(before, customers, post_office)
    once = sum(post_office.arrived("Message-Id").values())
    nursery.call("e2e.shop:send_again", reminders=[reminder["id"] for reminder in unconfirmed])
    nursery.call("e2e.crashing:finish", seconds=PATIENCE)

    after = nursery.call("e2e.shop:reminders")
    _check_all_arrived(after, customers, unconfirmed, post_office)
    twice = [key for key, count in post_office.arrived("Message-Id").items() if count > 1]
    kills = sum(struck.values())
    say(
        f"{kills} kills in {seconds:.0f} s {dict(struck)}: {len(customers)} customers, "
        f"{len(after)} reminders, {once} arrived, {len(unconfirmed)} unconfirmed and sent again, "
        f"{len(twice)} of these arrived twice"
    )
    assert kills >= len(days)
    on_the_way = sum(struck[phase] for phase in ("claim", "post", "smtp", "commit"))
    assert len(unconfirmed) <= on_the_way, "only a death makes a machine uncertain"
    if len(days) == DAYS:  # a few kills may miss one
        assert kills >= 20
        assert {"decide", "prepare", "claim", "smtp"} <= set(struck), struck
    # two workers may reach for the same row in the same instant: one of them steps back
    assert not nursery.complaints(expected="bad query.*could not serialize access")


def test_killed_server_goes_on_by_itself(
    odoo_db, door, post_office, odoo_nursery, odoo_process, say
):
    """Odoo as it is served, with its scheduled actions: nobody but they take the work up again."""
    post_office.delay = lambda address: (0.02, 0.02)
    nursery = odoo_nursery(odoo_db, "--smtp-port", door.port)
    nursery.call("e2e.shop:open_shop", grace=GRACE)
    customers = [f"s-{number:03}" for number in range(CUSTOMERS_A_DAY)]
    due = (today() - timedelta(days=5)).isoformat()
    nursery.call("e2e.shop:add_customers", names=customers, due=due)
    key = nursery.call("e2e.shop:api_key", login="boss")

    def serve():
        served = odoo_process(odoo_db, "--smtp-port", door.port)
        return served, Person(served.url, odoo_db, key)

    def see(condition, what):
        """Wait for it, without the minute that the scheduler may sleep."""
        wait_for(lambda: condition() or nursery.call("e2e.shop:wake_scheduler"), what)

    served, boss = serve()
    boss("collection.run", "action_run_now")
    served.kill()
    served, boss = serve()
    see(lambda: boss.read("collection.run", [("state", "=", "done")], "date"), "the run")
    assert boss.send_now() == len(customers)
    for part in (5, 15):
        see(lambda part=part: post_office.count() >= part, "a part of the departure")
        served.kill()
        served, boss = serve()
    see(lambda: not boss.reminders("scheduled") | boss.reminders("sending"), "the rest")
    reminders = nursery.call("e2e.shop:reminders")
    _check_each_once(reminders, customers, post_office)
    unconfirmed = [one["id"] for one in reminders if one["state"] == "unconfirmed"]
    assert len(unconfirmed) <= 2, "one for each kill"
    say(f"{post_office.count()} arrived, {len(unconfirmed)} unconfirmed after 3 kills")


def _make_delay(seed):
    """A server that takes its time, at random, before it keeps a message and before it says so."""
    chance = random.Random(seed)
    return lambda address: (chance.uniform(0, 0.02), chance.uniform(0, 0.04))


def _open(nursery, days):
    """Customers who become due day after day; return their names."""
    nursery.call("e2e.shop:open_shop", grace=GRACE)
    names = []
    for number, day in enumerate(days):
        group = [f"c{number}-{customer:03}" for customer in range(CUSTOMERS_A_DAY)]
        due = day - timedelta(days=3)  # the first level is called on that day
        nursery.call("e2e.shop:add_customers", names=group, due=due.isoformat())
        names += group
    return names


def _work_and_kill(nursery, days, chance):
    """Let the workers live through the days and kill them; return {phase: kills}."""
    struck = Counter()
    workers, aims = [], []
    for day in days:
        nursery.call("e2e.crashing:open_day", today=day.isoformat())
        # every phase as often as the others; in the order of the road, so that a day offers all
        aims = aims or chance.sample(list(PHASES), len(PHASES))
        chosen, aims = aims[:KILLS_A_DAY], aims[KILLS_A_DAY:]
        for phase in sorted(chosen, key=list(PHASES).index):
            workers += [
                nursery.start("e2e.crashing:work") for _missing in range(WORKERS - len(workers))
            ]
            victim = _wait_for(nursery, workers, phase)
            if victim is None:
                break
            time.sleep(chance.uniform(0, PHASES[phase]))
            # now and then the power fails, for all of them
            dying = workers if chance.random() < 0.2 else [victim]
            struck.update(worker.kill() for worker in dying)
            workers = [worker for worker in workers if worker not in dying]
    return struck


def _wait_for(nursery, workers, phase):
    """Return the first worker in that phase, None when the day's work was done without one."""

    def reached():
        assert all(worker.alive for worker in workers), nursery.log.read_text()[-4000:]
        victims = [worker for worker in workers if worker.phase == phase]
        return victims[:1] or all(worker.phase == "idle" for worker in workers)

    news = nursery.wait_until(reached, PATIENCE)
    assert news, [worker.phase for worker in workers]
    return None if news is True else news[0]


def _check_each_once(reminders, customers, post_office):
    """Every due reminder is there once; what a machine sent arrived once, the rest is shown."""
    assert [reminder["customer"] for reminder in reminders] == sorted(customers)
    states = Counter(reminder["state"] for reminder in reminders)
    assert set(states) <= {"sent", "unconfirmed"}, states
    arrived = post_office.arrived("Message-Id")
    twice = {name for name, count in arrived.items() if count > 1}
    assert not twice, [
        (one["id"], one["state"], one["attempts"], one["failure"], one["events"])
        for one in reminders
        if one["message_id"] in twice
    ] or [
        (message["X-Envelope-To"], message["Subject"], message.as_string()[:3000])
        for message in post_office.messages
        if message["Message-Id"] in twice
    ]
    for reminder in reminders:
        sent = reminder["state"] == "sent"
        assert reminder["posted"] == sent, reminder
        assert arrived[reminder["message_id"]] in ((1,) if sent else (0, 1)), reminder
        assert reminder["events"].count("sent") == sent, reminder


def _check_all_arrived(reminders, customers, unconfirmed, post_office):
    """Everybody was reminded, and twice only where a person was asked before."""
    assert not [reminder for reminder in reminders if reminder["state"] != "sent"]
    arrived = post_office.arrived("X-Envelope-To")
    assert set(arrived) == {f"{name}@customer.example" for name in customers}
    asked = {reminder["email"] for reminder in unconfirmed}
    assert {address for address, count in arrived.items() if count > 1} <= asked
    assert max(arrived.values()) <= 2
    claimed = {reminder["message_id"] for reminder in reminders}
    assert set(post_office.arrived("Message-Id")) == claimed
