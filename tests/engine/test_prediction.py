"""When an item will be paid: what history says, what belief says where there is none."""

from dataclasses import astuple
from datetime import date, timedelta

import pytest
from engine_cases import DAY, MODULES, TODAY
from hypothesis import given, settings
from hypothesis import strategies as st

delays, prediction = MODULES["delays"], MODULES["prediction"]
Observed = delays.Observed
MONTH = timedelta(days=30)


def paid(customer, count, late, first=TODAY - timedelta(days=300), every=6):
    """Return invoices of a customer, due every sixth day, paid ``late`` days late."""
    dues = [first + timedelta(days=every * number) for number in range(count)]
    return [Observed(customer, due - MONTH, due, due + timedelta(days=late)) for due in dues]


def on_tuesdays():
    """Return invoices of A, due on any day and paid on the Tuesday that follows."""
    dues = [TODAY - timedelta(days=320 - 5 * number) for number in range(60)]
    return [
        Observed("A", due - MONTH, due, due + (1 - due.weekday()) % 7 * DAY) for due in dues
    ]


def predict(observed, due, customer="A", **more):
    learnt = delays.Delays(observed, TODAY)
    return prediction.Predictor(learnt.payer(customer), TODAY).predict(due, **more)


# === WHAT IS LEARNT === #


def test_a_customer_is_predicted_by_its_own_habit():
    ledger = paid("A", 30, 20) + paid("B", 30, 0)
    soon = TODAY + 7 * DAY
    assert abs((predict(ledger, soon).p50 - soon).days - 20) <= 1
    assert predict(ledger, soon, "B").p50 == soon


def test_a_new_customer_is_predicted_by_the_others():
    ledger = [one for name in "BCDEF" for one in paid(name, 30, 10)]
    soon = TODAY + 7 * DAY
    assert abs((predict(ledger, soon, "new").p50 - soon).days - 10) <= 2


def test_a_single_payment_says_little():
    ledger = [one for name in "BCDEF" for one in paid(name, 30, 0)] + paid("A", 1, 60)
    once = predict(ledger, TODAY + DAY).late[0]
    always = predict(ledger + paid("A", 30, 60), TODAY + DAY).late[0]
    assert predict(ledger, TODAY + DAY, "B").late[0] < once < always


def test_what_is_open_is_evidence():
    """Of twenty invoices that are two months late, none was paid after one month."""
    ledger = paid("A", 10, 2)
    stuck = [Observed("A", TODAY - 3 * MONTH, TODAY - 2 * MONTH, None) for _number in range(20)]
    due = TODAY + DAY
    assert predict(ledger + stuck, due).late[30] > predict(ledger, due).late[30] + 0.3


def test_old_habits_fade():
    """Late for a year and punctual for the last three months: believed to be punctual."""
    ledger = paid("A", 40, 25, first=TODAY - timedelta(days=600))
    ledger += paid("A", 25, 0, first=TODAY - timedelta(days=90), every=3)
    due = TODAY + 7 * DAY
    assert predict(ledger, due).p50 <= due + DAY


def test_who_pays_on_tuesdays_is_expected_on_a_tuesday():
    ledger = [one for late in range(7) for one in paid(f"other {late}", 20, late)]
    learnt = delays.Delays(ledger + on_tuesdays(), TODAY)
    habit, others = learnt.payer("A").factors, learnt.payer("new").factors
    assert habit.index(max(habit)) == 1
    lower = [habit[day] / habit[1] < others[day] / others[1] for day in range(7) if day != 1]
    assert all(lower)


def test_days_without_payments_are_no_days():
    """Nobody pays on week-ends: what falls due on Saturday is paid, and late, on Monday."""
    ledger = []
    for name in "ABC":
        for number in range(100):
            due = TODAY - timedelta(days=320 - 3 * number)
            rest = {5: 2, 6: 1}.get(due.weekday(), 0)
            ledger.append(Observed(name, due - MONTH, due, due + rest * DAY))
    found = predict(ledger, date(2026, 3, 28))
    assert found.p50 == date(2026, 3, 30)
    assert found.late[0] > 0.9
    assert predict(ledger, date(2026, 3, 27)).late[0] < 0.3


# === WHAT IS KNOWN OF THE ITEM === #


def test_what_is_overdue_is_late_already():
    found = predict(paid("A", 30, 0), TODAY - 20 * DAY)
    assert (found.late[0], found.late[15]) == (1, 1)
    assert found.late[30] < 1
    assert found.p50 > TODAY


def test_a_promise_counts_as_far_as_such_promises_are_kept():
    ledger, due, day = paid("A", 30, 20), TODAY - 5 * DAY, TODAY + 5 * DAY
    sure = predict(ledger, due, promised=day, kept=0.9)
    doubtful = predict(ledger, due, promised=day, kept=0.3)
    assert (sure.p50, sure.p80) == (day, day)
    assert doubtful.p80 > day
    assert sure.weeks[0] > doubtful.weeks[0] > predict(ledger, due).weeks[0]


