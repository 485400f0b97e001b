"""Which level an item calls for."""

from datetime import timedelta

from .facts import BEFORE_DUE, BY_AGE, OVERDUE


def usable_levels(scenario, trigger, amount=None):
    """Return the levels of ``scenario`` for ``trigger``, mildest first.

    :param amount: company currency; levels that ask for more are passed over, and of levels
        with the same delay, which are alternatives, the firmest is left: a call 'from 1,000'
        takes the place of an e-mail and gives way to it for a smaller debt
    """
    levels = [
        level
        for level in sorted(scenario.levels, key=lambda level: level.rank)
        if level.trigger == trigger and (amount is None or amount >= level.min_amount)
    ]
    if amount is None:
        return levels
    return list({level.delay: level for level in levels}.values())


def next_level(mode, levels, rank, age):
    """Return the overdue level that an item stands before, or None at the ladder's end.

    :param levels: usable overdue levels, mildest first
    :param rank: rank the item has reached, 0 for none
    :param age: days since the due date
    """
    ahead = [level for level in levels if level.rank > rank]
    if not ahead:
        return None
    if mode == BY_AGE:
        ripe = [level for level in ahead if level.delay <= age]
        return ripe[-1] if ripe else ahead[0]
    return ahead[0]


def call_preventive(scenario, claims, today):
    """Return pairs (claim, level) for claims whose due date comes near.

    A level's minimum amount is compared with all that it would announce. A claim that was
    announced once, or is overdue, is not announced again.
    """
    calls = []
    for level in usable_levels(scenario, BEFORE_DUE):
        window = [
            claim
            for claim in claims
            if claim.rank < level.rank
            and claim.due + timedelta(days=level.delay) <= today <= claim.due
        ]
        if window and sum(claim.amount for claim in window) >= level.min_amount:
            calls += [(claim, level) for claim in window]
    return calls


def call_overdue(scenario, claims, overdue, today):
    """Return (calls, upcoming) for claims past their due date or soon to be.

    :param overdue: net overdue total of the case, company currency
    :return: pairs (claim, level) called for today, and pairs (date, level) still ahead
    """
    levels = usable_levels(scenario, OVERDUE, overdue)
    calls, upcoming = [], []
    for claim in claims:
        age = (today - claim.due).days
        level = next_level(scenario.mode, levels, claim.rank, age)
        if level is None:
            continue
        if age >= level.delay and age > 0:
            calls.append((claim, level))
        else:
            upcoming.append((claim.due + timedelta(days=max(level.delay, 1)), level))
    return calls, upcoming
