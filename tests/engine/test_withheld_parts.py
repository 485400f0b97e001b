"""Promised parts of items: what waits, until when, and where dunning goes on afterwards."""

from decimal import Decimal

import pytest
from engine_cases import DAY, TODAY, answer, calendar, decided, item
from hypothesis import given
from hypothesis import strategies as st

#: The day of the check, a Tuesday.
UNTIL = TODAY + 6 * DAY


def promised(overdue, amount, *parts, rank=0, **values):
    """Return an item of which ``parts``, pairs (amount, days from today), are promised."""
    parts = tuple(
        (Decimal(part), None if days is None else TODAY + days * DAY) for part, days in parts
    )
    return item(overdue, amount, rank, "promised", parts={"promised": parts}, **values)


def test_the_promised_part_waits_and_the_rest_is_dunned():
    made = decided(promised(20, 1000, (600, 6)))
    assert answer(made) == ("remind", "level_called", 20)
    assert [line.claim.amount for line in made.lines] == [Decimal(400)]
    [entry] = [entry for entry in made.trace if entry[0] == "promised"]
    assert entry[2]["amount"] == "600" and entry[2]["end"] == UNTIL.isoformat()


def test_the_whole_item_waits_until_the_check_and_returns_after_it():
    one = promised(20, 1000, (1000, 6))
    made = decided(one)
    assert answer(made) == ("wait", "promised", None)
    assert made.seen == {"end": UNTIL.isoformat()}
    assert made.next_date == UNTIL + DAY
    assert answer(decided(one, today=UNTIL)) == ("wait", "promised", None)
    assert decided(one, today=UNTIL + DAY).outcome == "remind"


@pytest.mark.parametrize(
    ("overdue", "rank", "last_contact", "expected"),
    [
        (20, 0, None, UNTIL + DAY),
        (20, 20, None, UNTIL + DAY),
        (20, 40, None, TODAY + 8 * DAY),  # the level after is due 28 days after the due date
        (-31, 0, None, TODAY + 34 * DAY),  # not even due: its first level, 3 days after
        (20, 20, TODAY - DAY, UNTIL + DAY),
        (20, 20, TODAY + 5 * DAY, TODAY + 12 * DAY),  # a week between reminders
        (99, 60, None, None),  # no level is left
    ],
)
def test_next_date(overdue, rank, last_contact, expected):
    one = promised(overdue, 1000, (1000, 6), rank=rank)
    made = decided(one, last_contact=last_contact)
    assert answer(made) == ("wait", "promised", None)
    assert made.next_date == (expected and calendar.WorkingCalendar().next_open(expected))


def test_next_date_after_the_rest_was_dunned():
    """A week is left after the reminder of today, although the check is sooner."""
    made = decided(promised(3, 1000, (600, 2)))
    assert made.outcome == "remind"
    assert made.next_date == TODAY + 7 * DAY
    # the item itself reaches its next level in a week; the part of another one is back later
    other = promised(5, 1000, (1000, 12), rank=20)
    assert decided(item(3, 400), other).next_date == TODAY + 7 * DAY


def test_a_rest_below_the_threshold_waits_for_what_is_promised():
    made = decided(promised(20, 1000, (960, 6)))
    assert answer(made) == ("hold", "low_total", 20)
    assert made.next_date == UNTIL + DAY


def test_parts_return_one_after_the_other():
    """The instalments of a plan: each part on its own day."""
    one = promised(20, 300, (100, 6), (100, 36), (100, 66))
    assert decided(one).next_date == UNTIL + DAY
    after = decided(one, today=UNTIL + DAY)
    assert [line.claim.amount for line in after.lines] == [Decimal(100)]


def test_a_part_of_more_than_what_is_left_withholds_what_is_left():
    made = decided(promised(20, 200, (600, 6)), item(20, 100))
    assert made.situation.withheld["promised"][0][1] == Decimal(200)
    assert made.situation.overdue == Decimal(100)


@pytest.mark.parametrize(
    ("overdue", "days", "waiting"),
    [(20, 6, {"promised"}), (20, -1, set()), (0, 6, set()), (-3, 6, set())],
)
def test_what_is_overdue_and_waits(overdue, days, waiting):
    assert decided(promised(overdue, 1000, (1000, days))).situation.waiting == waiting


def test_a_part_without_a_known_end():
    made = decided(promised(20, 1000, (1000, None)))
    assert (made.reason, made.seen, made.next_date) == ("promised", {}, None)


def test_without_a_scenario_nothing_is_known_of_the_next_day():
    made = decided(promised(20, 1000, (1000, 6)), scenario=None)
    assert made.outcome in ("hold", "wait") and made.next_date is None


# === GOING ON AT A CHOSEN LEVEL === #


@pytest.mark.parametrize(
    ("overdue", "rank", "resume", "expected"),
    [
        (5, 20, 60, ("remind", "promise_broken", 60)),  # whatever its age
        (5, 20, 50, ("remind", "promise_broken", 50)),
        (20, 20, 20, ("remind", "level_called", 30)),  # it stands there already
        (5, 50, 30, ("wait", "not_yet", None)),  # it stands higher
        (5, 20, 55, ("wait", "not_yet", None)),  # no such level in this scenario
        (-3, 0, 60, ("wait", "not_yet", None)),  # not due: nothing to go on with
    ],
)
def test_an_item_goes_on_at_the_chosen_level(overdue, rank, resume, expected):
    one = item(overdue, 2000, rank, resume=(resume, "promise_broken"))
    assert answer(decided(one)) == expected


def test_after_it_went_out_the_ladder_goes_on():
    one = item(25, 2000, 30, resume=(50, "promise_broken"))
    assert answer(decided(one)) == ("remind", "promise_broken", 50)
    one.rank = 50
    assert answer(decided(one)) == ("wait", "not_yet", None)


def test_the_others_keep_their_own_level():
    broken, other = item(5, 2000, 20, resume=(50, "promise_broken")), item(12, 300, 20)
    made = decided(broken, other)
    assert {line.claim.key: line.rank for line in made.lines} == {broken.key: 50, other.key: 30}


def test_days_between_reminders_are_kept():
    one = item(5, 2000, 20, resume=(50, "promise_broken"))
    made = decided(one, last_contact=TODAY - DAY)
    assert answer(made) == ("hold", "too_soon", 50)


# === FOR ALL PARTS === #

parts = st.lists(
    st.tuples(
        st.integers(1, 200_000).map(lambda n: Decimal(n) / 100),
        st.none() | st.integers(-5, 40).map(lambda n: TODAY + n * DAY),
    ),
    max_size=3,
).map(tuple)


@given(st.lists(st.tuples(st.integers(-10, 60), st.integers(1, 200_000), parts), max_size=5))
def test_every_cent_is_claimed_or_withheld(rows):
    items = [
        item(overdue, Decimal(amount) / 100, 0, "promised", parts={"promised": promised_parts})
        for overdue, amount, promised_parts in rows
    ]
    made = decided(*items)
    withheld = [row for found in made.situation.withheld.values() for row in found]
    claimed = sum(claim.amount for claim in made.situation.claims)
    assert claimed + sum(amount for _key, amount in withheld) == sum(one.amount for one in items)
    assert all(amount >= 0 for _key, amount in withheld)
    if made.next_date:
        assert made.next_date > TODAY
