"""Our own PostgreSQL server, shared by several commands."""

import subprocess
import sys

import psycopg2
import pytest

from lib import databases, mailsink, paths, postgres
from lib.progress import SetupError

USE_IT = (
    "import sys; sys.path.insert(0, 'setup')\n"
    "from lib import databases, postgres\n"
    "with postgres.running() as server: print(databases.exists(server, 'postgres'))\n"
)


def test_one_command_leaving_does_not_stop_the_server_of_another(server):
    result = subprocess.run(
        [sys.executable, "-c", USE_IT], cwd=paths.ROOT, capture_output=True, text=True
    )
    assert result.stdout == "True\n", result.stderr
    assert databases.exists(server, "postgres")


def test_a_server_of_the_environment_is_left_alone(monkeypatch):
    monkeypatch.setenv("PGHOST", "somewhere.example")
    with postgres.running() as variables:
        assert variables == {}


@pytest.fixture
def weak_role(server):
    """A role that may log in and nothing else; dropped afterwards."""
    connection = psycopg2.connect(
        dbname="postgres", host=server.get("PGHOST"), user=server.get("PGUSER")
    )
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("CREATE ROLE test_weak LOGIN")
    yield "test_weak"
    cursor.execute("DROP ROLE test_weak")
    connection.close()


def test_a_role_that_may_not_create_databases_is_named(server, weak_role):
    with pytest.raises(SetupError, match="'test_weak' may not create databases"):
        databases.check_role({**server, "PGUSER": weak_role})
    databases.check_role(server)


def test_a_server_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(mailsink.free_port()))
    with postgres.running() as server, pytest.raises(SetupError, match="^PostgreSQL: [^\n]*$"):
        databases.names(server)
