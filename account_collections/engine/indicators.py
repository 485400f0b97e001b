"""Indicators of receivables: each a Decimal, or :class:`Undefined` with why it cannot be told.

They take sums, so that teams, countries and companies are added up first and no ratio is ever
summed. A percentage is from 0 to 100. Amounts are :class:`~decimal.Decimal`, of one currency, sales
are tax included, as receivables are.
"""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)

NO_SALES = "no_sales"
CREDITS_EXCEED = "credits_exceed"
SALES_TOO_SHORT = "sales_too_short"
NOTHING_OWED = "nothing_owed"
NOTHING_TO_COLLECT = "nothing_to_collect"
NOTHING_DUE = "nothing_due"
NOTHING_PAID = "nothing_paid"
NOTHING_PROMISED = "nothing_promised"
NOTHING_RESOLVED = "nothing_resolved"
NOTHING_REMINDED = "nothing_reminded"
NO_HISTORY = "no_history"
NO_RATE = "no_rate"
NO_FORECAST = "no_forecast"
NOTHING_EXPECTED = "nothing_expected"
NO_BASELINE = "no_baseline"
OTHER_SITES = "other_sites"


@dataclass(frozen=True, slots=True)
class Undefined:
    """An indicator that has no value: neither zero nor an error.

    :ivar reason: a stable code, one of the constants of this module
    """

    reason: str

    def __bool__(self):
        return False


@dataclass(frozen=True, slots=True)
class Month:
    """Sales of a calendar month, or of a part of it.

    :ivar days: that the month has, as far as it counts
    """

    sales: Decimal
    days: int


def percent(part, whole, reason):
    """Return ``part`` in percent of ``whole``, :class:`Undefined` for ``reason`` without a whole.

    >>> percent(Decimal(75), Decimal(250), NOTHING_OWED)
    Decimal('30')
    >>> percent(Decimal(0), Decimal(0), NOTHING_OWED)
    Undefined(reason='nothing_owed')
    """
    return part * HUNDRED / whole if whole > 0 else Undefined(reason)


def mean(total, count, reason):
    """Return ``total`` by ``count`` (a number, or an amount that weighs)."""
    return Decimal(total) / count if count > 0 else Undefined(reason)


def difference(left, right):
    """Return ``left - right``; what is not defined stays so, for its own reason.

    >>> difference(Decimal(5), Undefined(NO_RATE))
    Undefined(reason='no_rate')
    """
    missing = _find_undefined(left, right)
    return missing if missing is not None else left - right


def _find_undefined(*values):
    """Return the first value that is not defined; None when all are."""
    return next((value for value in values if isinstance(value, Undefined)), None)


# === DAYS OF SALES === #


def dso(receivables, sales, days):
    """Return days of sales outstanding, simple: receivables / sales x days.

    >>> round(dso(Decimal(250000), Decimal(310000), 92), 2)
    Decimal('74.19')
    """
    if receivables < 0:
        return Undefined(CREDITS_EXCEED)
    return receivables * days / sales if sales > 0 else Undefined(NO_SALES)


def dso_count_back(receivables, months):
    """Return the DSO by counting back: whole months of sales are subtracted, the last pro rata.

    A month without sales counts with all its days; one with more credit notes than invoices
    leaves more to be found in the months before.

    :param months: :class:`Month` after month backwards, the latest first

    >>> months = [Month(Decimal(1200), 30), Month(Decimal(800), 31), Month(Decimal(700), 30)]
    >>> round(dso_count_back(Decimal(2500), months), 2)
    Decimal('82.43')
    >>> dso_count_back(Decimal(2500), months[:2])
    Undefined(reason='sales_too_short')
    """
    if receivables < 0:
        return Undefined(CREDITS_EXCEED)
    if not any(month.sales > 0 for month in months):
        return Undefined(NO_SALES)
    left, days = receivables, ZERO
    for month in months:
        if left <= 0:
            return days
        if left <= month.sales:
            return days + left / month.sales * month.days
        left -= month.sales
        days += month.days
    return days if left <= 0 else Undefined(SALES_TOO_SHORT)


def best_possible_dso(receivables, overdue, sales, days):
    """Return the DSO if nothing were overdue: current receivables / sales x days.

    >>> round(best_possible_dso(Decimal(250000), Decimal(75000), Decimal(310000), 92), 2)
    Decimal('51.94')
    """
    return dso(receivables - overdue, sales, days)


def average_days_delinquent(receivables, overdue, sales, days):
    """Return ADD: DSO less best possible DSO.

    >>> round(average_days_delinquent(Decimal(250000), Decimal(75000), Decimal(310000), 92), 2)
    Decimal('22.26')
    """
    return difference(
        dso(receivables, sales, days), best_possible_dso(receivables, overdue, sales, days)
    )


# === HOW WELL IS COLLECTED === #


def collection_effectiveness(opening, sales, closing, closing_overdue):
    """Return CEI: what was collected in percent of what could be.

    (opening + sales - closing) / (opening + sales - closing not overdue); sales are those between
    opening and closing.

    >>> round(collection_effectiveness(*map(Decimal, (220000, 310000, 250000, 75000))), 2)
    Decimal('78.87')
    """
    collectable = opening + sales - (closing - closing_overdue)
    return percent(opening + sales - closing, collectable, NOTHING_TO_COLLECT)


