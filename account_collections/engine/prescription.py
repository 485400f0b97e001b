"""Prescription: the last day on which a debt can still be claimed in court.

A period of years runs from a day that the law names, and anew, for a whole period, from each event
that interrupts it. A day of the last year that does not exist is the last of its month. What
happens after the last day revives nothing.
"""

from dataclasses import dataclass
from datetime import date

#: What the period runs from: the day the goods or services were supplied, the day after which the
#: debt is late, the end of the year in which it fell due.
COMPLETION, DUE, YEAR_END = "completion", "due", "year_end"

#: What interrupts it. A title is a judgment, or an order of payment that became final.
ACKNOWLEDGED, PAID, NOTICE, ACTION, TITLE = (
    "acknowledged", "paid", "notice", "action", "title",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """The law of a country on one kind of customer.

    :ivar years: length of the period
    :ivar start: what it runs from
    :ivar title_years: length of the period once a court has decided; 0 is the same
    :ivar by_payment: a part-payment acknowledges the debt
    :ivar by_notice: a formal notice interrupts
    """

    years: int
    start: str = DUE
    title_years: int = 0
    by_payment: bool = True
    by_notice: bool = False

    def interrupted_by(self, kind):
        return {PAID: self.by_payment, NOTICE: self.by_notice}.get(kind, True)


@dataclass(frozen=True, slots=True)
class Prescription:
    """:ivar last: last day on which it can be claimed
    :ivar since: first day of the period that runs
    :ivar cause: what interrupted it last, None where nothing did
    """

    last: date
    since: date
    cause: str | None = None


def add_years(day, years):
    """Return the same day some years later.

    >>> add_years(date(2024, 2, 29), 5)
    datetime.date(2029, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def prescribe(term, completed, due, events=()):
    """Return the :class:`Prescription` of a debt.

    :param completed: day of the delivery, else of the invoice
    :param events: pairs (day, kind), in any order

    >>> french = Term(5, COMPLETION, title_years=10)
    >>> prescribe(french, date(2024, 1, 15), date(2024, 2, 29)).last
    datetime.date(2029, 1, 15)
    >>> prescribe(french, date(2024, 1, 15), date(2024, 2, 29), [(date(2025, 6, 1), PAID)]).last
    datetime.date(2030, 6, 1)
    >>> prescribe(Term(3, YEAR_END), date(2024, 1, 15), date(2024, 2, 29)).last
    datetime.date(2027, 12, 31)
    """
    since = {COMPLETION: completed, DUE: due, YEAR_END: date(due.year, 12, 31)}[term.start]
    found = Prescription(add_years(since, term.years), since)
    for day, kind in sorted(events):
        if day > found.last or not term.interrupted_by(kind):
            continue
        years = term.title_years if kind == TITLE and term.title_years else term.years
        last = add_years(day, years)
        if last > found.last:
            found = Prescription(last, day, kind)
    return found
