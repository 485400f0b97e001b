"""Thank-yous: when, for what, and when not. And what comes due is announced all the same."""

from decimal import Decimal

import pytest
from engine_cases import DAY, LADDER, TODAY, answer, calendar, decided, facts, item, scenario

THANKS = facts.Level(key=5, rank=5, trigger=facts.AFTER_PAYMENT)
POLITE = scenario(THANKS, *LADDER)


def paid(settled=1, amount=300, **values):
    """Return a dunned debt that the books said was paid ``settled`` days ago."""
    return item(
        30, amount, 20, settled_on=TODAY - settled * DAY, paid_on=TODAY - (settled + 2) * DAY,
        **values,
    )


def thanked(*items, debts=None, **values):
    values.setdefault("scenario", POLITE)
    return decided(*items, paid=[paid()] if debts is None else debts, **values)


@pytest.mark.parametrize(
    ("settled", "expected", "next_date"),
    [
        (0, ("wait", "thanks_due", None), TODAY + DAY),  # paid today: tomorrow
        (1, ("remind", "thanks_called", 5), None),
        (3, ("remind", "thanks_called", 5), None),
    ],
)
def test_on_the_next_working_day(settled, expected, next_date):
    made = thanked(debts=[paid(settled)])
    assert (answer(made), made.next_date) == (expected, next_date)


def test_paid_on_a_friday_is_thanked_for_on_monday():
    friday, monday = TODAY + 2 * DAY, TODAY + 5 * DAY
    debts = [paid(-2)]
    assert thanked(debts=debts, today=friday).next_date == monday
    assert thanked(debts=debts, today=friday + DAY).outcome == "wait"
    assert thanked(debts=debts, today=monday).kind == "thanks"


def test_a_holiday_of_the_customer_comes_in_between():
    closed = calendar.WorkingCalendar(closed=frozenset({TODAY}))
    made = thanked(calendar=closed)
    assert (made.outcome, made.next_date) == ("wait", TODAY + DAY)


def test_it_names_what_was_paid_and_when():
    debt = paid()
    made = thanked(debts=[debt])
    assert (made.kind, made.channel) == ("thanks", "email")
    [line] = made.lines
    assert (line.claim.item, line.claim.amount, line.rank) == (debt, Decimal(300), 20)


LATE = item(10, 500)


@pytest.mark.parametrize(
    ("other", "is_thanked"),
    [
        ([], True),
        ([item(-9, 500)], True),  # not due yet
        ([item(0, 500)], True),  # due today
        ([item(1, 500)], False),
        ([item(1, 4)], True),  # too small to ask for
        ([item(1, 500), item(9, -500)], True),  # a credit covers it
        ([item(1, 500, 0, "task_open")], False),
        ([item(1, 500, 0, "unsent")], False),
        ([item(1, 500, 0, "no_followup")], True),
        ([item(1, 500, 0, "debit", grace=5)], True),  # we collect it ourselves
    ],
)
def test_never_when_something_else_is_overdue(other, is_thanked):
    assert (thanked(*other).kind == "thanks") is is_thanked


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"scenario": scenario()}, "clear"),  # a scenario that does not thank
        ({"debts": []}, "clear"),
        ({"do_not_contact": True}, "clear"),
        ({"archived": True}, "clear"),
        ({"hold": facts.Hold("other", TODAY)}, "clear"),
        ({"state": "legal"}, "clear"),
        ({"pending": "scheduled", "pending_kinds": {"thanks"}}, "clear"),
        # what waits or failed asked for what is paid now
        ({"pending": "to_approve", "pending_kinds": {"dunning"}}, "remind"),
        ({"stuck": "failed"}, "remind"),
        ({"reachable": {}}, "clear"),  # no task for a person to say thank you
    ],
)
def test_what_stops_it(values, outcome):
    assert thanked(**values).outcome == outcome


def test_from_an_amount_on():
    large = scenario(facts.Level(key=5, rank=5, trigger="after_payment", min_amount=Decimal(301)))
    assert thanked(scenario=large).outcome == "clear"
    assert thanked(scenario=large, debts=[paid(), paid(amount=1)]).kind == "thanks"


def test_a_level_of_thanks_is_no_step_of_the_ladder():
    made = decided(item(10), scenario=POLITE)
    assert made.level.rank == 20
    assert 5 not in {one.rank for one in POLITE.usable_levels(Decimal(10_000))}


# === ANNOUNCEMENTS === #

SOON = item(-4, 8000, 0)


