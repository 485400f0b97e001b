"""Working days of a company, as plain dates."""

from dataclasses import dataclass
from datetime import timedelta

#: A calendar without any working day is a mistake of configuration: after this many
#: days without one we stop looking and answer the day itself.
HORIZON_DAYS = 366


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Weekdays that are worked (Monday is 0) and single days that are not.

    >>> from datetime import date
    >>> calendar = WorkingCalendar(closed=frozenset({date(2026, 5, 1)}))
    >>> calendar.is_open(date(2026, 5, 1))          # Labour Day, a Friday
    False
    >>> calendar.next_open(date(2026, 5, 1))        # over the week-end
    datetime.date(2026, 5, 4)
    """

    weekdays: frozenset = frozenset(range(5))
    closed: frozenset = frozenset()

    def is_open(self, day):
        """Return whether ``day`` is worked; an empty calendar closes nothing."""
        if not self.weekdays:
            return True
        return day.weekday() in self.weekdays and day not in self.closed

    def next_open(self, day):
        """Return ``day`` itself when it is worked, else the next day that is."""
        for offset in range(HORIZON_DAYS):
            candidate = day + timedelta(days=offset)
            if self.is_open(candidate):
                return candidate
        return day

    def add_open_days(self, day, count):
        """Return the ``count``-th working day after ``day``.

        >>> from datetime import date
        >>> WorkingCalendar().add_open_days(date(2026, 5, 7), 2)   # a Thursday
        datetime.date(2026, 5, 11)
        """
        for _step in range(count):
            day = self.next_open(day + timedelta(days=1))
        return day
