"""The decision on one case: what is claimed, what stops it, which level, what comes next."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from . import channels, ladder, thanks, voice
from .facts import AFTER_PAYMENT, BEFORE_DUE, BY_PERSON, CALL, OVERDUE, TASK, ZERO, Item, Level
from .guards import CREDIT
from .netting import net_by_pot
from .voice import Voice

REMIND = "remind"
HOLD = "hold"
WAIT = "wait"
CLEAR = "clear"

PREVENTIVE = "preventive"
DUNNING = "dunning"
REJECTED_DEBIT = "rejected_debit"
THANKS = "thanks"

#: Entry of the trace for a channel that finds no address; the next one was tried.
PASSED_OVER = "passed_over"

#: How many items a trace names; it always counts them all.
TRACED_ITEMS = 50


@dataclass(slots=True)
class Claim:
    """What may be asked of the customer for one item, after guards and credits.

    :ivar amount: company currency, what is left to claim
    :ivar due: due date to count from, which a guard may have moved
    """

    item: Item
    amount: Decimal
    due: date

    @property
    def key(self):
        return self.item.key

    @property
    def rank(self):
        return self.item.rank

    @property
    def amount_currency(self):
        """The claim in the item's own currency, by its own ratio: never by today's rate."""
        item = self.item
        if self.amount == item.amount:
            return item.amount_currency
        return item.amount_currency * self.amount / item.amount


@dataclass(slots=True)
class Line:
    """An item in a reminder; ``rank`` is what the item reaches when the reminder goes out."""

    claim: Claim
    rank: int


@dataclass(slots=True)
class Situation:
    """What the case looks like once items were judged and credits netted.

    :ivar overdue: net overdue total that may be claimed, company currency
    :ivar outstanding: net open total, whatever was withheld, company currency
    :ivar credits: what is negative, as claims
    :ivar late: the claims past their due date
    :ivar withheld: item guard code → list of (item key, amount withheld)
    :ivar waiting: codes of item guards that withhold something overdue
    :ivar until: item guard code → first day that is known to be the last of what it withholds
    :ivar returning: pairs (claim, day) of what is withheld until that day
    :ivar calls: pairs (claim, level) called for today
    :ivar upcoming: pairs (claim, level) still ahead
    :ivar rejected: claims whose direct debit came back: a person calls today, before any level
    :ivar level: the highest level called today, None when nothing is called
    """

    claims: list = field(default_factory=list)
    credits: list = field(default_factory=list)
    unused_credit: Decimal = ZERO
    outstanding: Decimal = ZERO
    overdue: Decimal = ZERO
    oldest: date | None = None
    late: list = field(default_factory=list)
    withheld: dict = field(default_factory=dict)
    waiting: set = field(default_factory=set)
    until: dict = field(default_factory=dict)
    returning: list = field(default_factory=list)
    rejected: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    upcoming: list = field(default_factory=list)
    level: Level | None = None

    @property
    def nothing_owed(self):
        """Whether no debt is left that could be claimed, now or later."""
        return not self.claims and self.outstanding <= ZERO

    @property
    def preventive(self):
        """Whether only reminders before the due date are called."""
        return self.level is not None and self.level.trigger == BEFORE_DUE

    @property
    def thanking(self):
        """Whether nothing but a thank-you is called."""
        return self.level is not None and self.level.trigger == AFTER_PAYMENT


@dataclass(slots=True)
class Decision:
    """The answer, with everything needed to explain it.

    :ivar outcome: ``remind``, ``hold`` (a guard stopped it), ``wait`` (nothing is called
        yet) or ``clear`` (nothing is owed)
    :ivar reason: stable code; ``seen`` holds what its sentence needs
    :ivar channel: how it leaves; ``beside`` are the channels that say the same beside it
    :ivar voice: what the salesperson is to be told today, a :class:`~.voice.Voice`
    :ivar next_date: earliest day on which the answer can become ``remind``, if known
    :ivar trace: one entry (code, stopped, seen) for each guard, in the order they were asked
    """

    outcome: str
    reason: str
    situation: Situation
    seen: dict = field(default_factory=dict)
    kind: str = DUNNING
    level: Level | None = None
    channel: str | None = None
    beside: tuple = ()
    lines: list = field(default_factory=list)
    next_date: date | None = None
    voice: Voice | None = None
    trace: list = field(default_factory=list)

    @property
    def channels(self):
        """All channels by which it leaves: a reminder each."""
        return (self.channel, *self.beside) if self.channel else ()

    @property
    def parts(self):
        """Pairs (legal entity, lines), a message each: one for the whole group, but a formal
        notice for each legal entity; None stands for the debtor itself."""
        if not self._is_split():
            return [(None, self.lines)]
        parts = {}
        for line in self.lines:
            parts.setdefault(line.claim.item.entity, []).append(line)
        return list(parts.items())

    def _is_split(self):
        formal = self.kind == DUNNING and self.level and self.level.formal_notice
        if not formal or self.channel in BY_PERSON:
            return False
        return any(line.claim.item.entity for line in self.lines)


def decide(facts, today, guards):
    """Decide what happens to a case on ``today``.

    :param facts: :class:`~.facts.CaseFacts`
    :param guards: :class:`~.guards.Guards`
    :return: :class:`Decision`
    """
    situation = assess(facts, today, guards)
    trace = _trace_items(situation, guards)
    thanked = thanks.call(facts, situation)
    if thanked and thanked.day <= today:
        made = _thank(facts, situation, thanked, today, guards)
        if made:
            made.trace[:0] = trace
            return made
    if situation.nothing_owed:
        if thanked and thanked.day > today:
            seen = {"date": thanked.day.isoformat()}
            return Decision(
                WAIT, "thanks_due", situation, seen, next_date=thanked.day, trace=trace
            )
        reason = "credit_balance" if situation.outstanding < ZERO else "nothing_owed"
        return Decision(CLEAR, reason, situation, trace=trace)
    stops, asked = _ask_case_guards(facts, situation, today, guards)
    if stops and (announcing := _only_announcing(situation)):
        # An old debt that has to wait does not silence what comes due.
        stops_again, asked_again = _ask_case_guards(facts, announcing, today, guards)
        if not stops_again:
            situation, stops, asked = announcing, stops_again, asked_again
    trace += asked
    if stops:
        code, verdict = stops[0]
        return Decision(
            HOLD,
            code,
            situation,
            verdict.seen,
            level=situation.level,
            next_date=_next_date(facts, situation, verdict, today),
            voice=voice.call(facts, situation, stops, today),
            trace=trace,
        )
    if situation.rejected:
        return _call_about_rejected_debit(situation, trace)
    if situation.level:
        return _remind(facts, situation, today, trace)
    next_date = _next_date(facts, situation, None, today)
    reason, seen = _why_waiting(situation, next_date)
    return Decision(
        WAIT,
        reason,
        situation,
        seen,
        next_date=next_date,
        voice=voice.call(facts, situation, stops, today),
        trace=trace,
    )


def assess(facts, today, guards):
    """Judge the items, net the credits and call the levels: a :class:`Situation`."""
    situation = Situation()
    _judge_items(facts, today, guards, situation)
    if facts.scenario is None or facts.scenario.net_credits:
        situation.unused_credit = net_by_pot(situation.claims, situation.credits)
        covered = [claim for claim in situation.claims if not claim.amount]
        if covered:
            situation.withheld[CREDIT] = [(c.key, c.item.amount) for c in covered]
            situation.claims = [claim for claim in situation.claims if claim.amount]
    situation.late = [claim for claim in situation.claims if claim.due < today]
    situation.overdue = sum([claim.amount for claim in situation.late], ZERO)
    situation.oldest = min([claim.due for claim in situation.late], default=None)
    situation.rejected = [c for c in situation.claims if "debit_rejected" in c.item.marks]
    if facts.scenario and situation.claims and not situation.rejected:
        _call_levels(facts.scenario, situation, today)
    return situation


def _judge_items(facts, today, guards, situation):
    situation.outstanding = sum([item.amount for item in facts.items], ZERO)
    for item in facts.items:
        left, due = item.amount, item.due
        for guard in guards.items if item.marks else guards.unmarked:
            verdict = guard.judge(item, facts, today)
            if verdict is None:
                continue
            due = verdict.due or due
            left -= _withhold(situation, guard.code, Claim(item, left, due), verdict, today)
            if not left:
                break
        if left > ZERO:
            situation.claims.append(Claim(item, left, due))
        elif left < ZERO:
            situation.credits.append(Claim(item, left, due))


def _withhold(situation, code, claim, verdict, today):
    """Note what a verdict takes of a claim, and return how much."""
    taken = _take(claim.amount, verdict)
    situation.withheld.setdefault(code, []).append((claim.key, taken))
    if taken > ZERO and claim.due < today:
        situation.waiting.add(code)
    if verdict.until:
        situation.until[code] = min(situation.until.get(code, verdict.until), verdict.until)
        situation.returning.append((Claim(claim.item, taken, claim.due), verdict.until))
    return taken


def _take(left, verdict):
    """Return what a verdict withholds of what is left: never more than that."""
    if verdict.amount is not None:
        return min(left, verdict.amount) if left > ZERO else max(left, verdict.amount)
    return ZERO if verdict.due else left


def _call_levels(scenario, situation, today):
    calls, situation.upcoming = ladder.call_overdue(
        scenario, situation.claims, situation.overdue, today
    )
    situation.calls = calls + ladder.call_preventive(scenario, situation.claims, today)
    situation.level = _firmest(situation.calls)


def _firmest(calls):
    """Return the level that speaks for all: one message whatever the number of levels."""
    levels = {level.key: level for _claim, level in calls}
    return max(
        levels.values(), key=lambda level: (level.trigger == OVERDUE, level.rank), default=None
    )


def _trace_items(situation, guards):
    """Return the trace of the item guards, and of what credits cover."""
    withheld = situation.withheld
    if not withheld:
        return list(guards.items_passed)
    return [
        _item_entry(entry[0], withheld[entry[0]], situation.until.get(entry[0]))
        if entry[0] in withheld
        else entry
        for entry in guards.items_passed
    ]


def _item_entry(code, rows, until):
    """Return the trace entry of an item guard; the items themselves up to a page of them."""
    amount = sum((taken for _key, taken in rows), ZERO)
    keys = [key for key, _taken in rows[:TRACED_ITEMS]]
    seen = {"count": len(rows), "amount": str(amount), "items": keys}
    return [code, True, {**seen, "end": until.isoformat()} if until else seen]


def _ask_case_guards(facts, situation, today, guards):
    """Ask every case guard; return pairs (code, verdict) of those that stop, and the trace."""
    stops, trace = [], list(guards.cases_passed)
    for position, guard in enumerate(guards.cases):
        verdict = guard.ask(facts, situation, today)
        if verdict is not None:
            trace[position] = [guard.code, True, verdict.seen]
            stops.append((guard.code, verdict))
    return stops, trace


def _only_announcing(situation):
    """Return the situation without its overdue calls; None where nothing else is called."""
    calls = [call for call in situation.calls if call[1].trigger == BEFORE_DUE]
    if not calls or len(calls) == len(situation.calls):
        return None
    return replace(situation, calls=calls, level=_firmest(calls))


def _thank(facts, situation, thanked, today, guards):
    """Return the decision to thank, None when a case guard stops it or something is called."""
    if situation.level or situation.rejected:
        return None
    alone = thanks.only(situation, thanked.level)
    stops, asked = _ask_case_guards(facts, alone, today, guards)
    route = channels.choose(thanked.level, facts)
    if stops or not route.channel or route.channel == TASK != thanked.level.channel:
        return None  # nobody is given the task to say thank you for want of an address
    return Decision(
        REMIND,
        "thanks_called",
        alone,
        kind=THANKS,
        level=thanked.level,
        channel=route.channel,
        beside=route.beside,
        lines=[Line(Claim(item, item.amount, item.due), item.rank) for item in thanked.items],
        next_date=_next_date(facts, situation, None, today),
        trace=asked,
    )


def _call_about_rejected_debit(situation, trace):
    return Decision(
        REMIND,
        "debit_rejected",
        situation,
        kind=REJECTED_DEBIT,
        channel=CALL,
        lines=[Line(claim, claim.rank) for claim in situation.rejected],
        trace=trace,
    )


def _remind(facts, situation, today, trace):
    level = situation.level
    # The guard ``no_address`` stopped the levels that would rather wait for an address.
    route = channels.choose(level, facts)
    given_up = route.channel == TASK and TASK not in (level.channel, *level.fallbacks)
    trace += [
        [PASSED_OVER, True, {"channel": channel, "cause": cause}]
        for channel, cause in route.passed_over
    ]
    lines = _lines(situation, level)
    reason, seen = _why_called(situation, level)
    return Decision(
        REMIND,
        "level_called_no_address" if given_up else reason,
        situation,
        seen,
        kind=PREVENTIVE if situation.preventive else DUNNING,
        level=level,
        channel=route.channel,
        beside=route.beside,
        lines=lines,
        next_date=_date_after(facts, situation, lines, today),
        trace=trace,
    )


def _why_called(situation, level):
    """Return what called the level, and what its sentence needs: its delay, a probable delay of
    the customer, or an item that resumes there."""
    for claim, called in situation.calls:
        resume = claim.item.resume
        if resume and called is level and resume[0] == level.rank:
            return resume[1], {}
    if level.min_risk:
        risks = [claim.item.risk_late for claim, called in situation.calls if called is level]
        return "late_predicted", {"percent": round(100 * max(risks))}
    return "level_called", {}


def _lines(situation, level):
    """Items of the message, each with the rank that it reaches.

    The customer sees what is called today and all that was reminded before; what is overdue
    but not yet called for stays unmentioned. What is only soon due is announced apart, on
    another day: its amount has no place in a claim. A task for a person advances only the items
    that stand at that level: the customer heard nothing about the others.
    """
    if level.channel in BY_PERSON:
        return [Line(claim, level.rank) for claim, called in situation.calls if called is level]
    lines = [
        Line(claim, called.rank)
        for claim, called in situation.calls
        if called.trigger == level.trigger
    ]
    if level.formal_notice:
        # Put on notice are the legal entities that come to it; the others hear on another day.
        noticed = {claim.item.entity for claim, called in situation.calls if called is level}
        lines = [line for line in lines if line.claim.item.entity in noticed]
    else:
        noticed = None
    if level.trigger == OVERDUE:
        advancing = {claim.item.key for claim, _level in situation.calls}
        lines += [
            Line(claim, claim.item.rank)
            for claim in situation.late
            if claim.item.rank
            and claim.item.key not in advancing
            and (noticed is None or claim.item.entity in noticed)
        ]
    return lines


def _next_date(facts, situation, stop, today):
    """Return the earliest working day on which a reminder can leave, None when unknown."""
    ahead = [ladder.ripe_day(claim, level) for claim, level in situation.upcoming]
    ahead += _days_of_return(facts, situation, facts.last_contact)
    if stop and stop.until is None:
        return None
    if stop and situation.level:
        day = stop.until + timedelta(days=1)
    elif ahead:
        day = max(min(ahead), stop.until + timedelta(days=1)) if stop else min(ahead)
    else:
        return None
    return facts.open_days.next_open(max(day, today + timedelta(days=1)))


def _date_after(facts, situation, lines, today):
    """Return the earliest working day of the next level, once ``lines`` went out today."""
    reached = {}
    for line in lines:
        due = reached.get(line.rank)
        if due is None or line.claim.due < due:
            reached[line.rank] = line.claim.due
    days = ladder.next_dates(facts.scenario, reached, situation.overdue, today)
    days += _days_of_return(facts, situation, today)
    return facts.open_days.next_open(min(days)) if days else None


def _days_of_return(facts, situation, last_contact):
    """Return the days from which levels are called for what is withheld for now.

    :param date last_contact: last day on which the customer will have heard of us, or None
    """
    days = []
    for claim, until in situation.returning if facts.scenario else ():
        total = situation.overdue + claim.amount
        levels = facts.scenario.usable_levels(total)
        level = next((level for level in levels if level.rank > claim.rank), None)
        if level:
            ripe = claim.due + level.ripe_after
            free = last_contact + timedelta(days=max(level.min_days, 1)) if last_contact else ripe
            days.append(max(until + timedelta(days=1), ripe, free))
    return days


def _why_waiting(situation, next_date):
    if situation.claims:
        if next_date:
            return "not_yet", {"date": next_date.isoformat()}
        return ("ladder_done" if situation.overdue else "not_due"), {}
    weight = {
        code: sum((abs(taken) for _key, taken in rows), ZERO)
        for code, rows in situation.withheld.items()
    }
    # Sorted, so that equal weights give the same answer in whatever order items come.
    reason = max(sorted(weight), key=weight.get)
    until = situation.until.get(reason)
    return reason, {"end": until.isoformat()} if until else {}
