"""What ``setup/test`` reads from Odoo's log."""

import pytest

from lib import addon_tests, odoo_log

HEAD = "2025-01-31 07:00:00,123 4242 {level} database {logger}: {text}\n"
TESTS = "odoo.addons.account_collections.tests.test_case"
OURS = r"account_collections|\bcollection\."


def line(text, level="INFO", logger=TESTS):
    return HEAD.format(level=level, logger=logger, text=text)


def report(*lines):
    return odoo_log.read("".join(lines), OURS)


def outcome(method, *lines):
    test = addon_tests.OdooTest("account_collections", "test_case", "TestCase", method)
    return addon_tests.outcome(test, report(*lines))


def test_started_without_a_problem_is_passed():
    assert outcome("test_it", line("Starting TestCase.test_it ... ")) == ("passed", "")


def test_failure_has_its_traceback():
    lines = [
        line("Starting TestCase.test_it ... "),
        line("FAIL: TestCase.test_it", "ERROR"),
        "Traceback (most recent call last):\nAssertionError: 1 != 2\n",
        line("Starting TestCase.test_next ... "),
    ]
    verdict, words = outcome("test_it", *lines)
    assert verdict == "failed"
    assert "1 != 2" in words
    assert outcome("test_next", *lines) == ("passed", "")


def test_failing_subtest_fails_its_test():
    lines = [
        line("Starting TestCase.test_it ... "),
        line("FAIL: Subtest TestCase.test_it (i=2)", "ERROR"),
    ]
    assert outcome("test_it", *lines)[0] == "failed"


def test_broken_class_fails_all_its_tests():
    problem = line(f"ERROR: setUpClass ({TESTS}.TestCase)", "ERROR")
    assert outcome("test_it", problem)[0] == "failed"


def test_test_that_never_ran_is_failed():
    assert outcome("test_it")[0] == "failed"


def test_skip_for_the_pdf_program_that_is_here_is_a_failure(monkeypatch):
    skip = line("skipped TestCase.test_it : Unable to convert via wkhtmltopdf")
    monkeypatch.setattr(addon_tests.pdf, "available", lambda: True)
    assert outcome("test_it", skip)[0] == "failed"
    monkeypatch.setattr(addon_tests.pdf, "available", lambda: False)
    assert outcome("test_it", skip)[0] == "skipped"


@pytest.mark.parametrize(
    ("record", "is_complaint"),
    [
        (line("no such field", "ERROR", "odoo.sql_db"), True),
        (line("beware", "WARNING", "odoo.addons.account_collections.models.collection_case"), True),
        (line("collection.case has no access rules", "WARNING", "odoo.registry"), True),
        (line("deprecated", "WARNING", "odoo.addons.account.models.account_move"), False),
        (line("collection.case loaded", "INFO", "odoo.registry"), False),
        # told by the tests themselves
        (line("FAIL: TestCase.test_it", "ERROR"), False),
        (line("Module account_collections: 1 failures, 0 errors of 2 tests", "ERROR"), False),
    ],
)
def test_complaints(record, is_complaint):
    assert bool(report(record).complaints) == is_complaint


def test_whole_addons_are_selected_by_their_name(tmp_path, monkeypatch):
    addon = tmp_path / "account_collections"
    (addon / "tests").mkdir(parents=True)
    source = "class TestCase(Base):\n    def test_a(self): ...\n    def test_b(self): ...\n"
    (addon / "tests/test_case.py").write_text(source)
    monkeypatch.setattr(addon_tests.paths, "addons", lambda: [addon])
    tests = addon_tests.discover()
    assert [str(test) for test in tests] == [
        "account_collections.test_case.TestCase.test_a",
        "account_collections.test_case.TestCase.test_b",
    ]
    assert addon_tests.tags(tests) == "/account_collections"
    assert addon_tests.tags(tests[:1]) == "/account_collections:TestCase.test_a"


def test_a_missing_browser_is_no_complaint():
    assert not report(line("Chrome executable not found", "WARNING")).complaints
    assert report(line("Chrome executable not found, field lost", "WARNING")).complaints
