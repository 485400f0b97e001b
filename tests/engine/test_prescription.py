"""Prescription: the periods of some countries, and what interrupts them."""

from datetime import date

import pytest
from engine_cases import MODULES

prescription = MODULES["prescription"]
Term, prescribe = prescription.Term, prescription.prescribe
COMPLETION, DUE, YEAR_END = prescription.COMPLETION, prescription.DUE, prescription.YEAR_END
ACKNOWLEDGED, PAID, NOTICE = prescription.ACKNOWLEDGED, prescription.PAID, prescription.NOTICE
ACTION, TITLE = prescription.ACTION, prescription.TITLE

FRENCH = Term(5, COMPLETION, title_years=10)
FRENCH_CONSUMER = Term(2, COMPLETION, title_years=10)
GERMAN = Term(3, YEAR_END, title_years=30)
BRITISH = Term(6, DUE)
ITALIAN = Term(10, DUE, by_notice=True)

DONE, LATE = date(2024, 1, 15), date(2024, 2, 29)


@pytest.mark.parametrize(
    "term, last",
    [
        (FRENCH, date(2029, 1, 15)),
        (FRENCH_CONSUMER, date(2026, 1, 15)),
        (GERMAN, date(2027, 12, 31)),
        (BRITISH, date(2030, 2, 28)),
        (ITALIAN, date(2034, 2, 28)),
        (Term(4, DUE), date(2028, 2, 29)),
    ],
)
def test_nothing_interrupts(term, last):
    found = prescribe(term, DONE, LATE)
    assert (found.last, found.cause) == (last, None)


@pytest.mark.parametrize(
    "term, events, last, cause",
    [
        # Each event starts a whole period, from its own day.
        (FRENCH, [(date(2025, 3, 1), PAID)], date(2030, 3, 1), PAID),
        (FRENCH, [(date(2025, 3, 1), PAID), (date(2024, 5, 1), ACTION)], date(2030, 3, 1), PAID),
        (FRENCH, [(date(2026, 5, 1), ACKNOWLEDGED)], date(2031, 5, 1), ACKNOWLEDGED),
        # On the last day it still does, on the day after nothing is left to interrupt.
        (FRENCH, [(date(2029, 1, 15), ACTION)], date(2034, 1, 15), ACTION),
        (FRENCH, [(date(2029, 1, 16), ACKNOWLEDGED)], date(2029, 1, 15), None),
        # An event that was in time makes the next one be in time.
        (
            FRENCH_CONSUMER,
            [(date(2027, 6, 1), PAID), (date(2025, 12, 1), ACKNOWLEDGED)],
            date(2029, 6, 1),
            PAID,
        ),
        # A formal notice interrupts in some countries only, a payment in most.
        (FRENCH, [(date(2025, 3, 1), NOTICE)], date(2029, 1, 15), None),
        (ITALIAN, [(date(2025, 3, 1), NOTICE)], date(2035, 3, 1), NOTICE),
        (Term(5, DUE, by_payment=False), [(date(2025, 3, 1), PAID)], date(2029, 2, 28), None),
        # A judgment has a period of its own.
        (FRENCH, [(date(2025, 3, 1), TITLE)], date(2035, 3, 1), TITLE),
        (BRITISH, [(date(2025, 3, 1), TITLE)], date(2031, 3, 1), TITLE),
        # In Germany what was paid within the year leaves the end of the year as it is.
        (GERMAN, [(date(2024, 3, 1), PAID)], date(2027, 12, 31), None),
        (GERMAN, [(date(2025, 3, 1), PAID)], date(2028, 3, 1), PAID),
    ],
)
def test_what_interrupts(term, events, last, cause):
    found = prescribe(term, DONE, LATE, events)
    assert (found.last, found.cause) == (last, cause)
    assert not cause or (found.since, cause) in events
