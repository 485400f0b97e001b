"""What the tests share: a database server and data, had only when a test asks for them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Other tests run beside: how long an example takes says nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

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


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the tests that take minutes too")


def pytest_collection_modifyitems(config, items):
    """What takes minutes of a processor is asked for: the others are run at every change."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="it takes minutes: run it with --long"))
