"""Judging promises: tables, and what holds for all payments there can be."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from engine_cases import DAY, MODULES, TODAY, calendar
from hypothesis import given
from hypothesis import strategies as st

promises = MODULES["promises"]
Payment, Promise, Tolerance = promises.Payment, promises.Promise, promises.Tolerance
Part = promises.Part

ZERO = Decimal(0)
#: Promised on a Wednesday for the Friday; checked on the Tuesday after.
FRIDAY = TODAY + 2 * DAY
TUESDAY = TODAY + 6 * DAY


def promise(amount=1000, before=0, settled=None, check=TUESDAY):
    settled = {key: Decimal(paid) for key, paid in (settled or {1: 0}).items()}
    return Promise(Decimal(amount), TODAY, check, settled, Decimal(before))


def paid(*rows):
    """Return payments from (day counted from today, amount[, item])."""
    return [
        Payment(item[0] if item else 1, TODAY + day * DAY, Decimal(str(amount)))
        for day, amount, *item in rows
    ]


def state(made, payments, today=TUESDAY + DAY, tolerance=None):
    return promises.judge(made, payments, today, tolerance or Tolerance()).state


@pytest.mark.parametrize(
    ("payments", "today", "expected"),
    [
        ([], TODAY, "open"),
        ([], TUESDAY, "open"),
        ([], TUESDAY + DAY, "broken"),
        ([(2, 1000)], FRIDAY, "kept"),  # at once, before its day
        ([(6, 1000)], TUESDAY + DAY, "kept"),  # on the last day
        ([(7, 1000)], TUESDAY + DAY, "broken"),  # a day later
        ([(6, 990)], TUESDAY + DAY, "kept"),  # 1 % short
        ([(6, "989.99")], TUESDAY + DAY, "partly_kept"),
        ([(6, "989.99")], TUESDAY, "open"),
        ([(1, 500), (3, 500)], TUESDAY, "kept"),  # split
        ([(1, 500), (7, 500)], TUESDAY + DAY, "partly_kept"),
        ([(2, 1200)], TUESDAY, "kept"),
        ([(2, 1000, 9)], TUESDAY + DAY, "broken"),  # for something else
    ],
)
def test_verdicts(payments, today, expected):
    assert state(promise(), paid(*payments), today) == expected


def test_paid_one_day_late_and_three_short_is_kept():
    assert state(promise(), paid((3, 997))) == "kept"
    strict = Tolerance(days=0, percent=ZERO)
    assert state(promise(check=FRIDAY), paid((2, 997)), tolerance=strict) == "partly_kept"
    assert state(promise(check=FRIDAY), paid((3, 1000)), tolerance=strict) == "broken"


@pytest.mark.parametrize(
    ("settled", "payments", "expected"),
    [
        # what was paid when the promise was given does not count…
        (400, [(-5, 400)], "broken"),
        (400, [(-5, 400), (2, 600)], "partly_kept"),
        # …but money that had come by then and was in no book does…
        (400, [(-5, 400), (-1, 1000)], "kept"),
        (0, [(0, 1000)], "kept"),
        # …and that an older payment comes back does not take from the promise
        (400, [(2, 1000)], "kept"),
    ],
)
def test_payments_before_the_promise(settled, payments, expected):
    assert state(promise(settled={1: settled}), paid(*payments)) == expected


def test_items_are_one_promise():
    """The customer promised an amount: which of the invoices it pays does not matter."""
    made = promise(1000, settled={1: 0, 2: 50})
    assert state(made, paid((2, 700, 1), (-9, 50, 2), (2, 300, 2))) == "kept"
    assert state(made, paid((2, 1000, 2))) == "kept"
    assert state(made, paid((-9, 50, 2), (2, 950, 1))) == "partly_kept"


def test_instalments_take_money_in_their_order():
    first, second = promise(100), promise(100, before=100)
    money = paid((2, 100))
    assert (state(first, money), state(second, money)) == ("kept", "broken")
    more = paid((2, 100), (3, 100))
    assert (state(first, more), state(second, more)) == ("kept", "kept")
    assert state(second, paid((2, 199))) == "kept", "1 % of what both of them promised"
    verdict = promises.judge(second, paid((2, 150)), TUESDAY + DAY, Tolerance())
    assert verdict == promises.Verdict("partly_kept", Decimal(50))


# === CREDIT NOTES AND WRITE-OFFS === #


def part(amount, owed=1000, before=0, item=1):
    return Part(item, Decimal(amount), Decimal(owed), Decimal(before))


def settled_by(kind, *rows):
    return [replace(one, kind=kind) for one in paid(*rows)]


@pytest.mark.parametrize(
    ("parts", "credits", "money", "expected"),
    [
        # all of it is credited: it says nothing of the customer
        ([part(1000)], [(2, 1000)], [], ("credited", 0, 1000)),
        # a part of it is: the rest is what was promised
        ([part(1000)], [(2, 300)], [(2, 700)], ("kept", 700, 300)),
        ([part(1000)], [(2, 300)], [(2, 690)], ("partly_kept", 690, 300)),
        ([part(1000)], [(2, 300)], [], ("broken", 0, 300)),
        # what is left is less than what may be lacking anyway
        ([part(1000)], [(2, 995)], [], ("credited", 0, 995)),
        # a credit of what was not promised changes nothing
        ([part(1000, owed=1500)], [(2, 300)], [], ("broken", 0, 0)),
        ([part(1000, owed=1500)], [(2, 700)], [(3, 800)], ("kept", 800, 200)),
        # an item that is credited takes its part with it, and no other's
        ([part(600, 600), part(400, 900, item=2)], [(2, 600)], [(2, 400, 2)], ("kept", 400, 600)),
    ],
)
def test_a_credit_note_is_no_money(parts, credits, money, expected):
    made = replace(
        promise(1000, settled={one.item: 0 for one in parts}), parts=tuple(parts)
    )
    payments = paid(*money) + settled_by("credit_note", *credits)
    verdict = promises.judge(made, payments, TUESDAY + DAY, Tolerance())
    assert (verdict.state, verdict.received, verdict.credited) == expected


def test_when_a_credit_note_was_written_does_not_matter_when_a_write_off_was_does():
    made = replace(promise(), parts=(part(1000),))
    late, in_time = (20, 1000), (6, 1000)
    assert state(made, settled_by("credit_note", late)) == "credited"
    assert state(made, settled_by("entry", late)) == "broken"
    assert state(made, settled_by("entry", in_time)) == "credited"


def test_what_was_credited_by_then_was_not_promised():
    known = {"credited": {1: Decimal(200)}, "parts": (part(1000),)}
    made = replace(promise(), **known)
    before = settled_by("credit_note", (-5, 200))
    assert state(made, before) == "broken"
    assert state(made, before + paid((2, 1000))) == "kept"
    # …and an older one, that nobody had allocated yet
    assert state(made, before + settled_by("credit_note", (-3, 300)) + paid((2, 700))) == "kept"


def test_of_a_plan_the_last_instalments_are_credited_first():
    first = replace(promise(500), parts=(part(500),))
    second = replace(
        promise(500, before=500), parts=(part(500, before=500),), earlier=(part(500),)
    )
    some, all_but_one = ([*settled_by("credit_note", (1, amount))] for amount in (200, 600))
    assert state(first, some + paid((2, 500))) == "kept"
    verdict = promises.judge(second, some + paid((2, 700)), TUESDAY + DAY, Tolerance())
    assert verdict == promises.Verdict("partly_kept", Decimal(200), Decimal(200))
    assert state(second, some + paid((2, 800))) == "kept"
    assert state(second, all_but_one + paid((2, 400))) == "credited"
    verdict = promises.judge(first, all_but_one + paid((2, 400)), TUESDAY + DAY, Tolerance())
    assert verdict == promises.Verdict("kept", Decimal(400), Decimal(100))


@pytest.mark.parametrize(
    ("days", "promised", "last"),
    [
        (2, FRIDAY, TUESDAY),
        (2, FRIDAY + DAY, TUESDAY),  # a Saturday
        (0, FRIDAY, FRIDAY),
        (0, FRIDAY + DAY, FRIDAY + 3 * DAY),
        (1, TODAY, TODAY + DAY),
    ],
)
def test_day_of_the_check(days, promised, last):
    assert Tolerance(days=days).last_day(promised) == last


def test_the_day_of_the_check_knows_the_company_s_holidays():
    closed = calendar.WorkingCalendar(closed=frozenset({FRIDAY + 3 * DAY}))
    assert Tolerance(calendar=closed).last_day(FRIDAY) == TUESDAY + DAY


def test_rates_of_promises_kept():
    """Promised and received of four promises: the figures of the field's literature."""
    rows = [(1000, 1000, True), (2000, 2000, True), (5000, 3000, False), (2000, 0, False)]
    rates = promises.kept_rates([(Decimal(a), Decimal(b), kept) for a, b, kept in rows])
    assert rates == (Decimal("0.50"), Decimal("0.60"))
    assert promises.kept_rates([]) == (None, None)
    assert promises.kept_rates([(Decimal(10), Decimal(99), True)]) == (1, 1)


