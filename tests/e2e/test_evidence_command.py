"""The evidence is verified from the command line, for scheduled checks from outside."""

import json
import subprocess
from datetime import date

import pytest

from lib import databases, odoo


@pytest.fixture
def verify(server):
    """``verify(database, *arguments)`` runs the command; returns (exit code, what it printed)."""

    def run(database, *arguments):
        result = odoo.run(
            server, "collections_verify", "-d", database, *arguments,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return result.returncode, result.stdout

    return run


def test_the_command_names_what_was_changed(odoo_db, call_odoo, verify, smtp_sink):
    today = date.today()
    call_odoo(odoo_db, "e2e.previous:collect", today=today.isoformat(), smtp_port=smtp_sink.port)
    call_odoo(odoo_db, "e2e.previous:seal")
    code, said = verify(odoo_db)
    assert (code, "sound" in said) == (0, True), said

    call_odoo(odoo_db, "e2e.previous:tamper")
    code, said = verify(odoo_db)
    assert code == 1
    assert "(body) was changed after event" in said
    code, said = verify(odoo_db, "--json")
    [result] = json.loads(said)
    assert (code, result["outcome"]) == (1, "broken")
    code, said = verify(odoo_db, "--company", "999999")
    assert code == 2, "there is no such company"


def test_a_database_without_collections(server, verify):
    with databases.temporary(server, databases.dependencies(server, False), "bare") as name:
        code, said = verify(name)
    assert code == 2
    assert "not installed" in said
