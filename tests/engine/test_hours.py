"""When a debtor may be called, here and there."""

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from engine_cases import MODULES

hours = MODULES["hours"]

UTC = timezone.utc
PARIS, LONDON, NEW_YORK = (
    ZoneInfo(name) for name in ("Europe/Paris", "Europe/London", "America/New_York")
)
HERE, SYDNEY = timezone(timedelta(hours=1)), ZoneInfo("Australia/Sydney")


def at(day, hour, minute=0):
    """A moment of March 2026 in UTC; the 18th is a Wednesday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zones", "moment", "allowed"),
    [
        # Paris is one hour ahead of UTC until the 29th
        ([PARIS], at(18, 8, 59), False),
        ([PARIS], at(18, 9), True),
        ([PARIS], at(18, 11, 59), True),
        ([PARIS], at(18, 12), False),
        ([PARIS], at(18, 13), True),
        ([PARIS], at(18, 18, 59), True),
        ([PARIS], at(18, 19), False),
        ([PARIS], at(30, 8), True),
        ([PARIS], at(21, 10), False),
        ([PARIS], at(22, 10), False),
        # New York is four hours behind
        ([PARIS, NEW_YORK], at(18, 13, 30), False),
        ([PARIS, NEW_YORK], at(18, 14), True),
        ([NEW_YORK], at(18, 17, 30), False),
    ],
)
def test_allowed_everywhere(zones, moment, allowed):
    assert hours.may_call(hours.PRUDENT, zones, moment) is allowed


@pytest.mark.parametrize(
    ("zones", "moment", "expected"),
    [
        ([PARIS], at(18, 9, 30), at(18, 9, 30)),
        ([PARIS], at(18, 6), at(18, 9)),
        ([PARIS], at(18, 12, 10), at(18, 13)),
        ([PARIS], at(18, 21), at(19, 9)),
        # Friday evening: Monday morning
        ([PARIS], at(20, 19), at(23, 9)),
        # over the change to summer time
        ([PARIS], at(27, 19), at(30, 8)),
        ([PARIS, NEW_YORK], at(18, 9), at(18, 14)),
        ([LONDON, PARIS, NEW_YORK], at(18, 9), at(18, 14)),
        ([PARIS, SYDNEY], at(18, 9), None),
        ([HERE], at(18, 6), at(18, 9)),
    ],
)
def test_next_window(zones, moment, expected):
    assert hours.next_window(hours.PRUDENT, zones, moment) == expected


def test_hours_of_one_s_own():
    mondays = hours.Hours(((0, time(8), time(9)),))
    assert hours.next_window(mondays, [UTC], at(18, 8)) == at(23, 8)
    assert hours.next_window(hours.Hours(()), [UTC], at(18, 8)) is None
