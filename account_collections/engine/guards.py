"""Reasons not to dun, each a small function in one ordered registry.

Two kinds. An *item guard* withholds an amount of an item or moves its due date; a *case
guard* stops the whole case for today. Each has a stable code: its sentence, in the user's
language, is registered beside the models. Add-ons append guards of their own; the order
is the ``sequence``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from . import channels, voice
from .facts import OVERDUE, WAIT, ZERO


@dataclass(slots=True)
class Withheld:
    """Verdict of an item guard.

    :ivar amount: company currency withheld, None for all of it
    :ivar due: a later due date to count from instead
    :ivar until: last day on which it is known to hold
    """

    amount: Decimal | None = None
    due: date | None = None
    until: date | None = None


@dataclass(slots=True)
class Stop:
    """Verdict of a case guard: not today.

    :ivar until: last day it is known to hold, or None when only a person or an event ends it
    :ivar seen: what it saw, for the sentence that explains it
    """

    until: date | None = None
    seen: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemGuard:
    """``judge(item, facts, today)`` returns a :class:`Withheld` or None.

    :ivar on_marks: it only ever judges items that gather marked; most bear no mark, and are
        spared the question
    """

    code: str
    sequence: int
    judge: Callable
    on_marks: bool = False


@dataclass(frozen=True, slots=True)
class CaseGuard:
    """``ask(facts, situation, today)`` returns a :class:`Stop` or None."""

    code: str
    sequence: int
    ask: Callable


#: Entry of the trace for what credits cover; a consequence of netting, not a guard.
CREDIT = "credit"


def _passed(code):
    """Return the entry of a trace for what let pass: it saw nothing."""
    return [code, False, {}]


@dataclass(frozen=True, slots=True)
class Guards:
    """The registry: both kinds, in order.

    :ivar unmarked: item guards that judge items without marks too
    :ivar items_passed: the trace of items of which nothing is withheld, for all cases to share
    :ivar cases_passed: the trace of case guards that all let pass, likewise
    """

    items: tuple
    cases: tuple
    unmarked: tuple = field(init=False)
    items_passed: tuple = field(init=False)
    cases_passed: tuple = field(init=False)

    def __post_init__(self):
        asked = tuple(guard for guard in self.items if not guard.on_marks)
        names = (*(guard.code for guard in self.items), CREDIT)
        object.__setattr__(self, "unmarked", asked)
        object.__setattr__(self, "items_passed", tuple(map(_passed, names)))
        object.__setattr__(
            self, "cases_passed", tuple(_passed(guard.code) for guard in self.cases)
        )

    def extended(self, *guards):
        """Return a registry with ``guards`` of either kind added at their sequence."""

        def merged(kind, known):
            added = (guard for guard in guards if isinstance(guard, kind))
            return tuple(sorted((*known, *added), key=lambda guard: guard.sequence))

        return replace(
            self, items=merged(ItemGuard, self.items), cases=merged(CaseGuard, self.cases)
        )


# === ITEM GUARDS === #

ALL = Withheld()


def marked(code, sequence):
    """Return an item guard that withholds every item bearing the mark ``code``."""
    return ItemGuard(
        code,
        sequence,
        lambda item, facts, today: ALL if code in item.marks else None,
        on_marks=True,
    )


def withheld_parts(code, sequence):
    """Return an item guard that withholds the parts that ``item.parts`` names by ``code``.

    Items with parts bear ``code`` as a mark too. A part whose last day is over is not withheld.
    """

    def judge(item, facts, today):
        parts = (item.parts or {}).get(code, ())
        held = [part for part in parts if part[1] is None or today <= part[1]]
        if not held:
            return None
        days = [until for _amount, until in held if until]
        amount = sum((amount for amount, _until in held), ZERO)
        return Withheld(amount, until=min(days, default=None))

    return ItemGuard(code, sequence, judge, on_marks=True)


def _unsent(item, facts, today):
    return ALL if facts.policy.require_sent and "unsent" in item.marks else None


def _small_residual(item, facts, today):
    """A small debt is not asked for; a small credit still counts for the customer."""
    return ALL if ZERO < item.amount < facts.policy.small_residual else None


def _payment_run(item, facts, today):
    """An overdue item waits for the customer's next payment run; what is announced does not."""
    if not item.free or item.amount < ZERO or not item.due < today < item.free:
        return None
    return Withheld(until=item.free - timedelta(days=1))


def _retention(item, facts, today):
    """Retention money is due on its release date, with the rest of the item or alone.

    Only what stands for the retention waits. Once it is all that is left of the item, its due
    date is that of the release: before it, nothing is late; after it, days count from there.
    """
    [(amount, release)] = (item.parts or {}).get("retention") or [(ZERO, None)]
    if not release or item.amount <= ZERO:
        return None
    if amount >= item.amount:
        return Withheld(due=max(release, item.due))
    return Withheld(amount, until=release) if today <= release else None


def _until_maturity(item, facts, today):
    """A debit or a bill in hand may bounce some days after its maturity."""
    if "debit" not in item.marks or "debit_rejected" in item.marks:
        return None
    last = item.due + timedelta(days=item.grace)
    return Withheld(until=last) if today <= last else None


def _by_statement(item, facts, today):
    """The items of a month fall due together; none before its own date."""
    if item.issued is None:
        return None
    due = facts.policy.statement.due(item.issued)
    return Withheld(due=due) if due > item.due else None


