"""The engine loaded by path, as it is used without Odoo, and facts in few words.

Everything is counted from ``TODAY``: an item 10 days late is ``item(overdue=10)``.
"""

from datetime import date, timedelta
from decimal import Decimal

from lib.engine import load

MODULES = load("account_collections", "collections_engine")
calendar, channels, decide, facts, guards, ladder, netting, segment = (
    MODULES[name]
    for name in (
        "calendar", "channels", "decide", "facts", "guards", "ladder", "netting", "segment"
    )
)
disputes, matching, payment_days, thanks = (
    MODULES[name] for name in ("disputes", "matching", "payment_days", "thanks")
)

#: A Wednesday; the week-end before is the 14th and 15th.
TODAY = date(2026, 3, 18)
DAY = timedelta(days=1)
EMAILS = {("email", role): 7 for role in ("invoice", "finance", "director")}


def item(overdue, amount=100, rank=0, *marks, key=None, move=None, **values):
    """Return an open item whose due date lies ``overdue`` days before TODAY."""
    amount = Decimal(str(amount))
    item.count += 1
    key = key or item.count
    return facts.Item(
        key=key,
        move=move or key,
        due=TODAY - overdue * DAY,
        amount=amount,
        currency=values.pop("currency", 1),
        amount_currency=Decimal(str(values.pop("amount_currency", amount))),
        rank=rank,
        marks=frozenset(marks),
        **values,
    )


item.count = 0


def level(rank, delay, min_amount=0, **values):
    """Return a level; a negative delay is before the due date."""
    trigger = facts.BEFORE_DUE if delay < 0 else facts.OVERDUE
    return facts.Level(
        key=rank,
        rank=rank,
        delay=delay,
        trigger=trigger,
        min_amount=Decimal(str(min_amount)),
        **values,
    )


#: A ladder with one of everything: announcement, two e-mails, a call or an e-mail, a notice.
LADDER = (
    level(10, -5, 5000),
    level(20, 3),
    level(30, 10),
    level(35, 17),
    level(40, 17, 1000, channel=facts.TASK),
    level(50, 28),
    level(60, 40, approval=True, formal_notice=True),
)


def scenario(*levels, mode=facts.PROGRESSIVE, net_credits=True, threshold=50):
    return facts.Scenario(1, levels or LADDER, mode, net_credits, Decimal(threshold))


def case(*items, policy=None, **values):
    """Return the facts of a case; ``values`` replace the defaults of a reachable customer."""
    values.setdefault("scenario", scenario())
    values.setdefault("reachable", dict(EMAILS))
    return facts.CaseFacts(key=1, policy=policy or facts.Policy(), items=list(items), **values)


def decided(*items, today=TODAY, registry=guards.STANDARD, **values):
    """Return the decision on a case with ``items``."""
    return decide.decide(case(*items, **values), today, registry)


def answer(made):
    """Return (outcome, reason, rank of the level) of a decision, to compare with a table."""
    return made.outcome, made.reason, made.level and made.level.rank
