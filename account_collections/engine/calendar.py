"""Days and hours on which something leaves: the company's, and those of a debtor."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

#: A calendar without any working day is a mistake of configuration: after this many
#: days without one we stop looking and answer the day itself.
HORIZON_DAYS = 366

#: Zones are asked in turn until all of them agree; some never do.
MAX_ROUNDS = 50


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

    def closing(self, days):
        """Return this calendar with ``days`` closed on top."""
        days = frozenset(days)
        return self if days <= self.closed else replace(self, closed=self.closed | days)


@dataclass(frozen=True, slots=True)
class Closing:
    """Days from ``first`` to ``last``, both closed; every year again when ``yearly``."""

    first: object
    last: object
    yearly: bool = False

    def days(self, begin, end):
        """Return the closed days between ``begin`` and ``end``.

        >>> from datetime import date
        >>> christmas = Closing(date(2020, 12, 24), date(2021, 1, 2), yearly=True)
        >>> days = christmas.days(date(2026, 1, 1), date(2026, 12, 31))
        >>> len(days), min(days), max(days)
        (10, datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
        """
        if not self.yearly:
            return _span(max(self.first, begin), min(self.last, end))
        found = set()
        length = self.last - self.first
        for year in range(begin.year - 1, end.year + 1):
            start = _in_year(self.first, year)
            found |= _span(max(start, begin), min(start + length, end))
        return found


def _span(first, last):
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _in_year(day, year):
    """Return the same day of another year; 29 February is the 28th where there is none."""
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=year)


@dataclass(frozen=True, slots=True)
class Window:
    """When messages may reach a debtor: its working days, between two hours of its clock.

    :ivar zones: time zones; where the debtor's is not known to one, an hour must do in all
    :ivar start: first hour of the day, 8.5 is half past eight
    :ivar end: hour from which nothing leaves any more
    """

    calendar: WorkingCalendar
    zones: tuple
    start: float = 8.0
    end: float = 19.0

    def first_moment(self, moment):
        """Return ``moment`` (aware) where it is allowed, else the first moment that is.

        >>> from datetime import timezone
        >>> office = Window(WorkingCalendar(), (timezone(timedelta(hours=-5)),))
        >>> early = datetime(2026, 3, 18, 8, 30, tzinfo=timezone.utc)   # half past three there
        >>> office.first_moment(early).astimezone(timezone.utc).isoformat()
        '2026-03-18T13:00:00+00:00'
        """
        later = moment
        for _round in range(MAX_ROUNDS):
            before = later
            for zone in self.zones:
                later = self._in_zone(later, zone)
            if later == before:
                return later
        # No hour suits all zones of a wide country: the first one decides.
        return self._in_zone(moment, self.zones[0])

    def _in_zone(self, moment, zone):
        local = moment.astimezone(zone)
        hour = local.hour + local.minute / 60
        day = self.calendar.next_open(local.date())
        if day == local.date() and hour >= self.end:
            day = self.calendar.next_open(day + timedelta(days=1))
        if day == local.date() and hour >= self.start:
            return moment
        return _at(zone, day, self.start)


def _at(zone, day, hour):
    """Return the aware moment of an hour of a day; pytz's zones want to be asked their own way."""
    minutes = round(hour * 60)
    local = datetime.combine(day, time(minutes // 60, minutes % 60))
    localize = getattr(zone, "localize", None)
    return localize(local) if localize else local.replace(tzinfo=zone)