def _entity_credit(item, facts, today):
    """What the legal entity paid without naming a branch covers the oldest, wherever it is."""
    if not item.covered or (facts.scenario and not facts.scenario.net_credits):
        return None
    return Withheld(item.covered)


# === CASE GUARDS === #

#: States of a case in which nobody is dunned by scenario any more.
OUT_OF_DUNNING = ("insolvency", "legal", "closed")


def _state(facts, situation, today):
    if facts.state == "insolvency" and facts.judgment:
        return None  # old debts are withheld one by one, later ones are dunned
    return Stop(seen={"state": facts.state}) if facts.state in OUT_OF_DUNNING else None


def _archived(facts, situation, today):
    return Stop() if facts.archived else None


def _do_not_contact(facts, situation, today):
    return Stop() if facts.do_not_contact else None


def _hold(facts, situation, today):
    hold = facts.hold
    if hold and today <= hold.end:
        return Stop(hold.end, {"why": hold.reason, "end": hold.end.isoformat()})
    return None


def _no_scenario(facts, situation, today):
    return None if facts.scenario else Stop()


def _no_level(facts, situation, today):
    return Stop() if facts.scenario and not facts.scenario.levels else None


def _stuck(facts, situation, today):
    """A failed delivery never escalates: a person repairs it or says that it went out."""
    if not facts.stuck or situation.rejected or situation.thanking:
        return None
    return Stop(seen={"state": facts.stuck})


def _pending(facts, situation, today):
    """A letter that waits does not hold up the call about a rejected debit.

    Nor does one that waits to be approved, perhaps for days, silence what comes due.
    """
    if situation.thanking and "thanks" not in facts.pending_kinds:
        return None  # what waits asks for what has been paid
    if facts.pending == "to_approve" and situation.preventive:
        return Stop(seen={"state": facts.pending}) if "preventive" in facts.pending_kinds else None
    if not facts.pending or (situation.rejected and not facts.call_pending):
        return None
    return Stop(seen={"state": facts.pending})


def _low_total(facts, situation, today):
    scenario = facts.scenario
    if not scenario or situation.preventive or situation.rejected:
        return None
    if not situation.overdue or situation.overdue >= scenario.threshold:
        return None
    return Stop(
        # What is withheld until then may take the total above the threshold.
        min(situation.until.values(), default=None),
        {"total": str(situation.overdue), "threshold": str(scenario.threshold)},
    )


def _too_soon(facts, situation, today):
    level = situation.level
    if not level or level.trigger != OVERDUE or not facts.last_contact:
        return None
    free = facts.last_contact + timedelta(days=level.min_days)
    if today >= free:
        return None
    return Stop(
        free - timedelta(days=1),
        {"last": facts.last_contact.isoformat(), "min_days": level.min_days},
    )


def _salesperson_told(facts, situation, today):
    """Nothing leaves before the day that was named; who was not told yet is told today."""
    level = situation.level
    if not level or not voice.has_voice(level, facts):
        return None
    day = voice.announced_day(level, facts, today)
    day = day or facts.policy.calendar.add_open_days(today, level.voice_days)
    if today >= day:
        return None
    return Stop(day - timedelta(days=1), {"date": day.isoformat()})


def _other_company_contact(facts, situation, today):
    """One contact a day, whichever of our companies has something to say."""
    if not facts.other_company or situation.rejected:
        return None
    return Stop(today, {"company": facts.other_company})


def _no_address(facts, situation, today):
    level = situation.level
    if not level or level.undeliverable != WAIT:
        return None
    route = channels.choose(level, facts)
    return None if route.channel else Stop(seen={"causes": [list(p) for p in route.passed_over]})


STANDARD = Guards(
    items=(
        marked("no_followup", 10),
        marked("intercompany", 20),
        marked("insolvency", 25),
        marked("assigned", 30),
        marked("member_stopped", 35),
        marked("deposit", 40),
        ItemGuard("unsent", 50, _unsent, on_marks=True),
        ItemGuard("until_maturity", 60, _until_maturity, on_marks=True),
        ItemGuard("retention", 62, _retention, on_marks=True),
        withheld_parts("disputed", 65),
        withheld_parts("promised", 66),
        marked("payment_in_process", 70),
        withheld_parts("probably_paid_shared", 72),
        withheld_parts("probably_paid", 73),
        withheld_parts("draft_credit", 75),
        ItemGuard("payment_run", 78, _payment_run, on_marks=True),
        marked("task_open", 80),
        marked("unconfirmed_elsewhere", 81),
        ItemGuard("by_statement", 82, _by_statement, on_marks=True),
        ItemGuard("entity_credit", 85, _entity_credit, on_marks=True),
        ItemGuard("small_residual", 90, _small_residual),
    ),
    cases=(
        CaseGuard("state", 10, _state),
        CaseGuard("archived", 20, _archived),
        CaseGuard("do_not_contact", 30, _do_not_contact),
        CaseGuard("hold", 40, _hold),
        CaseGuard("no_scenario", 50, _no_scenario),
        CaseGuard("no_level", 60, _no_level),
        CaseGuard("stuck", 70, _stuck),
        CaseGuard("pending", 80, _pending),
        CaseGuard("low_total", 90, _low_total),
        CaseGuard("too_soon", 100, _too_soon),
        CaseGuard(voice.SALESPERSON_TOLD, 105, _salesperson_told),
        CaseGuard("other_company_contact", 108, _other_company_contact),
        CaseGuard("no_address", 110, _no_address),
    ),
)
