"""What a collections run did (``collection.run._get_summary``), for people and as one object."""

import copy

from .progress import say

# each number, and the mapping that breaks it down
LINES = (
    ("debtors", "Debtors reviewed", "by_reason"),
    ("open_items", "Open items", None),
    ("excluded_items", "Items left out", "excluded_by_reason"),
    ("reminders", "Reminders", "by_level"),
    ("held", "Held", "held_by_reason"),
    ("errors", "Errors", None),
)


def show(title, summary):
    """Print one summary as a person reads it."""
    say(f"\n{title}")
    for key, label, breakdown in LINES:
        say(f"  {label:<40}{summary[key]:>10,}")
        parts = summary.get(breakdown) or {}
        for name, count in sorted(parts.items(), key=lambda pair: (-pair[1], pair[0])):
            say(f"    {name:<38}{count:>10,}")


def total(summaries):
    """Add up the numbers and breakdowns of several companies; the rest is the first one's."""
    result, *others = copy.deepcopy(summaries)
    for summary in others:
        for key, value in summary.items():
            if isinstance(value, dict):
                for name, count in value.items():
                    result[key][name] = result[key].get(name, 0) + count
            elif isinstance(value, int | float):
                result[key] += value
    return result