@pytest.mark.parametrize(
    ("late", "values", "announced"),
    [
        ([], {}, True),
        # a late invoice that has to wait
        ([item(10, 900, 20)], {"last_contact": TODAY - DAY}, True),
        ([item(10, 30)], {}, True),  # below the threshold
        # its reminder waits to be approved, since days perhaps
        ([item(50, 900, 50)], {"pending": "to_approve"}, True),
        # but one that leaves today leaves alone, and nothing is announced twice
        ([item(50, 900, 50)], {"pending": "scheduled"}, False),
        ([item(50, 900, 50)], {"pending": "to_approve", "pending_kinds": {"preventive"}}, False),
        ([], {"pending": "to_approve", "pending_kinds": {"preventive"}}, False),
        # a late invoice that is called for today goes first: the announcement follows
        ([item(10, 900)], {}, False),
        # what is withheld of the late one says nothing about the next
        ([item(10, 900, 0, "task_open")], {}, True),
        ([item(10, 900, 0, "no_followup")], {}, True),
    ],
)
def test_an_old_debt_does_not_silence_what_comes_due(late, values, announced):
    made = decided(SOON, *late, **values)
    assert (made.outcome == "remind" and made.kind == "preventive") is announced
    if announced:
        assert [line.claim.key for line in made.lines] == [SOON.key]


# === RETENTION, INSOLVENCY === #


def retained(overdue, amount, retention, release, rank=0):
    parts = {"retention": ((Decimal(retention), release),)}
    return item(overdue, amount, rank, "retention", parts=parts)


@pytest.mark.parametrize(
    ("amount", "retention", "release", "expected", "overdue"),
    [
        # 5 % of 10,000 retained until next year: the rest is dunned
        (10_000, 500, TODAY + 300 * DAY, ("remind", "level_called", 20), 9_500),
        # the rest was paid: nothing is late
        (500, 500, TODAY + 300 * DAY, ("wait", "not_yet", None), 0),
        (400, 500, TODAY + 300 * DAY, ("wait", "not_yet", None), 0),
        (500, 500, TODAY, ("wait", "not_yet", None), 0),  # due today
        # released: it is as late as the release is long ago, not as the invoice is old
        (500, 500, TODAY - 2 * DAY, ("wait", "not_yet", None), 500),
        (500, 500, TODAY - 3 * DAY, ("remind", "level_called", 20), 500),
        # released while the rest is unpaid too
        (10_000, 500, TODAY - 2 * DAY, ("remind", "level_called", 20), 10_000),
    ],
)
def test_retention_is_due_at_its_release(amount, retention, release, expected, overdue):
    made = decided(retained(400, amount, retention, release))
    assert answer(made) == expected
    assert made.situation.overdue == overdue


def test_retention_gives_the_right_next_date():
    """The ladder begins three days after the release, a Monday."""
    release = TODAY + 9 * DAY
    made = decided(retained(400, 500, 500, release))
    assert made.next_date == TODAY + 12 * DAY
    assert decided(retained(400, 500, 500, release), today=release + 3 * DAY).level.rank == 20


def test_before_its_own_due_date_a_retention_changes_nothing():
    made = decided(retained(-30, 500, 500, TODAY + 9 * DAY))
    assert made.situation.claims[0].due == TODAY + 30 * DAY


JUDGMENT = TODAY - 30 * DAY


@pytest.mark.parametrize(
    ("items", "judgment", "expected"),
    [
        # no judgment known: everything stops
        ([item(20)], None, ("hold", "state", 20)),
        # debts from before stop, later ones are dunned
        ([item(60, 900, 0, "insolvency")], JUDGMENT, ("wait", "insolvency", None)),
        ([item(20)], JUDGMENT, ("remind", "level_called", 20)),
        ([item(60, 900, 0, "insolvency"), item(20)], JUDGMENT, ("remind", "level_called", 20)),
    ],
)
def test_insolvency(items, judgment, expected):
    made = decided(*items, state="insolvency", judgment=judgment)
    assert answer(made) == expected
    assert all("insolvency" not in line.claim.item.marks for line in made.lines)


def test_an_old_credit_does_not_pay_a_new_debt():
    made = decided(
        item(60, -50, 0, "insolvency"), item(20, 100), state="insolvency", judgment=JUDGMENT
    )
    assert made.situation.overdue == 100


def test_other_stages_stop_whatever_was_judged():
    made = decided(item(20), state="legal", judgment=JUDGMENT)
    assert (made.outcome, made.reason) == ("hold", "state")
