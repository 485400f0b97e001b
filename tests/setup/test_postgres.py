"""Our own PostgreSQL server, shared by several commands."""

import subprocess
import sys

from lib import databases, paths, postgres

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
