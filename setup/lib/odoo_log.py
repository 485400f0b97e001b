"""What Odoo's log says about a test run: the outcome of each test, and what else went wrong."""

import re
from dataclasses import dataclass, field

# 2025-01-31 07:00:00,123 4242 INFO database odoo.addons.sale.tests.test_sale: Starting …
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) \S+ (?P<logger>[\w.?-]+): (?P<text>.*)",
    re.DOTALL,
)
START = re.compile(r"Starting (?P<test>\w+\.\w+) \.\.\. ")
PROBLEM = re.compile(r"(?:ERROR|FAIL): (?:Subtest )?(?P<test>\w+\.\w+)")
CLASS_PROBLEM = re.compile(r"(?:ERROR|FAIL): (?:setUpClass|tearDownClass) \((?P<class>[\w.]+)\)")
SKIP = re.compile(r"skipped (?:Subtest )?(?P<test>\w+\.\w+).*? : (?P<reason>.*)", re.DOTALL)
CLASS_SKIP = re.compile(r"skipped (?:setUpClass) \((?P<class>[\w.]+)\) : (?P<reason>.*)", re.DOTALL)
# how Odoo closes a run with failures: each of them has been reported before
CLOSING = re.compile(
    r"Module \S+: \d+ failures, \d+ errors of|At least one test failed|\d+ failed, \d+ error"
)


@dataclass
class Report:
    """Tests are named ``module.Class.test``, where ``module`` is a Python module's full name."""

    started: set = field(default_factory=set)
    problems: dict = field(default_factory=dict)  # name of a test or class: what it says
    skipped: dict = field(default_factory=dict)  # name of a test or class: reason
    complaints: list = field(
        default_factory=list
    )  # errors and our warnings outside of a test's result


def records(text):
    """The records of a log as matches of LINE; a line without a head continues one."""
    lines = []
    for line in text.splitlines(keepends=True):
        if lines and not LINE.match(line):
            lines[-1] += line
        else:
            lines.append(line)
    return [match for match in map(LINE.match, lines) if match]


def read(text, ours):
    """Make a report of a log.

    :param ours: a regular expression; a warning that matches it anywhere is a complaint.
    """
    report = Report()
    ours = re.compile(ours)
    for record in records(text):
        if not _note_outcome(report, record) and _is_complaint(record, ours):
            report.complaints.append(record[0].rstrip())
    return report


def _note_outcome(report, record):
    """Whether the record tells how a test or a class of tests went."""
    logger, text = record["logger"], record["text"]
    if match := START.match(text):
        report.started.add(f"{logger}.{match['test']}")
    elif match := SKIP.match(text):
        report.skipped[f"{logger}.{match['test']}"] = match["reason"].strip()
    elif match := CLASS_SKIP.match(text):
        report.skipped[match["class"]] = match["reason"].strip()
    elif match := CLASS_PROBLEM.match(text):
        _add_problem(report, match["class"], text)
    elif match := PROBLEM.match(text):
        _add_problem(report, f"{logger}.{match['test']}", text)
    else:
        return bool(CLOSING.match(text))
    return True


def _add_problem(report, name, text):
    report.problems[name] = report.problems.get(name, "") + text


def _is_complaint(record, ours):
    if record["level"] in ("ERROR", "CRITICAL"):
        return True
    # A browser test that is skipped says so itself; it fails where the browser is there.
    no_browser = record[0].rstrip().endswith("Chrome executable not found")
    return record["level"] == "WARNING" and bool(ours.search(record[0])) and not no_browser
