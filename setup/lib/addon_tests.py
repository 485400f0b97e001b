"""The add-ons' own tests: found in their source, run by Odoo, told one by one."""

import ast
import functools
from dataclasses import dataclass

from . import paths, pdf, testing

#: How much of all tests is divided evenly at first, and small portions of the rest by process.
LARGE = 0.75
SMALL = 2


@dataclass(frozen=True)
class OdooTest:
    """A test method of an add-on."""

    addon: str
    module: str
    case: str
    method: str

    def __str__(self):
        return f"{self.addon}.{self.module}.{self.case}.{self.method}"

    @property
    def log_name(self):
        """How Odoo's log names it."""
        return f"{self.log_case}.{self.method}"

    @property
    def log_case(self):
        """How Odoo's log names its class."""
        return f"odoo.addons.{self.addon}.tests.{self.module}.{self.case}"

    @property
    def tag(self):
        """How Odoo's ``--test-tags`` selects it."""
        return f"/{self.addon}:{self.case}.{self.method}"


def discover():
    """All tests of our add-ons. Their source is read, not imported: only Odoo can import it."""
    return [test for addon in paths.addons() for test in _tests_of(addon)]


@functools.cache
def _tests_of(addon):
    """The tests of an add-on, by its folder.

    Read once, and by the main thread: Python 3.11 may fail to parse in two threads at once.
    """
    return tuple(
        OdooTest(addon.name, path.stem, case.name, method.name)
        for path in sorted((addon / "tests").glob("test_*.py"))
        for case in ast.parse(path.read_text()).body
        if isinstance(case, ast.ClassDef)
        for method in case.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("test")
    )


def tags(selected):
    """Odoo's ``--test-tags`` for these tests; an add-on selected as a whole is named as one."""
    left = set(selected)
    whole = []
    for addon in paths.addons():
        tests = {test for test in discover() if test.addon == addon.name}
        if tests and tests <= left:
            whole.append(f"/{addon.name}")
            left -= tests
    return ",".join(whole + sorted(test.tag for test in left)) or "-standard"


def portions(selected, count):
    """Divide tests, classes whole, into portions for ``count`` processes; return them.

    The first ones, one for each process, are large: starting takes seconds. Those after them are
    small, for whoever is ready first, so that all end at about the same time. Where nothing is
    selected one process has to say so.
    """
    classes = {}
    for test in selected:
        classes.setdefault(test.log_case, []).append(test)
    large, small = len(selected) * LARGE / count, len(selected) * (1 - LARGE) / (SMALL * count)
    sizes = [large] * count + [small] * SMALL * count
    found = [[] for _size in sizes]
    for tests in sorted(classes.values(), key=len, reverse=True):
        emptiest = min(range(len(sizes)), key=lambda one: len(found[one]) / sizes[one])
        found[emptiest].extend(tests)
    return [tests for tests in found if tests] or [[]]


def outcome(test, report):
    """How the report says that the test went: passed, failed or skipped, and its words about it."""
    for name in (test.log_name, test.log_case):
        if name in report.problems:
            return "failed", report.problems[name]
        if name in report.skipped:
            return _judge_skip(report.skipped[name])
    if test.log_name not in report.started:
        return "failed", "Odoo did not run it. Is it imported in tests/__init__.py?"
    return "passed", ""


def _judge_skip(reason):
    """A test may be skipped for a program that this machine lacks, not for one that it has."""
    text = reason.lower()
    if "pdf" in text and pdf.available():
        return "failed", f"skipped although wkhtmltopdf is here: {reason}"
    if "chrome" in text and testing.find_browser():
        return "failed", f"skipped although a browser is here: {reason}"
    return "skipped", reason
