"""What is known of a case on a day. Amounts are :class:`~decimal.Decimal`.

Facts are gathered in bulk for thousands of cases, so they are plain slotted objects:
no behaviour but what can be read from them.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from .calendar import WorkingCalendar
from .monthly import StatementTerm

ZERO = Decimal(0)

PROGRESSIVE = "progressive"
BY_AGE = "by_age"

BEFORE_DUE = "before_due"
OVERDUE = "overdue"
AFTER_PAYMENT = "after_payment"

EMAIL = "email"
SMS = "sms"
LETTER = "letter"
REGISTERED = "registered"
CALL = "call"
TASK = "task"

#: A person of ours does these: they need no address of the recipient.
BY_PERSON = (CALL, TASK)

#: These reach the customer at the very minute they leave.
INSTANT = (EMAIL, SMS)

#: On paper: somebody prints and posts it, or a service does.
ON_PAPER = (LETTER, REGISTERED)

#: What a level does when its recipient has no usable address.
GIVE_TO_PERSON = "task"
WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a scenario.

    :ivar rank: severity on a scale common to all scenarios, so that an item keeps its
        place when its customer changes scenario
    :ivar delay: days relative to the due date; negative is before
    :ivar min_days: days to leave after the previous reminder of the case
    :ivar min_amount: company currency; below it the level is passed over
    :ivar channel: how it reaches its recipient
    :ivar fallbacks: channels to try, in this order, where the recipient has no address for it
    :ivar beside: channels by which the same is said at the same time; they accompany the
        message and never replace it
    :ivar undeliverable: what happens where no channel finds an address: ``task`` gives it to a
        person, ``wait`` holds until there is one
    :ivar formal_notice: an item that reached it stands at the stage of formal notice
    :ivar voice_days: working days before it that the salesperson is told; 0 tells nobody
    :ivar only: class of customers (``engine/classes.py``) that it is for, None for all
    :ivar never: class of customers that it is not for
    :ivar min_risk: before the due date: probability to be paid late from which it announces
    :ivar ripe_after: the time after the due date from which an overdue level may be called
    """

    key: int
    rank: int
    trigger: str = OVERDUE
    delay: int = 0
    min_days: int = 7
    min_amount: Decimal = ZERO
    channel: str = EMAIL
    fallbacks: tuple = ()
    beside: tuple = ()
    role: str = "invoice"
    approval: bool = False
    undeliverable: str = GIVE_TO_PERSON
    formal_notice: bool = False
    voice_days: int = 0
    only: str | None = None
    never: str | None = None
    min_risk: float = 0.0
    ripe_after: timedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        # Not before the item is late, whatever the delay.
        object.__setattr__(self, "ripe_after", timedelta(days=max(self.delay, 1)))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A ladder of levels and how it is climbed.

    :ivar levels: in the order of their ranks, mildest first
    :ivar mode: ``progressive`` never skips a level, ``by_age`` jumps to the level that the
        item's age calls for
    :ivar net_credits: credits reduce the oldest debt before deciding; else they are only
        mentioned
    :ivar threshold: company currency; a lower overdue total is left alone
    """

    key: int
    levels: tuple = ()
    mode: str = PROGRESSIVE
    net_credits: bool = True
    threshold: Decimal = ZERO
    _ladders: tuple = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        # Worked out once for a scenario, not once for each of its thousands of cases.
        overdue = [level for level in self.levels if level.trigger == OVERDUE]
        amounts = sorted({level.min_amount for level in overdue})
        ladders = tuple(
            (
                amount,
                tuple({one.delay: one for one in overdue if one.min_amount <= amount}.values()),
            )
            for amount in amounts
        )
        object.__setattr__(self, "_ladders", ladders)

    def applying(self, classes):
        """Return the scenario as it is for a customer of ``classes``: with its levels only."""
        levels = tuple(
            level
            for level in self.levels
            if (level.only is None or level.only in classes) and level.never not in classes
        )
        return self if levels == self.levels else replace(self, levels=levels)

    def usable_levels(self, amount):
        """Return the overdue levels that an overdue total reaches, mildest first.

        Levels that ask for more are passed over, and of levels with the same delay, which are
        alternatives, the firmest is left: a call 'from 1,000' takes the place of an e-mail and
        gives way to it for a smaller debt.

        :param amount: net overdue total of the case, company currency
        """
        found = ()
        for least, levels in self._ladders:
            if amount < least:
                break
            found = levels
        return found


@dataclass(frozen=True, slots=True)
class Policy:
    """What a company decides for all its cases.

    :ivar small_residual: company currency; smaller open amounts are listed for write-off
    :ivar require_sent: an invoice that was never sent to the customer is not dunned
    :ivar run_wait: working days left after a customer's payment run, until money is seen
    :ivar statement: when the monthly statements of those who pay by them fall due
    """

    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    small_residual: Decimal = Decimal("5.00")
    require_sent: bool = True
    run_wait: int = 2
    statement: StatementTerm = StatementTerm()


@dataclass(slots=True)
class Item:
    """One open receivable line; each instalment of an invoice is an item of its own.

    :ivar amount: open amount in company currency, negative for a credit
    :ivar amount_currency: the same in the item's own currency
    :ivar due: due date
    :ivar rank: highest rank that truly went out for it, 0 when none did
    :ivar marks: what gather saw on it (``no_followup``, ``unsent``, ``factored``…)
    :ivar grace: days after ``due`` during which a debit or a bill may still bounce
    :ivar parts: {guard code: ((amount, last day, None where unknown), …)}, company currency:
        parts of it that are withheld, see :func:`.guards.withheld_parts`
    :ivar resume: (rank, reason code) of the level at which dunning goes on at once, when what
        held the item back came to nothing
    :ivar disputed_currency: part of it that the customer contests, in the item's own currency;
        ``parts`` withhold the same in company currency
    :ivar free: first day on which it may be dunned: the customer pays on fixed days
    :ivar settled_on: of a debt that was paid, the day on which the books say so
    :ivar paid_on: of a debt that was paid, the value date of the money
    :ivar pot: what nets together, None where all of the case does: (our company, legal entity)
    :ivar entity: the legal entity that owes it, None where it is the debtor itself
    :ivar issued: day of the document, known where the customer pays by monthly statement
    :ivar risk_late: probability to be paid late, None where nobody asks or nothing is predicted
    :ivar covered: company currency; what the legal entity's credits cover of a branch's debt,
        or, negative, what of such a credit is used up
    """

    key: int
    move: int
    due: date
    amount: Decimal
    currency: int
    amount_currency: Decimal
    rank: int = 0
    marks: frozenset = frozenset()
    grace: int = 0
    parts: dict | None = None
    resume: tuple | None = None
    disputed_currency: Decimal = ZERO
    free: date | None = None
    settled_on: date | None = None
    paid_on: date | None = None
    pot: tuple | None = None
    entity: int | None = None
    issued: date | None = None
    risk_late: float | None = None
    covered: Decimal = ZERO


@dataclass(slots=True)
class Hold:
    """A pause decided by a person, until and including ``end``."""

    reason: str
    end: date


@dataclass(slots=True)
class CaseFacts:
    """All that the decision on one case may look at.

    :ivar scenario: None when no scenario applies
    :ivar reachable: (channel, role) → recipient, where there is a usable address
    :ivar unreachable: (channel, role) → code of why there is none, where that is known
    :ivar last_contact: day of the last reminder that truly went out
    :ivar calendar: working days less those on which this debtor is not written to; None where
        they are the company's own
    :ivar judgment: day of the judgment that opened an insolvency; None where it is not known
    :ivar paid: dunned debts that were paid lately, by money, and not thanked for
    :ivar pending: state of a reminder that has not left yet, or None
    :ivar pending_kinds: kinds of all those that have not left yet
    :ivar call_pending: what has not left is a call about a rejected debit
    :ivar stuck: ``failed`` or ``unconfirmed`` when the last delivery needs a person
    :ivar announced: {key of a level: day on which the salesperson was told that it leaves}, as
        long as it has not left since
    :ivar other_company: which of our other companies has the customer's ear today, by name
    :ivar live: False while the portfolio is in simulation: decisions are taken, nothing leaves
    :ivar extra: facts of other add-ons, by add-on name
    """

    key: int
    scenario: Scenario | None
    policy: Policy
    items: list = field(default_factory=list)
    state: str = "current"
    archived: bool = False
    do_not_contact: bool = False
    hold: Hold | None = None
    calendar: WorkingCalendar | None = None
    judgment: date | None = None
    paid: list = field(default_factory=list)
    pending: str | None = None
    pending_kinds: frozenset = frozenset()
    call_pending: bool = False
    stuck: str | None = None
    last_contact: date | None = None
    reachable: dict = field(default_factory=dict)
    unreachable: dict = field(default_factory=dict)
    announced: dict = field(default_factory=dict)
    other_company: str | None = None
    live: bool = True
    extra: dict = field(default_factory=dict)

    @property
    def open_days(self):
        """Working days on which something may reach this debtor."""
        return self.calendar or self.policy.calendar
