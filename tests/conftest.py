"""What the tests share: a database server and data, had only when a test asks for them."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "setup"))


@pytest.fixture(scope="session")
def server():
    """The environment variables (PGHOST…) of a PostgreSQL server that runs during the tests."""
    from lib import postgres

    with postgres.running() as variables:
        yield variables


@pytest.fixture(scope="session")
def collections_data():
    """The folder of real ledgers named by COLLECTIONS_DATA; without it the test is skipped."""
    folder = os.environ.get("COLLECTIONS_DATA")
    if not folder:
        pytest.skip("COLLECTIONS_DATA names no folder of ledgers")
    return Path(folder)
