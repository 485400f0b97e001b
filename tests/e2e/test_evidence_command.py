"""The evidence is verified from the command line, for scheduled checks from outside."""

import json
import subprocess
from datetime import timedelta

import pytest
from e2e import nursery

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
    today = nursery.today()
    call_odoo(odoo_db, "e2e.shop:open_shop")
    call_odoo(odoo_db, "e2e.proofs:use_mail_server", port=smtp_sink.port)
    due = (today - timedelta(days=10)).isoformat()
    call_odoo(odoo_db, "e2e.shop:add_customers", names=["alpha"], due=due)
    call_odoo(odoo_db, "e2e.shop:run", today=today.isoformat())
    call_odoo(odoo_db, "e2e.shop:make_due", names=["alpha"])
    call_odoo(odoo_db, "e2e.shop:depart")
    assert len(smtp_sink.handler.messages) == 1
    call_odoo(odoo_db, "e2e.proofs:seal")
    code, said = verify(odoo_db)
    assert (code, "sound" in said) == (0, True), said

    call_odoo(odoo_db, "e2e.proofs:tamper")
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
