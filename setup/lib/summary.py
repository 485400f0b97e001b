"""The summary of a collections run, for people and as one object."""

import collections

from .progress import say

COUNTS = {
    "debtors": "Debtors reviewed",
    "open_items": "Open items",
    "excluded_items": "  of these excluded",
    "held": "Held",
    "errors": "Errors",
}
BREAKDOWNS = {
    "reminders": "Reminders by level and channel",
    "by_reason": "Why nobody else was reminded",
}


def show(title, summary):
    """Print one summary as a person reads it."""
    say(f"\n{title}")
    for key, label in COUNTS.items():
        say(f"  {label:<34}{_count(summary[key]):>10,}")
    for key, label in BREAKDOWNS.items():
        say(f"  {label}")
        for name, count in sorted(summary[key].items(), key=lambda pair: (-pair[1], pair[0])):
            say(f"    {name:<32}{count:>10,}")
        if not summary[key]:
            say("    none")


def _count(value):
    """Errors may come as a list of sentences: the number counts here."""
    return value if isinstance(value, int) else len(value)


def total(summaries):
    """Add up the summaries of several companies; a single one is returned with all it has."""
    if len(summaries) == 1:
        return next(iter(summaries.values()))
    result = {key: sum(_count(summary[key]) for summary in summaries.values()) for key in COUNTS}
    for key in BREAKDOWNS:
        result[key] = collections.Counter()
        for summary in summaries.values():
            result[key].update(summary[key])
    return result
