"""From the previous release to this one: nothing is lost, and a run decides the same."""

import shutil
import subprocess
from datetime import date, timedelta

import pytest

from lib import databases, inside, odoo, paths

#: The commit of version 19.0.1.0.0.
PREVIOUS = "27d1785"
LATER = 8  # days


@pytest.fixture(scope="module")
def previous_release(tmp_path_factory):
    """A folder with the add-ons of the previous release, from this checkout's history."""
    folder = tmp_path_factory.mktemp("previous")
    archive = folder / "addons.tar"
    command = ["git", "archive", "--output", archive, PREVIOUS]
    names = ["account_collections", "account_collections_sale"]
    result = subprocess.run([*command, *names], cwd=paths.ROOT, capture_output=True, text=True)
    if result.returncode:
        pytest.skip(f"The history of this checkout has no {PREVIOUS}: {result.stderr.strip()}")
    shutil.unpack_archive(archive, folder)
    return folder


def test_an_upgrade_loses_nothing(server, previous_release, smtp_sink):
    today = date.today()
    later = (today + timedelta(days=LATER)).isoformat()
    base = databases.dependencies(server, demo=False)
    with databases.temporary(server, base, "upgrade") as name:
        with odoo.release(previous_release):
            install(server, name, "--init")
            before = inside.call(
                server, name, "e2e.previous:collect",
                today=today.isoformat(), smtp_port=smtp_sink.port,
            )  # fmt: skip
            with databases.temporary(server, name, "stays") as copy:
                decided = inside.call(server, copy, "e2e.previous:decide", today=later)
        sent = check_story(before, decided)
        assert count_to_customers(smtp_sink.handler.messages) == sent

        install(server, name, "--update")
        after, evidence, decided_after = inside.call(
            server, name, "e2e.previous:go_on", today=later
        )
        assert after.keys() == before.keys()
        for customer, seen in before.items():
            for what in seen:
                assert after[customer][what] == seen[what], f"{what} of {customer}"
        outcome, problems, events, sealed, proved = evidence
        assert (outcome, problems) == ("sound", [])
        assert events == sealed > 0
        assert proved == sent, "what left before is proved from now on"
        assert decided_after == decided


def count_to_customers(mails):
    return sum(mail.rcpt_tos[0].endswith("@customer.example") for mail in mails)


def check_story(before, decided):
    """The previous release did what the story is about, or nothing would be shown.

    :return: how many reminders left
    """
    states = {name: [one[0] for one in seen["reminders"]] for name, seen in before.items()}
    assert states["Alpha"] == states["Zeta"] == states["Epsilon"] == ["sent"]
    assert states["Gamma"] == ["withdrawn"]
    assert states["Delta"] == []
    assert before["Beta"]["pauses"]
    assert before["Alpha"]["evidence"][-1][0] == "answered"
    assert decided["Beta"][2] == "hold"
    assert any(reminders for *_rest, reminders in decided.values()), "a later run reminds"
    return sum(state == ["sent"] for state in states.values())


def install(server, name, how):
    """Install or update our add-ons, of the release that is worked with."""
    names = ",".join(folder.name for folder in odoo.addons())
    log = paths.LOGS / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("a") as handle:
        result = odoo.run(
            server, "--database", name, how, names, "--stop-after-init", "--no-http",
            stdout=handle, stderr=handle,
        )  # fmt: skip
    assert not result.returncode, log.read_text()[-4000:]
