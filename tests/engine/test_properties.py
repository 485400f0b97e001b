"""What holds for every case there can be."""

from datetime import timedelta
from decimal import Decimal

from engine_cases import DAY, EMAILS, LADDER, TODAY, calendar, decide, facts, guards
from hypothesis import given, settings
from hypothesis import strategies as st

ZERO = Decimal(0)
MARKS = (
    "no_followup",
    "intercompany",
    "assigned",
    "deposit",
    "unsent",
    "debit",
    "debit_rejected",
    "payment_in_process",
    "task_open",
)
RANKS = [0, *(level.rank for level in LADDER), 25, 70]

cents = st.decimals("-20000", "20000", places=2)
days = st.integers(-60, 200).map(lambda n: TODAY - timedelta(days=n))


@st.composite
def items(draw):
    found = []
    for key in range(1, draw(st.integers(0, 7)) + 1):
        amount = draw(cents)
        found.append(
            facts.Item(
                key=key,
                move=key,
                due=draw(days),
                amount=amount,
                currency=1,
                amount_currency=amount * draw(st.sampled_from([Decimal(1), Decimal("1.37")])),
                rank=draw(st.sampled_from(RANKS)),
                marks=draw(st.frozensets(st.sampled_from(MARKS), max_size=2)),
                grace=draw(st.integers(0, 10)),
            )
        )
    return found


offices = st.builds(
    calendar.WorkingCalendar,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    closed=st.frozensets(st.integers(0, 20).map(lambda n: TODAY + n * DAY)),
)

cases = st.builds(
    facts.CaseFacts,
    key=st.just(1),
    scenario=st.one_of(
        st.none(),
        st.builds(
            facts.Scenario,
            key=st.just(1),
            levels=st.lists(st.sampled_from(LADDER), unique=True).map(tuple),
            mode=st.sampled_from([facts.PROGRESSIVE, facts.BY_AGE]),
            net_credits=st.booleans(),
            threshold=st.sampled_from([ZERO, Decimal(50)]),
        ),
    ),
    policy=st.builds(facts.Policy, calendar=offices, require_sent=st.booleans()),
    items=items(),
    state=st.sampled_from(["current", "dunning", "formal_notice", "insolvency"]),
    archived=st.booleans(),
    hold=st.one_of(st.none(), st.builds(facts.Hold, reason=st.just("other"), end=days)),
    pending=st.sampled_from([None, None, "scheduled"]),
    stuck=st.sampled_from([None, None, "failed"]),
    last_contact=st.one_of(st.none(), days),
    reachable=st.sampled_from([EMAILS, {}]),
)

#: Cases that nothing but the ladder stops, so that reminders are not rare.
open_cases = st.builds(
    facts.CaseFacts,
    key=st.just(1),
    scenario=st.builds(
        facts.Scenario,
        key=st.just(1),
        levels=st.just(LADDER),
        mode=st.sampled_from([facts.PROGRESSIVE, facts.BY_AGE]),
        net_credits=st.booleans(),
    ),
    policy=st.just(facts.Policy()),
    items=items(),
    reachable=st.sampled_from([EMAILS, {}]),
)


def ask(case, today=TODAY):
    return decide.decide(case, today, guards.STANDARD)


def view(made):
    """Everything a decision says, to compare two of them."""
    return (
        made.outcome,
        made.reason,
        made.kind,
        made.level,
        made.channel,
        made.next_date,
        made.trace,
        [(line.claim.key, line.claim.amount, line.rank) for line in made.lines],
    )


@given(cases)
def test_same_facts_same_answer(case):
    assert view(ask(case)) == view(ask(case))


@given(open_cases, st.randoms())
def test_the_order_of_items_does_not_matter(case, random):
    first = ask(case)
    random.shuffle(case.items)
    second = ask(case)
    assert (first.outcome, first.reason, first.level) == (
        second.outcome,
        second.reason,
        second.level,
    )
    assert sorted(view(first)[-1]) == sorted(view(second)[-1])


