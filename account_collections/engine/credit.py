"""May a customer have more on credit? Rules, what is known of the customer, and the answer.

Amounts are :class:`~decimal.Decimal`, company currency. All conditions of a rule hold together.
An exclusion that applies silences every other rule. What a payment ends says how much has to be
paid: of rules on age what is that old, of rules on a limit what exceeds it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from .facts import ZERO

EXCLUDE = "exclude"
WARN = "warn"
ORDERS = "orders"
DELIVERIES = "deliveries"
BOTH = "both"

INTERNAL = "internal"
INSURED = "insured"

#: Stages that a person chose: paying what is overdue does not end them.
CHOSEN = ("insolvency", "legal", "closed")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; a condition that is empty or zero is none.

    :ivar state: stage of the case
    :ivar rank: level that the case reached
    :ivar overdue: least amount overdue
    :ivar days: days that it has to be overdue at least
    :ivar limit: kind of the limit that the exposure exceeds
    :ivar broken: a promise was broken, and something is overdue still
    :ivar tags: of customers; one of them is enough
    """

    key: int
    action: str
    state: str | None = None
    rank: int = 0
    overdue: Decimal = ZERO
    days: int = 0
    limit: str | None = None
    broken: bool = False
    tags: frozenset = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a customer.

    :ivar debts: (due date, amount that is open and not contested), …
    :ivar credits: what is not allocated, above zero
    :ivar exposure: what is open, less credits, and what is ordered and not invoiced
    :ivar limits: {kind: amount}, those that are known
    """

    state: str | None = None
    rank: int = 0
    debts: tuple = ()
    credits: Decimal = ZERO
    exposure: Decimal = ZERO
    limits: dict = field(default_factory=dict)
    broken: bool = False
    tags: frozenset = frozenset()

    def late(self, today, days=1):
        """Return what is overdue for so many days; credits pay the oldest debt first.

        >>> from datetime import date
        >>> standing = Standing(debts=((date(2026, 3, 1), Decimal(300)),), credits=Decimal(100))
        >>> standing.late(date(2026, 3, 11), 10), standing.late(date(2026, 3, 10), 10)
        (Decimal('200'), Decimal('0'))
        """
        last = today - timedelta(days=max(days, 1))
        return max(sum(amount for due, amount in self.debts if due <= last) - self.credits, ZERO)

    def since(self, today):
        """Return the oldest due date of what is overdue, None when nothing is."""
        late = [due for due, _amount in self.debts if due < today]
        return min(late) if late and self.late(today) else None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies.

    :ivar release: what has to be paid for it to end; None when no payment ends it
    """

    rule: Rule
    release: Decimal | None


def judge(rules, standing, today, asked=ZERO):
    """Return the findings on a customer, in the order of the rules; none where one excludes it.

    :param asked: amount of new credit that is asked for

    >>> from datetime import date
    >>> late = Standing(debts=((date(2026, 1, 1), Decimal(500)),))
    >>> rules = [Rule(1, BOTH, overdue=Decimal(100), days=30)]
    >>> judge(rules, late, date(2026, 3, 1))[0].release
    Decimal('500')
    >>> judge([*rules, Rule(2, EXCLUDE, overdue=Decimal(1))], late, date(2026, 3, 1))
    []
    """
    found = [
        Finding(rule, _release(rule, standing, today, asked))
        for rule in rules
        if applies(rule, standing, today, asked)
    ]
    if any(one.rule.action == EXCLUDE for one in found):
        return []
    return found


def applies(rule, standing, today, asked=ZERO):
    """Return whether every condition of ``rule`` holds; a rule without one never does."""
    conditions = []
    if rule.tags:
        conditions.append(bool(rule.tags & standing.tags))
    if rule.state:
        conditions.append(standing.state == rule.state)
    if rule.rank:
        conditions.append(standing.rank >= rule.rank)
    if rule.broken:
        conditions.append(standing.broken)
    if rule.limit:
        limit = standing.limits.get(rule.limit)
        conditions.append(limit is not None and standing.exposure + asked > limit)
    if _asks_for_overdue(rule):
        late = standing.late(today, rule.days)
        conditions.append(late > 0 and late >= rule.overdue)
    return bool(conditions) and all(conditions)


def _asks_for_overdue(rule):
    """Return whether something has to be overdue: levels and promises are of debts."""
    of_debts = rule.state and rule.state not in CHOSEN and rule.action != EXCLUDE
    return bool(rule.overdue or rule.days or rule.rank or rule.broken or of_debts)


def _release(rule, standing, today, asked):
    """Return what has to be paid for ``rule`` not to apply any more, None if nothing does it."""
    amounts = []
    if rule.limit:
        excess = standing.exposure + asked - standing.limits[rule.limit]
        # Nobody pays more than is owed: what is asked for is too much by itself.
        amounts.append(excess if excess <= standing.exposure else None)
    if _asks_for_overdue(rule):
        amounts.append(standing.late(today, rule.days))
    known = [amount for amount in amounts if amount is not None]
    # One condition that ends is enough.
    return min(known) if known else None