def cash_efficiency(on_schedule, scheduled):
    """Return the cash collected by its due date in percent of what fell due; not the CEI.

    >>> cash_efficiency(Decimal(82000), Decimal(100000))
    Decimal('82')
    """
    return percent(on_schedule, scheduled, NOTHING_DUE)


def collection_rate(cash, opening, sales):
    """Return the cash received in percent of what was owed at first and invoiced since.

    >>> collection_rate(Decimal(265000), Decimal(220000), Decimal(310000))
    Decimal('50')
    """
    return percent(cash, opening + sales, NOTHING_TO_COLLECT)


def receipts_against_forecast(cash, expected):
    """Return what came in, in percent of what was expected.

    >>> receipts_against_forecast(Decimal(6300), Decimal(7000))
    Decimal('90')
    """
    if isinstance(expected, Undefined):
        return expected
    return percent(cash, expected, NO_FORECAST)


def reminder_effect(paid, reminded):
    """Return what was paid within some days of a reminder, in percent of what it asked for."""
    return percent(paid, reminded, NOTHING_REMINDED)


# === HOW GOOD THE RECEIVABLES ARE === #


def overdue_rate(overdue, debts):
    """Return what is overdue in percent of all debts, before credits that nothing was paid with.

    >>> overdue_rate(Decimal(75000), Decimal(250000))
    Decimal('30')
    """
    return percent(overdue, debts, NOTHING_OWED)


def unpaid_rate(unpaid, fallen_due):
    """Return what of the debts that fell due in a period is unpaid at its end, in percent."""
    return percent(unpaid, fallen_due, NOTHING_DUE)


def dispute_rate(disputed, debts):
    """Return what is disputed in percent of all debts."""
    return percent(disputed, debts, NOTHING_OWED)


def risk_rate(at_risk, debts):
    """Return what is at risk, being overdue for long, in percent of all debts."""
    return percent(at_risk, debts, NOTHING_OWED)


def variation(now, before):
    """Return by how many percent exposure grew; below zero it shrank.

    >>> variation(Decimal(90), Decimal(120))
    Decimal('-25')
    >>> variation(Decimal(90), Decimal(-5))
    Undefined(reason='no_history')
    """
    return percent(now - before, before, NO_HISTORY)


# === HOW CUSTOMERS KEEP TO WHAT THEY OWE === #


def promise_kept_rates(promises):
    """Return the rates of promises kept, by number and by amount.

    What was paid beyond a promise makes up for no other.

    :param promises: pairs (promised, received)

    >>> rows = ((1000, 1000), (2000, 2000), (5000, 3000), (2000, 0))
    >>> promise_kept_rates([(Decimal(one), Decimal(two)) for one, two in rows])
    (Decimal('50'), Decimal('60'))
    """
    kept = sum(received >= promised for promised, received in promises)
    received = sum((min(pair) for pair in promises), ZERO)
    promised = sum((promised for promised, _received in promises), ZERO)
    return (
        percent(Decimal(kept), Decimal(len(promises)), NOTHING_PROMISED),
        percent(received, promised, NOTHING_PROMISED),
    )


def days_to_pay(payments):
    """Return the days to pay, weighted by amount and plain.

    :param payments: pairs (amount, days)

    >>> rows = ((1000, 30), (4000, 60), (5000, 45))
    >>> days_to_pay([(Decimal(amount), days) for amount, days in rows])
    (Decimal('49.5'), Decimal('45'))
    """
    amount = sum((amount for amount, _days in payments), ZERO)
    return (
        mean(sum((amount * days for amount, days in payments), ZERO), amount, NOTHING_PAID),
        mean(sum(days for _amount, days in payments), len(payments), NOTHING_PAID),
    )


# === SINCE GO-LIVE === #


def gain_of_days(before, outstanding, sales, days):
    """Return the cash that a shorter DSO has brought: below zero it has cost.

    It is what would be outstanding with the DSO of then and the sales of now, less what is: sales
    that grew or shrank are neither praised nor blamed.

    :param before: DSO before go-live
    :param sales: of the last ``days`` days

    >>> gain_of_days(Decimal(60), Decimal(220), Decimal(360), 90)
    Decimal('20')
    >>> gain_of_days(Undefined(NO_BASELINE), Decimal(220), Decimal(360), 90)
    Undefined(reason='no_baseline')
    """
    missing = _find_undefined(before, outstanding, sales)
    if missing is not None:
        return missing
    if sales <= 0:
        return Undefined(NO_SALES)
    return before * sales / days - outstanding


def gain_of_overdue(before, overdue, debts):
    """Return by how much less is overdue than with the overdue rate of before go-live.

    >>> gain_of_overdue(Decimal(40), Decimal(30), Decimal(100))
    Decimal('10')
    """
    missing = _find_undefined(before, overdue, debts)
    if missing is not None:
        return missing
    return before * debts / HUNDRED - overdue if debts > 0 else Undefined(NOTHING_OWED)


def forecast_rate(received, expected):
    """Return receipts in percent of what had been forecast.

    >>> forecast_rate(Decimal(90), Decimal(120))
    Decimal('75')
    """
    return percent(received, expected, NOTHING_EXPECTED)
