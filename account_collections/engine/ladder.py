"""Which level an item calls for."""

from datetime import timedelta

from .facts import BEFORE_DUE, BY_AGE, ZERO


def call_preventive(scenario, claims, today):
    """Return pairs (claim, level) for claims whose due date comes near.

    A level's minimum amount is compared with all that it would announce. A claim that was
    announced once, or is overdue, is not announced again. A level may be for what is probably
    paid late: it leaves out what nothing is predicted of.
    """
    calls = []
    for level in scenario.levels:
        if level.trigger != BEFORE_DUE:
            continue
        last_due = today - timedelta(days=level.delay)
        window = [
            claim
            for claim in claims
            if today <= claim.due <= last_due
            and claim.item.rank < level.rank
            and (claim.item.risk_late or 0) >= level.min_risk
        ]
        if window and sum((claim.amount for claim in window), ZERO) >= level.min_amount:
            calls += [(claim, level) for claim in window]
    return calls


def call_overdue(scenario, claims, overdue, today):
    """Return (calls, upcoming) for claims past their due date or soon to be.

    An overdue item that resumes at a level is called for it whatever its age.

    :param overdue: net overdue total of the case, company currency
    :return: pairs (claim, level) called for today, and pairs (claim, level) still ahead
    """
    # An item is ripe for a level when it fell due on or before that level's day.
    steps = [(level, today - level.ripe_after) for level in scenario.usable_levels(overdue)]
    by_age = scenario.mode == BY_AGE
    calls, upcoming = [], []
    ahead = {}  # by rank: most items of a case stand at one of two or three
    for claim in claims:
        item = claim.item
        if item.rank not in ahead:
            ahead[item.rank] = [step for step in steps if step[0].rank > item.rank]
        further = ahead[item.rank]
        if not further:
            continue
        if item.resume and claim.due < today:
            resumed = next((level for level, _due in further if level.rank == item.resume[0]), None)
            if resumed:
                calls.append((claim, resumed))
                continue
        level, ripe_due = _next_step(further, claim.due) if by_age else further[0]
        (calls if claim.due <= ripe_due else upcoming).append((claim, level))
    return calls, upcoming


def ripe_day(claim, level):
    """Return the first day on which a claim is ripe for a level ahead of it."""
    day = claim.due + level.ripe_after
    return max(day, claim.item.free or day)


def _next_step(steps, due):
    """Return the last of ``steps`` that an item is ripe for, else the first."""
    found = steps[0]
    for step in steps[1:]:
        if due <= step[1]:
            found = step
    return found


def next_dates(scenario, reached, overdue, today):
    """Return the days on which items call for the level after the one they just reached.

    :param reached: {rank reached today: earliest due date of the items that reached it}
    :param overdue: net overdue total of the case, company currency
    """
    levels = scenario.usable_levels(overdue)
    days = []
    for rank, due in reached.items():
        level = next((level for level in levels if level.rank > rank), None)
        if level:
            ripe = due + timedelta(days=level.delay)
            days.append(max(ripe, today + timedelta(days=max(level.min_days, 1))))
    return days
