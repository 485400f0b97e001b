"""Indicators: the worked figures, and what has no value instead of an error or a false zero."""

from datetime import timedelta
from decimal import Decimal

import pytest
from engine_cases import MODULES, TODAY

ageing, figures, indicators, simulator = (
    MODULES[name] for name in ("ageing", "figures", "indicators", "simulator")
)
Month, Undefined = indicators.Month, indicators.Undefined
D = Decimal

#: A quarter of 92 days: opening, sales, closing, and what of it is overdue.
OPENING, SALES, CLOSING, OVERDUE = D(220000), D(310000), D(250000), D(75000)
MONTHS = [Month(D(100000), 31), Month(D(120000), 30), Month(D(90000), 31)]


def months(*rows):
    return [Month(D(sales), days) for sales, days in rows]


@pytest.mark.parametrize(
    ("found", "worked"),
    [
        (indicators.dso(CLOSING, SALES, 92), "74.19"),
        (indicators.dso_count_back(CLOSING, MONTHS), "71.33"),
        (indicators.dso_count_back(D(2500), months((1200, 30), (800, 31), (700, 30))), "82.43"),
        (indicators.best_possible_dso(CLOSING, OVERDUE, SALES, 92), "51.94"),
        (indicators.average_days_delinquent(CLOSING, OVERDUE, SALES, 92), "22.26"),
        (indicators.collection_effectiveness(OPENING, SALES, CLOSING, OVERDUE), "78.87"),
        (indicators.cash_efficiency(D(82000), D(100000)), "82"),
        (indicators.overdue_rate(OVERDUE, CLOSING), "30"),
        (indicators.collection_rate(D(280000), OPENING, SALES), "52.83"),
        (indicators.unpaid_rate(D(12000), D(100000)), "12"),
        (indicators.dispute_rate(D(22000), CLOSING), "8.8"),
        (indicators.risk_rate(D(10000), CLOSING), "4"),
        (indicators.variation(CLOSING, OPENING), "13.64"),
        (indicators.receipts_against_forecast(D(7700), D(7000)), "110"),
        (indicators.reminder_effect(D(300), D(400)), "75"),
        (indicators.mean(16 * 3, 3, indicators.NOTHING_RESOLVED), "16"),
    ],
)
def test_worked_figures(found, worked):
    assert round(found, 2) == D(worked)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (indicators.dso(CLOSING, D(0), 92), "no_sales"),
        (indicators.dso(D(-5), SALES, 92), "credits_exceed"),
        # credit notes only: sales are below zero
        (indicators.dso(CLOSING, D(-100), 92), "no_sales"),
        (indicators.best_possible_dso(D(10), D(20), SALES, 92), "credits_exceed"),
        (indicators.average_days_delinquent(CLOSING, OVERDUE, D(0), 92), "no_sales"),
        (indicators.dso_count_back(D(-1), MONTHS), "credits_exceed"),
        (indicators.dso_count_back(CLOSING, []), "no_sales"),
        (indicators.dso_count_back(D(0), months((0, 31))), "no_sales"),
        (indicators.dso_count_back(D(310001), MONTHS), "sales_too_short"),
        (indicators.collection_effectiveness(D(0), D(0), D(0), D(0)), "nothing_to_collect"),
        (indicators.collection_effectiveness(D(0), D(-9), D(-9), D(0)), "nothing_to_collect"),
        (indicators.collection_rate(D(5), D(0), D(0)), "nothing_to_collect"),
        (indicators.cash_efficiency(D(0), D(0)), "nothing_due"),
        (indicators.unpaid_rate(D(0), D(0)), "nothing_due"),
        (indicators.overdue_rate(D(0), D(0)), "nothing_owed"),
        (indicators.variation(D(5), D(0)), "no_history"),
        (indicators.variation(D(5), D(-5)), "no_history"),
        (indicators.receipts_against_forecast(D(5), Undefined("no_rate")), "no_rate"),
        (indicators.receipts_against_forecast(D(5), D(0)), "no_forecast"),
        (indicators.promise_kept_rates([])[0], "nothing_promised"),
        (indicators.days_to_pay([])[0], "nothing_paid"),
        (indicators.days_to_pay([])[1], "nothing_paid"),
    ],
)
def test_what_has_no_value(found, reason):
    assert found == Undefined(reason)
    assert not found


@pytest.mark.parametrize(
    ("receivables", "sales", "days"),
    [
        # nothing is owed: no days, although there were sales
        (0, [(100, 30)], "0"),
        # a month with zero counts with all its days, and divides nothing
        (150, [(0, 31), (100, 30), (100, 31)], "76.5"),
        # exactly a month's sales
        (100, [(100, 30), (0, 31)], "30"),
        # more credit notes than invoices: 50 more are to be found before
        (100, [(-50, 31), (300, 30)], "46"),
        # the first days of a month
        (100, [(50, 9), (100, 28)], "23"),
    ],
)
def test_counting_back_over_odd_months(receivables, sales, days):
    assert indicators.dso_count_back(D(receivables), months(*sales)) == D(days)


