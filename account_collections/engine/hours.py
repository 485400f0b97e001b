"""When a debtor may be called: hours of the week, in every time zone where they may be."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

#: Every hour of the week comes back within this many days.
HORIZON_DAYS = 8


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week, in the time of whoever is called.

    :ivar windows: triples (weekday, opens, closes); Monday is 0, times are local
    """

    windows: tuple

    def are_open(self, local):
        """Return whether a local moment lies in a window; its end is outside."""
        moment = local.time()
        return any(
            weekday == local.weekday() and opens <= moment < closes
            for weekday, opens, closes in self.windows
        )


#: Prudent where nothing else was chosen: Monday to Friday, morning and afternoon.
PRUDENT = Hours(
    tuple(
        window
        for weekday in range(5)
        for window in ((weekday, time(10), time(13)), (weekday, time(14), time(20)))
    )
)


def may_call(hours, zones, moment):
    """Return whether a moment is allowed in all ``zones`` at once.

    :param moment: aware :class:`~datetime.datetime`
    :param zones: :class:`~datetime.tzinfo` objects, at least one

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 18, 12, tzinfo=timezone.utc)     # a Wednesday
    >>> may_call(PRUDENT, [timezone.utc], noon)
    True
    >>> may_call(PRUDENT, [timezone.utc, timezone(timedelta(hours=1))], noon)   # lunch there
    False
    """
    return all(hours.are_open(moment.astimezone(zone)) for zone in zones)


def next_window(hours, zones, moment):
    """Return the first moment from ``moment`` on that is allowed in all ``zones``.

    The hours that all have in common begin where those of one of them do, so that only these
    beginnings are tried.

    :return: aware datetime, or None when the zones have no hour in common
    """
    if may_call(hours, zones, moment):
        return moment
    beginnings = {
        begins for zone in zones for begins in _beginnings(hours, zone, moment) if begins > moment
    }
    return next((one for one in sorted(beginnings) if may_call(hours, zones, one)), None)


def _beginnings(hours, zone, moment):
    today = moment.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        day = today + timedelta(days=offset)
        for weekday, opens, _closes in hours.windows:
            if weekday == day.weekday():
                yield _at(zone, day, opens)


def _at(zone, day, hour):
    """Return a local hour as an aware moment; zones of pytz know their offset only so."""
    naive = datetime.combine(day, hour)
    localize = getattr(zone, "localize", None)
    return localize(naive) if localize else naive.replace(tzinfo=zone)