@given(cases)
def test_every_cent_is_claimed_withheld_or_netted(case):
    situation = ask(case).situation
    claimed = sum((claim.amount for claim in situation.claims), ZERO)
    credits = sum((item.amount for item in situation.credits), ZERO)
    withheld = sum(
        (
            amount
            for code, rows in situation.withheld.items()
            if code != decide.CREDIT
            for _key, amount in rows
        ),
        ZERO,
    )
    netted = -credits - situation.unused_credit if _nets(case) else ZERO
    # what credits took off the claims is no longer in them
    assert claimed + netted + credits + withheld == situation.outstanding
    assert situation.outstanding == sum((item.amount for item in case.items), ZERO)


def _nets(case):
    return case.scenario is None or case.scenario.net_credits


@given(cases)
def test_a_withheld_item_is_never_reminded(case):
    made = ask(case)
    withheld = {key for rows in made.situation.withheld.values() for key, _amount in rows}
    assert not withheld & {line.claim.key for line in made.lines}


@given(cases)
def test_a_reminder_has_items_with_money_in_them(case):
    made = ask(case)
    assert bool(made.lines) == (made.outcome == decide.REMIND)
    assert all(ZERO < line.claim.amount <= line.claim.item.amount for line in made.lines)


@given(cases)
def test_next_date_is_a_working_day_to_come(case):
    made = ask(case)
    if made.next_date:
        assert made.next_date > TODAY
        assert case.policy.calendar.is_open(made.next_date)


@given(cases)
def test_ranks_never_go_down(case):
    assert all(line.rank >= line.claim.rank for line in ask(case).lines)


@given(cases)
def test_the_trace_asks_every_guard(case):
    made = ask(case)
    # A channel without an address is no guard: it is told where a reminder leaves by another.
    codes = [code for code, *_rest in made.trace if code != decide.PASSED_OVER]
    items = [guard.code for guard in guards.STANDARD.items] + [decide.CREDIT]
    assert codes[: len(items)] == items
    if made.outcome != decide.CLEAR:
        assert codes[len(items) :] == [guard.code for guard in guards.STANDARD.cases]


@settings(max_examples=200)
@given(open_cases)
def test_once_sent_nothing_more_the_same_day(case):
    """What went out comes back as facts; asked again, no second e-mail of its kind is called.

    A call about a debit that came back, a reminder and an announcement may follow each other;
    two tasks of one kind are kept apart by the unique contact of the day.
    """
    contacts = set()
    for _contact in range(4):
        made = ask(case)
        contact = (made.kind, made.channel)
        if made.outcome != decide.REMIND or contact in contacts and made.channel == facts.TASK:
            return
        assert contact not in contacts
        contacts.add(contact)
        _went_out(case, made)
    raise AssertionError(f"contacts of one day: {contacts}")


def _went_out(case, made):
    """Bring into the facts what gather would read once the reminder has left."""
    reached = {line.claim.key: line.rank for line in made.lines}
    for item in case.items:
        if item.key in reached:
            item.rank = max(item.rank, reached[item.key])
            item.marks -= {"debit_rejected"}
            if made.channel == facts.TASK and made.kind != decide.PREVENTIVE:
                item.marks |= {"task_open"}
    if made.channel != facts.TASK and made.kind == decide.DUNNING:
        case.last_contact = TODAY


@given(open_cases, st.integers(1, 40))
def test_waiting_until_the_next_date_is_enough(case, wait):
    """Nothing is called between today and the date that was given, as far as facts stand."""
    made = ask(case)
    if made.outcome != decide.WAIT or made.next_date is None:
        return
    day = TODAY + wait * DAY
    if day < made.next_date and not _moves_by_itself(case):
        assert ask(case, day).outcome != decide.REMIND


def _moves_by_itself(case):
    """Announcements and debits in hand change with the day alone."""
    return any(item.due >= TODAY or "debit" in item.marks for item in case.items)
