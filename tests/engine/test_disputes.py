"""Figures of disputes, their clock, and the guard that withholds only what is contested."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from engine_cases import DAY, TODAY, answer, calendar, decided, disputes, item

FIRST = date(2026, 1, 5)
WEEK = calendar.WorkingCalendar()


def spans(*rows):
    """Spans that took so many days, for so much."""
    return [
        disputes.Span(FIRST, FIRST + timedelta(days=days), Decimal(amount)) for days, amount in rows
    ]


# === TIME TO RESOLVE === #


def test_resolution_time_plain_and_weighted():
    """5, 12 and 31 days for 1,000, 3,000 and 6,000: 16.0 days, weighted 22.7."""
    three = spans((5, 1000), (12, 3000), (31, 6000))
    assert round(disputes.mean_days(three), 1) == Decimal("16.0")
    assert round(disputes.weighted_days(three), 1) == Decimal("22.7")


def test_what_is_open_has_no_resolution_time():
    still_open = disputes.Span(FIRST, None, Decimal(9999))
    three = spans((5, 1000), (12, 3000), (31, 6000))
    assert disputes.mean_days([*three, still_open]) == 16
    assert disputes.mean_days([still_open]) is None
    assert disputes.weighted_days([still_open]) is None
    assert disputes.weighted_days(spans((5, 0))) is None


@pytest.mark.parametrize(
    ("resolved", "stopped", "waiting_since", "age"),
    [
        (None, 0, None, 30),
        (None, 10, None, 20),  # the customer was awaited for 10 days
        (None, 0, 12, 12),  # and is awaited since the 12th
        (None, 5, 12, 7),
        (20, 0, None, 20),
        (20, 8, None, 12),
        (0, 0, None, 0),  # on the day itself
        (3, 9, None, 0),  # never less than nothing
    ],
)
def test_the_clock_stands_still_while_the_customer_is_awaited(
    resolved, stopped, waiting_since, age
):
    span = disputes.Span(
        FIRST,
        None if resolved is None else FIRST + resolved * DAY,
        stopped=stopped,
        waiting_since=waiting_since and FIRST + waiting_since * DAY,
    )
    assert disputes.age(span, FIRST + 30 * DAY) == age


# === DEADLINE === #


@pytest.mark.parametrize(
    ("opened", "days", "deadline"),
    [
        (date(2026, 3, 18), 10, date(2026, 4, 1)),  # a Wednesday, two weeks later
        (date(2026, 3, 20), 1, date(2026, 3, 23)),  # Friday to Monday
        (date(2026, 3, 21), 5, date(2026, 3, 27)),  # opened on a Saturday
    ],
)
def test_deadline_in_working_days(opened, days, deadline):
    assert disputes.deadline(opened, days, WEEK) == deadline


def test_deadline_over_a_closed_day():
    closed = calendar.WorkingCalendar(closed=frozenset({date(2026, 3, 19)}))
    assert disputes.deadline(date(2026, 3, 18), 1, closed) == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("due", "stopped_on", "today", "resumed"),
    [
        # three working days were left (19, 20, 23): they are left on the Monday after
        (date(2026, 3, 23), date(2026, 3, 18), date(2026, 3, 30), date(2026, 4, 2)),
        (date(2026, 3, 23), date(2026, 3, 18), date(2026, 3, 18), date(2026, 3, 23)),
        # past already, or due on the very day: nothing comes back
        (date(2026, 3, 17), date(2026, 3, 18), date(2026, 3, 30), date(2026, 3, 17)),
        (date(2026, 3, 18), date(2026, 3, 18), date(2026, 3, 30), date(2026, 3, 18)),
    ],
)
def test_deadline_when_the_clock_runs_again(due, stopped_on, today, resumed):
    assert disputes.resumed_deadline(due, stopped_on, today, WEEK) == resumed


@pytest.mark.parametrize(
    ("today", "every", "step"),
    [
        (date(2026, 3, 18), 5, 0),  # the deadline itself
        (date(2026, 3, 19), 5, 1),
        (date(2026, 3, 25), 5, 1),  # the fifth working day after
        (date(2026, 3, 26), 5, 2),
        (date(2026, 4, 1), 5, 2),
        (date(2026, 4, 2), 5, 3),
        (date(2027, 4, 2), 5, 3),  # there is no fourth
        (date(2027, 4, 2), 0, 1),  # one step only
    ],
)
def test_steps_of_escalation(today, every, step):
    assert disputes.escalation_step(date(2026, 3, 18), today, every, WEEK) == step


# === RATES === #


@pytest.mark.parametrize(
    ("disputed", "invoiced", "rate"),
    [(560, 2466, "22.7"), (Decimal("12.50"), Decimal(100), "12.5"), (0, 5, "0.0"), (3, 0, None)],
)
def test_dispute_rate(disputed, invoiced, rate):
    found = disputes.rate(disputed, invoiced)
    assert found is None if rate is None else round(found, 1) == Decimal(rate)


def test_effect_on_dso():
    """22,000 of 220,000 in dispute: a tenth of the DSO that the whole gives."""
    whole = disputes.disputed_days_of_sales(Decimal(250000), Decimal(310000), 92)
    assert round(whole, 2) == Decimal("74.19")  # the simple DSO, were all of it disputed
    part = disputes.disputed_days_of_sales(Decimal(25000), Decimal(310000), 92)
    assert part == whole / 10
    assert disputes.disputed_days_of_sales(Decimal(25000), Decimal(0), 92) is None


@pytest.mark.parametrize(
    ("amount", "rooms", "parts"),
    [(70, (50, 50), (50, 20)), (0, (50,), (0,)), (200, (50, 50), (50, 50)), (10, (), ())],
)
def test_spread(amount, rooms, parts):
    rooms = [Decimal(room) for room in rooms]
    assert disputes.spread(Decimal(amount), rooms) == [Decimal(part) for part in parts]


# === THE GUARD === #


def disputed(overdue, amount, part, **values):
    parts = {"disputed": ((Decimal(str(part)), None),)}
    return item(overdue, amount, 0, "disputed", parts=parts, **values)


@pytest.mark.parametrize(
    ("amount", "part", "overdue", "reason"),
    [
        (300, 0, 300, "level_called"),
        (300, 100, 200, "level_called"),
        (300, 300, 0, "disputed"),
        (300, 500, 0, "disputed"),  # part of it was paid since: no more than what is left
        (300, 260, 40, "low_total"),
    ],
)
def test_only_the_contested_part_waits(amount, part, overdue, reason):
    made = decided(disputed(20, amount, part))
    assert (made.situation.overdue, made.reason) == (overdue, reason)
    assert made.situation.outstanding == amount


def test_the_trace_says_how_much_is_contested():
    made = decided(disputed(20, 300, 100), item(20, 50))
    [entry] = [entry for entry in made.trace if entry[0] == "disputed"]
    assert entry[1] is True
    assert (entry[2]["count"], entry[2]["amount"]) == (1, "100")


def test_a_contested_item_leaves_the_others_alone():
    contested, free = disputed(20, 300, 300), item(20, 200)
    made = decided(contested, free)
    assert [line.claim.key for line in made.lines] == [free.key]
    assert answer(decided(disputed(20, 300, 300), today=TODAY)) == ("wait", "disputed", None)


def test_what_is_claimed_in_a_foreign_currency_is_a_share():
    contested = disputed(20, 200, 50, amount_currency=250)
    [line] = decided(contested).lines
    assert line.claim.amount_currency == Decimal("187.5")