def test_ageing_at_the_edges():
    """Due on the day is not overdue; 30 days are the first bucket, 31 the second."""
    late = {0: 0, -5: 0, 1: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 120: 4, 121: 5, 9999: 5}
    found = {days: ageing.bucket(TODAY - timedelta(days=days), TODAY) for days in late}
    assert found == late
    assert ageing.bucket(TODAY - timedelta(days=46), TODAY, (15, 45)) == 3


def test_an_aged_balance_adds_up_to_what_is_outstanding():
    amounts = {0: 5, 40: 7, 2: -3}
    rows = [(TODAY - timedelta(days=late), D(amount)) for late, amount in amounts.items()]
    debts, credits = ageing.aged_balance(rows, TODAY)
    assert (debts, credits) == ([5, 0, 7, 0, 0, 0], -3)
    assert sum(debts) + credits == sum(amount for _due, amount in rows)


STANDING = simulator.Standing(D(70_000_000), D(12_000_000), D(3_000_000), D(600_000), D(30))


def test_what_five_days_of_dso_bring():
    assert round(simulator.of_days(STANDING, 5).cash) == 958_904
    assert round(simulator.of_days(STANDING, -5).cash) == -958_904


def test_what_other_sliders_bring():
    """9,000,000 are not due: at 10 % overdue another 1,000,000 is, so that 2,000,000 are freed."""
    found = simulator.of_overdue_rate(STANDING, 10)
    assert (found.cash, round(found.days, 2)) == (2_000_000, D("10.43"))
    assert simulator.of_overdue_rate(STANDING, 25).cash == 0
    assert simulator.of_dispute_days(STANDING, 20).cash == 200_000
    assert simulator.of_dispute_days(STANDING, 30).cash == 0


def test_a_simulation_of_nothing():
    empty = simulator.Standing(D(0), D(0), D(0))
    credit = simulator.Standing(D(365), D(-50), D(0))
    assert simulator.of_days(empty, 5) == Undefined("no_sales")
    assert simulator.of_overdue_rate(empty, 5) == Undefined("no_sales")
    assert simulator.of_dispute_days(empty, 5) == Undefined("no_sales")
    assert simulator.of_overdue_rate(credit, 5) == Undefined("credits_exceed")
    assert simulator.of_dispute_days(credit, 5).cash == 0


# === SUMS OF COMPANIES, MONTH BY MONTH === #


def quarter():
    """Three months of 100,000 sales, of which half is collected in each."""
    days = figures.month_ends(TODAY.replace(day=31), 3)
    rows = ((50_000, 0), (100_000, 20_000), (150_000, 60_000))
    return figures.Figures(
        [
            figures.Period(
                day,
                {
                    "outstanding": D(outstanding),
                    "debts": D(outstanding),
                    "overdue": D(overdue),
                    "sales": D(100_000),
                    "sales_window": D(300_000),
                    "cash": D(50_000),
                },
            )
            for day, (outstanding, overdue) in zip(days, rows, strict=True)
        ]
    )


def test_figures_of_months():
    told = quarter()
    assert told.tell("outstanding") == 150_000
    assert told.tell("dso") == 45
    assert told.tell("best_dso") == 27
    assert told.tell("add") == 18
    # the 31 days of March and half of the 28 of February
    assert told.tell("count_back") == 45
    assert told.tell("overdue_rate") == 40
    # 100,000 + 100,000 - 150,000 of what could be collected: 200,000 - 90,000
    assert round(told.tell("cei"), 2) == D("45.45")
    assert told.tell("collection_rate") == 25
    assert told.tell("exposure_variation") == 50
    assert told.tell("overdue_rate", 1) == 20


def test_months_that_are_not_known():
    """A site added in mid-year has no CEI in its first month and no figures before."""
    told = quarter()
    assert told.tell("cei", 2) == Undefined("no_history")
    assert told.tell("dso", 3) == Undefined("no_history")
    early = figures.Figures([figures.Period(TODAY), *told.periods])
    assert early.tell("cei", 2) == Undefined("no_history")
    assert early.tell("dso", 3) == Undefined("no_history")
    assert early.tell("count_back", 2) == D("15.5")


def test_without_a_rate_nothing_is_told():
    told = figures.Figures(quarter().periods, missing=indicators.NO_RATE)
    assert told.tell("outstanding") == told.tell("dso") == Undefined("no_rate")