# === FOR ALL PAYMENTS === #

cents = st.integers(1, 200_000).map(lambda n: Decimal(n) / 100)
kinds = st.sampled_from((promises.MONEY, promises.CREDIT_NOTE, promises.ENTRY))
payments_of = st.lists(
    st.builds(
        Payment,
        st.integers(1, 3),
        st.integers(-20, 20).map(lambda n: TODAY + n * DAY),
        cents,
        kinds,
    ),
    max_size=8,
)


@st.composite
def promises_of(draw):
    """Return a promise on up to three items, alone or after an instalment of the same plan."""
    known = draw(st.dictionaries(st.integers(1, 3), st.just(ZERO) | cents, min_size=1))
    parts, earlier = [], []
    for item in known:
        before = draw(st.just(ZERO) | cents)
        amount, rest = draw(cents), draw(st.just(ZERO) | cents)
        owed = before + amount + rest
        parts.append(Part(item, amount, owed, before))
        earlier.append(Part(item, before, owed))
    return Promise(
        sum(part.amount for part in parts),
        TODAY,
        draw(st.integers(0, 10).map(lambda n: TODAY + n * DAY)),
        known,
        sum(part.amount for part in earlier),
        draw(st.dictionaries(st.sampled_from([*known]), cents)),
        tuple(parts),
        tuple(earlier),
    )


