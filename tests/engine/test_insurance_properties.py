"""What holds for every policy, history of limits and ledger there can be."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from insurance_cases import TODAY, allocation, cover, limits, policy

ZERO = Decimal(0)

amounts = st.decimals("0.01", "90000", places=2)
some_days = st.one_of(st.none(), st.integers(0, 120))


def days(first, last):
    return st.integers(first, last).map(lambda number: TODAY + timedelta(days=number))


decisions = st.builds(
    limits.Decision,
    kind=st.sampled_from([limits.REQUESTED, limits.FULL, limits.REVISED, limits.INCREASE_REFUSED,
                          limits.PRE_NOTICE, limits.REDUCED, limits.WITHDRAWN, limits.REFUSED]),
    amount=amounts,
    announced=days(-300, 30),
    effective=days(-300, 30),
    until=st.one_of(st.none(), days(-200, 60)),
    temporary=st.booleans(),
    reference=st.sampled_from(["", "1", "2"]),
)  # fmt: skip

versions = st.builds(
    lambda **values: (policy(**values),),
    start=days(-300, -100),
    discretionary=st.sampled_from([ZERO, Decimal(7500)]),
    blind_percent=st.just(Decimal(70)),
    tax_covered=st.booleans(),
    credit_days=some_days,
    extension_days=some_days,
    roll_in=st.one_of(st.none(), days(-330, -100)),
    reaches_back=st.booleans(),
)

buyers = st.builds(
    cover.Buyer,
    key=st.just("buyer"),
    versions=versions,
    decisions=st.lists(decisions, max_size=5).map(tuple),
    currency=st.just("USD"),
    rate=st.sampled_from([Decimal(1), Decimal("1.37"), Decimal("0.009")]),
)


@st.composite
def debts(draw, with_credits=True):
    found = []
    for key in range(draw(st.integers(0, 7))):
        amount = draw(amounts)
        delivered = draw(days(-330, 0))
        is_credit = with_credits and draw(st.integers(0, 4)) == 0
        found.append(
            allocation.Item(
                key,
                delivered,
                delivered + timedelta(days=draw(st.integers(0, 120))),
                -amount if is_credit else amount,
                currency=draw(st.sampled_from(["EUR", "USD"])),
                amount_currency=(-amount if is_credit else amount) * draw(st.integers(1, 3)),
                untaxed=draw(st.sampled_from([None, amount / 2])),
                disputed=draw(st.sampled_from([ZERO, ZERO, amount, amount / 3])),
            )
        )
    return found


def told(covers):
    """Everything that is said of covers, to compare."""
    return {
        key: (one.covered, one.blind, one.indemnity, one.state, one.reason)
        for key, one in covers.items()
    }


@given(debts(), st.lists(buyers, max_size=2))
def test_a_cover_exceeds_neither_the_debt_nor_what_is_uncontested(items, known):
    for one in cover.cover(items, known, TODAY).values():
        assert ZERO <= one.blind <= one.covered <= one.insurable <= one.exposure
        assert one.covered <= one.item.amount - one.item.disputed
        assert ZERO <= one.indemnity <= one.covered


@given(debts(), buyers)
def test_a_cover_exceeds_no_limit(items, known):
    """What is covered of an item and of all older ones is within the item's own limit."""
    used = ZERO
    for one in cover.cover(items, [known], TODAY).values():
        if not one.covered:
            continue
        used += known.in_currency(one.item, one.covered)
        limit, _is_blind = known.limit_for(one.item, one.terms, TODAY)
        assert used <= limit


@given(debts(), buyers, st.randoms())
def test_the_order_of_reading_does_not_matter(items, known, random):
    first = told(cover.cover(items, [known], TODAY))
    history = list(known.decisions)
    random.shuffle(items)
    random.shuffle(history)
    again = cover.Buyer(
        known.key, known.versions, tuple(history), known.currency, known.rate, known.grade
    )
    assert told(cover.cover(items, [again], TODAY)) == first


@given(debts(with_credits=False), st.lists(buyers, max_size=2), st.data())
def test_paying_one_invoice_never_lowers_the_cover_of_another(items, known, data):
    before = cover.cover(items, known, TODAY)
    if not items:
        return
    paid = data.draw(st.sampled_from(items))
    left = data.draw(st.sampled_from([ZERO, paid.amount / 2]))
    others = [item for item in items if item.key != paid.key]
    after = cover.cover([*others, *([paid.reduced_to(left)] if left else [])], known, TODAY)
    for item in others:
        assert after[item.key].covered >= before[item.key].covered


@given(debts(), st.lists(buyers, max_size=2))
def test_what_is_not_all_covered_says_why(items, known):
    for one in cover.cover(items, known, TODAY).values():
        if one.covered < one.insurable or one.terms is None:
            assert one.reason
        assert one.state in ("covered", "under_covered", "uncovered", "blind", "suspended")


@given(debts(), amounts)
def test_oldest_first_keeps_the_total(items, owed):
    invoices = [item for item in items if item.amount > ZERO]
    total = sum((item.amount for item in invoices), ZERO)
    left = allocation.oldest_paid_first(invoices, min(owed, total))
    assert sum(left.values(), ZERO) == min(owed, total)
    assert all(ZERO <= left[item.key] <= item.amount for item in invoices)
