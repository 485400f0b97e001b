"""The salesperson's voice: told some working days before a firm level; silence sends."""

from dataclasses import dataclass
from datetime import date, timedelta

from . import ladder
from .facts import EMAIL, OVERDUE, Level

#: Code of the guard that waits for the day that was named.
SALESPERSON_TOLD = "salesperson_told"

#: Who has a voice.
SALESPERSON = "salesperson"

#: An announcement holds so many days past the day that it named; later it is made anew.
VALID_DAYS = 30


@dataclass(frozen=True, slots=True)
class Voice:
    """The salesperson is to be told today that ``level`` leaves on ``day``, or later.

    :ivar claims: what is overdue
    """

    level: Level
    day: date
    claims: list


def has_voice(level, facts):
    """Return whether somebody is told before ``level``: it asks for it, and there is somebody."""
    return (
        level.voice_days > 0
        and level.trigger == OVERDUE
        and (EMAIL, SALESPERSON) in facts.reachable
    )


def announced_day(level, facts, today):
    """Return the day that was named to the salesperson, None where nothing holds any more."""
    day = facts.announced.get(level.key)
    return day if day and today <= day + timedelta(days=VALID_DAYS) else None


def call(facts, situation, stops, today):
    """Return the :class:`Voice` to be heard today, None when nobody has to be told anything.

    A level that is called, or will be, is announced as soon as the day on which it can leave is
    near enough; whatever stops the case without a known end is waited for first.

    :param stops: pairs (code, :class:`~.guards.Stop`) of all guards that stop the case
    """
    others = [stop for code, stop in stops if code != SALESPERSON_TOLD]
    if any(stop.until is None for stop in others):
        return None
    free = max((stop.until + timedelta(days=1) for stop in others), default=today)
    ahead = _levels_ahead(facts, situation, free, today)
    told = [
        (level, facts.policy.calendar.next_open(day))
        for level, day in ahead
        if has_voice(level, facts) and not announced_day(level, facts, today)
    ]
    for level, day in sorted(told, key=lambda pair: -pair[0].rank):
        earliest = facts.policy.calendar.add_open_days(today, level.voice_days)
        if day <= earliest:
            return Voice(level, max(day, earliest), situation.late)
    return None


def _levels_ahead(facts, situation, free, today):
    """Return pairs (level, first day on which it can leave)."""
    if situation.level:
        return [(situation.level, max(free, today))]
    days = {}
    for claim, level in situation.upcoming:
        day = ladder.ripe_day(claim, level)
        contact = facts.last_contact
        if contact:
            day = max(day, contact + timedelta(days=level.min_days))
        known = days.get(level.key)
        if known is None or day < known[1]:
            days[level.key] = (level, max(day, free))
    return list(days.values())
