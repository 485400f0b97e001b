"""Customers who pay on fixed days of the month: '10,25' is the 10th and the 25th."""

import re
from calendar import monthrange
from datetime import timedelta

SEPARATORS = re.compile(r"[\s,;/]+")


def parse(text):
    """Return the days of a month that ``text`` names, in order; 31 stands for the last day.

    :raises ValueError: with the piece that is no day of a month

    >>> parse("25, 10")
    (10, 25)
    >>> parse("0")
    Traceback (most recent call last):
    ValueError: 0
    """
    days = set()
    for piece in SEPARATORS.split(text.strip()) if text.strip() else ():
        # ASCII digits only: isdecimal() would take those of any script.
        if not re.fullmatch(r"[0-9]{1,2}", piece) or not 1 <= int(piece) <= 31:
            raise ValueError(piece)
        days.add(int(piece))
    return tuple(sorted(days))


def next_run(day, days):
    """Return the first payment run on or after ``day``; a month's last day stands for later ones.

    >>> from datetime import date
    >>> next_run(date(2026, 2, 26), (10, 31))
    datetime.date(2026, 2, 28)
    """
    year, month = day.year, day.month
    while True:
        length = monthrange(year, month)[1]
        for number in days:
            run = day.replace(year=year, month=month, day=min(number, length))
            if run >= day:
                return run
        day = day.replace(day=1)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def release(due, days, calendar, wait):
    """Return the first day on which a debt may be dunned: the run after it is due, and a wait.

    :param tuple days: see :func:`parse`
    :param calendar: :class:`~.calendar.WorkingCalendar`
    :param int wait: working days to leave after the run, until the money is seen

    >>> from datetime import date
    >>> from .calendar import WorkingCalendar
    >>> release(date(2026, 3, 3), (10, 25), WorkingCalendar(), 2)
    datetime.date(2026, 3, 12)
    """
    return calendar.add_open_days(next_run(due, days), wait)


def last_day_held(due, days, calendar, wait):
    """Return the last day on which the debt waits, see :func:`release`."""
    return release(due, days, calendar, wait) - timedelta(days=1)