made_promises = promises_of()
days = st.integers(0, 15).map(lambda n: TODAY + n * DAY)
tolerances = st.builds(Tolerance, st.integers(0, 5), st.integers(0, 10).map(Decimal))


@given(made_promises, payments_of, days, tolerances, st.randoms())
def test_any_order_of_payments_gives_the_same_verdict(made, payments, today, tolerance, random):
    first = promises.judge(made, payments, today, tolerance)
    random.shuffle(payments)
    assert promises.judge(made, payments, today, tolerance) == first


@given(made_promises, payments_of, days, tolerances, st.data())
def test_a_split_payment_is_the_payment(made, payments, today, tolerance, data):
    parts = []
    for one in payments:
        part = data.draw(st.decimals(0, one.amount, places=2))
        parts += [replace(one, amount=part), replace(one, amount=one.amount - part)]
    assert promises.judge(made, parts, today, tolerance) == promises.judge(
        made, payments, today, tolerance
    )


@given(made_promises, payments_of, days, tolerances)
def test_the_verdict_follows_from_money_in_time(made, payments, today, tolerance):
    verdict = promises.judge(made, payments, today, tolerance)
    assert ZERO <= verdict.received <= made.amount - verdict.credited <= made.amount
    in_time = [
        one for one in payments if one.date <= made.check or one.kind == promises.CREDIT_NOTE
    ]
    assert promises.judge(made, in_time, today, tolerance) == verdict
    if verdict.state == "open":
        assert today <= made.check
    if verdict.state == "broken":
        assert verdict.received == ZERO


