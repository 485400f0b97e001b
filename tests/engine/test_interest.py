"""Late-payment interest: the figures of the law, and a ledger counted day by day."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from engine_cases import MODULES

interest = MODULES["interest"]
D = Decimal

FRENCH = interest.Terms(
    rates={
        date(2025, 1, 1): D("13.15"),
        date(2025, 7, 1): D("12.15"),
        date(2026, 1, 1): D("12.15"),
    },
    floors={date(2025, 7, 1): D("8.28"), date(2026, 1, 1): D("7.86")},
)


def total(debt, terms=FRENCH, until=date(2026, 6, 30), since=None):
    return sum((one.amount for one in interest.periods(debt, terms, until, since)), D(0))


def debt(due, amount, *cuts):
    return interest.Debt(due, D(amount), tuple((day, D(cut)) for day, cut in cuts))


@pytest.mark.parametrize(
    ("due", "amount", "paid", "expected"),
    [
        (date(2026, 1, 31), "10000", date(2026, 3, 17), "149.79"),  # 45 days
        (date(2025, 5, 31), "12000", date(2025, 8, 15), "313.45"),  # over the half-year
        (date(2026, 1, 31), "10000", date(2026, 1, 31), "0"),  # paid in time
        (date(2026, 1, 31), "10000", date(2026, 2, 1), "3.33"),  # one day
        (date(2026, 1, 31), "10000", date(2026, 1, 15), "0"),  # before it was due
    ],
)
def test_figures_of_the_law(due, amount, paid, expected):
    assert total(debt(due, amount, (paid, amount))) == D(expected)


def test_parts_cut_the_principal_from_the_next_day_on():
    """10,000 for 10 days, 6,000 for 20 after a payment, 2,500 for 15 after a credit note."""
    due = date(2026, 1, 31)
    late = debt(due, 10000, (date(2026, 2, 10), 4000), (date(2026, 3, 2), 3500))
    found = interest.periods(late, FRENCH, date(2026, 3, 17))
    assert [(one.days, one.principal) for one in found] == [(10, 10000), (20, 6000), (15, 2500)]
    exact = D("12.15") * (10000 * 10 + 6000 * 20 + 2500 * 15) / D(36500)
    assert sum(one.amount for one in found) == exact.quantize(D("0.01"), ROUND_HALF_UP)


def test_what_comes_back_is_owed_again():
    late = debt(
        date(2026, 1, 31), 1000, (date(2026, 2, 10), 1000), (date(2026, 2, 20), -1000)
    )
    found = interest.periods(late, FRENCH, date(2026, 2, 25))
    assert [(one.first, one.last) for one in found] == [
        (date(2026, 2, 1), date(2026, 2, 10)),
        (date(2026, 2, 21), date(2026, 2, 25)),
    ]


@pytest.mark.parametrize(
    ("mode", "rates"), [("half_year", ["13.15", "12.15"]), ("fixed", ["13.15"])]
)
def test_rate_of_each_half_year_or_of_the_first(mode, rates):
    terms = interest.Terms(FRENCH.rates, mode)
    late = debt(date(2025, 6, 29), 1000, (date(2025, 7, 10), 1000))
    assert [str(one.rate) for one in interest.periods(late, terms, date(2026, 1, 1))] == rates


def test_due_on_the_last_day_of_a_half_year_is_late_in_the_next():
    terms = interest.Terms(FRENCH.rates, "fixed")
    late = debt(date(2025, 6, 30), 1000)
    assert interest.periods(late, terms, date(2025, 7, 31))[0].rate == D("12.15")


@pytest.mark.parametrize(
    ("agreed", "rates"),
    [("9", ["9", "9"]), ("8", ["8.28", "8"]), ("5", ["8.28", "7.86"]), ("-1", ["8.28", "7.86"])],
)
def test_an_agreed_rate_is_not_below_the_floor(agreed, rates):
    terms = interest.Terms(FRENCH.rates, agreed=D(agreed), floors=FRENCH.floors)
    late = debt(date(2025, 12, 1), 1000)
    assert [str(one.rate) for one in interest.periods(late, terms, date(2026, 1, 31))] == rates


def test_a_missing_rate_is_told_by_its_half_year():
    with pytest.raises(interest.MissingRate) as missing:
        total(debt(date(2026, 6, 1), 1000), until=date(2026, 7, 1))
    assert missing.value.first == date(2026, 7, 1)
    # nothing was owed then any more, or the contract says it
    paid = debt(date(2026, 6, 1), 1000, (date(2026, 6, 30), 1000))
    assert total(paid, until=date(2026, 12, 31)) == D("9.65")
    assert total(debt(date(2026, 6, 1), 1000), interest.Terms(agreed=D(10)), date(2026, 7, 1))


def test_no_interest_below_zero():
    negative = interest.Terms({date(2026, 1, 1): D("-0.88")})
    assert interest.legal_rate(D("-3"), D("0.5")) == 0
    assert total(debt(date(2026, 1, 31), 1000), negative) == 0


def test_stretches_add_up_to_the_whole():
    """What was dealt with until a day, and the rest, are what one computation says; to a cent."""
    late = debt(date(2025, 5, 31), "8765.43", (date(2025, 9, 9), "1234.56"))
    whole = total(late)
    for day in (date(2025, 6, 11), date(2025, 7, 1), date(2025, 9, 9), date(2026, 2, 28)):
        assert abs(total(late, until=day) + total(late, since=day) - whole) <= D("0.01")


# === A REAL LEDGER, COUNTED DAY BY DAY === #

#: Main refinancing rate of the ECB on the first day of each half-year, and ten points.
HALF_YEARS = {
    date(2012, 1, 1): D("11.00"),
    date(2012, 7, 1): D("11.00"),
    date(2013, 1, 1): D("10.75"),
    date(2013, 7, 1): D("10.50"),
    date(2014, 1, 1): D("10.25"),
}


def _paid_late(folder):
    with (folder / "ibm_ar_ddmmyyyy.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            due, settled = (
                datetime.strptime(row[name], "%d/%m/%Y").date()
                for name in ("DueDate", "SettledDate")
            )
            if settled > due:
                yield row["invoiceNumber"], due, settled, row["InvoiceAmount"]


def _day_by_day(due, settled, amount):
    """Return the same interest without any of our code: a fraction for each day."""
    sums = defaultdict(int)
    day = due + timedelta(days=1)
    while day <= settled:
        sums[date(day.year, 1 if day.month < 7 else 7, 1)] += 1
        day += timedelta(days=1)
    exact = sum(Fraction(amount) * days * Fraction(str(HALF_YEARS[half])) / 36500
                for half, days in sums.items())  # fmt: skip
    cents = exact * 100 + Fraction(1, 2)
    return D(cents.numerator // cents.denominator) / 100


def test_every_invoice_paid_late_to_the_cent(collections_data):
    terms = interest.Terms(HALF_YEARS)
    found = {
        number: (total(debt(due, amount, (settled, amount)), terms, date(2014, 6, 30)),
                 _day_by_day(due, settled, amount))
        for number, due, settled, amount in _paid_late(collections_data)
    }  # fmt: skip
    assert len(found) > 800
    assert {number: pair for number, pair in found.items() if pair[0] != pair[1]} == {}
    print(f"{len(found)} invoices paid late: {sum(one for one, _other in found.values())}")
