"""Runs Odoo's own test runner once, for those of the add-ons' tests that pytest selected."""

import pytest

from lib.addon_run import AddonRun

RUN = pytest.StashKey()


def pytest_collection_finish(session):
    """Begin at once: most of the other tests wait more than they work, and are run beside."""
    if session.config.option.collectonly:
        return
    asking = [item for item in session.items if "odoo_report" in item.fixturenames]
    if asking:
        tests = [item.callspec.params["test"] for item in asking if hasattr(item, "callspec")]
        others = len(asking) < len(session.items)
        session.config.stash[RUN] = AddonRun(tests, others)


def pytest_sessionfinish(session):
    if RUN in session.config.stash:
        session.config.stash[RUN].stop()


@pytest.fixture(scope="session")
def odoo_report(request):
    """What Odoo's logs say of the selected tests."""
    return request.config.stash[RUN].report()