@given(made_promises, payments_of, days, tolerances, st.integers(1, 3), cents)
def test_more_money_never_breaks_a_promise(made, payments, today, tolerance, item, amount):
    order = ("broken", "partly_kept", "open", "kept")
    before = promises.judge(made, payments, today, tolerance)
    more = [*payments, Payment(item, made.check, amount)]
    after = promises.judge(made, more, today, tolerance)
    if before.state == "credited":
        assert after == before, "nothing is left to pay"
    else:
        assert order.index(after.state) >= order.index(before.state)


@given(made_promises, payments_of, days, tolerances, st.sampled_from((1, 2, 3)), cents, kinds)
def test_a_credit_never_counts_as_money(made, payments, today, tolerance, item, amount, kind):
    before = promises.judge(made, payments, today, tolerance)
    more = [*payments, Payment(item, made.check, amount, kind)]
    after = promises.judge(made, more, today, tolerance)
    if kind != promises.MONEY:
        # what earlier instalments lose by a credit, money had gone to: it is free for later ones
        paid = sum(payment.amount for payment in payments)
        assert after.received <= (paid if made.before else before.received)
        assert after.credited >= before.credited
    else:
        assert after.credited == before.credited


# === PLANS === #


def test_schedules():
    first = date(2026, 1, 31)
    assert promises.schedule(Decimal(1000), 4, first, first_payment=Decimal(400)) == [
        (date(2026, 1, 31), Decimal(400)),
        (date(2026, 2, 28), Decimal(200)),
        (date(2026, 3, 31), Decimal(200)),
        (date(2026, 4, 30), Decimal(200)),
    ]
    weekly = promises.schedule(Decimal(10), 3, first, "weekly")
    assert [day for day, _amount in weekly] == [first + timedelta(weeks=n) for n in range(3)]
    assert [amount for _day, amount in weekly] == [
        Decimal("3.33"),
        Decimal("3.33"),
        Decimal("3.34"),
    ]
    whole = promises.schedule(Decimal(1000), 3, first, unit=Decimal(1))
    assert [amount for _day, amount in whole] == [333, 333, 334]
    over_new_year = promises.schedule(Decimal(2), 2, date(2026, 12, 15))
    assert over_new_year[1][0] == date(2027, 1, 15)


@given(cents, st.integers(1, 36), st.sampled_from(["monthly", "weekly"]), st.dates(), st.data())
def test_a_schedule_adds_up_and_goes_forward(total, count, every, first, data):
    if first.year > 9990:
        return
    first_payment = data.draw(st.decimals(0, total, places=2)) if count > 1 else ZERO
    found = promises.schedule(total, count, first, every, first_payment)
    assert sum(amount for _day, amount in found) == total
    assert len(found) == count
    assert [day for day, _amount in found] == sorted({day for day, _amount in found})


@given(st.lists(cents, max_size=6), st.lists(cents, max_size=6))
def test_a_spread_gives_each_item_what_it_has(amounts, opens):
    items = list(enumerate(opens))
    shares = promises.spread(amounts, items)
    given_out = dict.fromkeys(range(len(opens)), ZERO)
    for share in shares:
        for key, part, before in share:
            assert before == given_out[key]
            given_out[key] += part
            assert given_out[key] <= opens[key]
    assert sum(given_out.values(), ZERO) == min(sum(amounts, ZERO), sum(opens, ZERO))


@pytest.mark.parametrize(
    ("states", "tolerated", "expected"),
    [
        ("open open open", 0, "active"),
        ("kept open open", 0, "active"),
        ("broken open open", 0, "broken"),
        ("partly_kept open open", 0, "broken"),
        ("broken open open", 1, "active"),
        ("broken partly_kept open", 1, "broken"),
        ("kept kept kept", 0, "completed"),
        ("broken kept kept", 1, "completed"),  # caught up
        ("kept kept broken", 1, "broken"),  # over, and not paid
        ("kept kept partly_kept", 3, "broken"),
    ],
)
def test_what_becomes_of_a_plan(states, tolerated, expected):
    assert promises.judge_plan(states.split(), tolerated) == expected
