"""By which channels a level reaches its recipient."""

from dataclasses import dataclass

from .facts import BY_PERSON, TASK, WAIT

#: Why a channel is passed over, where gather knows nothing more precise.
NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Route:
    """How a level leaves on a day.

    :ivar channel: the first of the level's channels that finds an address; ``task`` where none
        does and a person takes over, None where it has to wait for an address
    :ivar beside: what accompanies it
    :ivar passed_over: pairs (channel, code of the reason), in the order they were tried
    """

    channel: str | None
    beside: tuple = ()
    passed_over: tuple = ()


def choose(level, facts):
    """Return the :class:`Route` of ``level`` for the recipients that ``facts`` know.

    >>> from types import SimpleNamespace as Facts
    >>> from .facts import Level
    >>> level = Level(1, 20, channel="email", fallbacks=("letter",), beside=("sms",))
    >>> bounced = Facts(reachable={("letter", "invoice"): 7},
    ...                 unreachable={("email", "invoice"): "bounced"})
    >>> choose(level, bounced)
    Route(channel='letter', beside=(), passed_over=(('email', 'bounced'), ('sms', 'no_address')))
    """
    passed_over, chosen = [], None
    for channel in (level.channel, *level.fallbacks):
        if _is_open(channel, level, facts):
            chosen = channel
            break
        passed_over.append((channel, _why_not(channel, level, facts)))
    if chosen is None:
        fallen = None if level.undeliverable == WAIT else TASK
        return Route(fallen, passed_over=tuple(passed_over))
    beside = []
    for channel in level.beside:
        if channel == chosen or channel in beside:
            continue
        if _is_open(channel, level, facts):
            beside.append(channel)
        elif channel not in (tried for tried, _why in passed_over):
            passed_over.append((channel, _why_not(channel, level, facts)))
    return Route(chosen, tuple(beside), tuple(passed_over))


def _is_open(channel, level, facts):
    """A person needs no address; but nobody is called who is known to have no number."""
    if channel in BY_PERSON:
        return (channel, level.role) not in facts.unreachable
    return (channel, level.role) in facts.reachable


def _why_not(channel, level, facts):
    return facts.unreachable.get((channel, level.role), NO_ADDRESS)