def test_nothing_is_paid_while_it_is_contested():
    until = TODAY + 21 * DAY
    found = predict(paid("A", 30, 0), TODAY + DAY, held_until=until)
    assert found.weeks[:3] == (0, 0, 0)
    assert found.p50 > until


# === BAD INPUT === #


@pytest.mark.parametrize(
    "observed",
    [
        [],
        [Observed("A", TODAY, TODAY, None)],
        paid("A", 1, 0),
        [Observed("A", TODAY, TODAY - MONTH, TODAY - 2 * MONTH)],  # paid before it was issued
        [Observed("A", TODAY - MONTH, date(1900, 1, 1), TODAY)],
        [Observed("A", TODAY - MONTH, date(9999, 12, 31), None)],
        [Observed("A", TODAY + MONTH, TODAY + MONTH, TODAY + MONTH)],  # of the future
        [Observed("A", TODAY - MONTH, TODAY, TODAY)] * 500,  # all paid at once
    ],
)
@pytest.mark.parametrize("due", [TODAY + DAY, TODAY, date(1900, 1, 1), date(9999, 12, 31)])
def test_anything_is_predicted(observed, due):
    assert is_sound(predict(observed, due), due)


def is_sound(found, due):
    risks = [found.late[days] for days in prediction.LATE_BY]
    return (
        all(0 <= value <= 1 + 1e-9 for value in (*found.weeks, *risks))
        and sum(found.weeks) <= 1 + 1e-9
        and risks == sorted(risks, reverse=True)
        and (found.p80 is None or TODAY < found.p50 <= found.p80)
        and (due >= TODAY or risks[0] == 1)
    )


def days(least, most):
    return st.integers(least, most).map(lambda number: TODAY + number * DAY)


OBSERVED = st.lists(
    st.builds(
        Observed,
        st.sampled_from("ABC"),
        days(-400, 20),
        days(-400, 60),
        st.none() | days(-400, 100),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(OBSERVED, days(-60, 60), st.randoms(use_true_random=False))
def test_properties(observed, due, random):
    found = predict(observed, due)
    assert is_sound(found, due)
    # The order of the ledger, and what happens after today, change nothing.
    shuffled = [
        one if one.paid is None or one.paid <= TODAY else one._replace(paid=None)
        for one in observed
        if one.issued <= TODAY
    ]
    random.shuffle(shuffled)
    again = predict(shuffled, due)
    assert (again.p50, again.p80) == (found.p50, found.p80)
    assert again.weeks == pytest.approx(found.weeks)


@given(st.sets(st.integers(0, 6), max_size=6), days(-400, 400))
def test_open_days_are_counted(closed, day):
    week = delays.OpenDays(closed)
    number = week.number(day)
    assert week.day(number) >= day
    assert week.number(week.day(number)) == number
    assert week.last(day) == number - (day.weekday() in closed)
    assert (week.day(number + week.length) - week.day(number)).days == 7


def test_predictions_of_all_are_those_of_each():
    learnt = delays.Delays(paid("A", 9, 3) + paid("B", 9, 30), TODAY)
    asked = {name: [(name, {"due": TODAY + 3 * DAY})] for name in "AB"}
    for name, found, _reasons in prediction.predict_all(learnt, asked):
        alone = prediction.Predictor(learnt.payer(name), TODAY).predict(TODAY + 3 * DAY)
        assert astuple(found) == astuple(alone)


# === WHY === #


@pytest.mark.parametrize(
    ("ledger", "asked", "codes"),
    [
        ([], {"due": TODAY}, ["no_history"]),
        (paid("A", 2, 9), {"due": TODAY}, ["little_history"]),
        (paid("A", 9, 9), {"due": TODAY - DAY}, ["overdue", "habit"]),
        (paid("A", 9, 9), {"due": TODAY, "promised": TODAY, "kept": 0.5}, ["promised", "habit"]),
        (paid("A", 9, 9), {"due": TODAY, "held_until": TODAY}, ["contested", "habit"]),
        (on_tuesdays(), {"due": TODAY}, ["habit", "weekday"]),
    ],
)
def test_reasons(ledger, asked, codes):
    payer = delays.Delays(ledger + paid("B", 40, 3), TODAY).payer("A")
    assert [code for code, _values in prediction.explain(payer, today=TODAY, **asked)] == codes


def test_nobody_pays_on_a_holiday_that_payments_keep():
    """Everybody pays on the due date, and what is due on a holiday the day after."""
    over = [TODAY - 77 * DAY, TODAY - 147 * DAY]
    ahead = TODAY + 7 * DAY
    dues = [TODAY - number * DAY for number in range(1, 300)]
    dues = [due for due in dues if due.weekday() < 5]
    kept = [
        Observed(name, due - MONTH, due, due + DAY * (due in over))
        for due in dues
        for name in "ABCDEFGH"
    ]
    ignored = [one._replace(paid=one.due) for one in kept]
    for ledger, day in ((kept, ahead + DAY), (ignored, ahead)):
        learnt = delays.Delays(ledger, TODAY, holidays=[*over, ahead])
        found = prediction.Predictor(learnt.payer("A"), TODAY).predict(ahead)
        assert found.p50 == day
