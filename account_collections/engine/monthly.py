"""Customers who pay by monthly statement: the items of a month share one due date."""

import calendar
from dataclasses import dataclass
from datetime import timedelta

END_OF_MONTH = "end_of_month"
DAY_OF_NEXT = "day_of_next"


@dataclass(frozen=True, slots=True)
class StatementTerm:
    """When a monthly statement falls due.

    :ivar kind: ``end_of_month``: ``days`` after the end of the month of the documents;
        ``day_of_next``: on day ``days`` of the following month, or on its last day

    >>> from datetime import date
    >>> StatementTerm(END_OF_MONTH, 15).due(date(2026, 1, 7))
    datetime.date(2026, 2, 15)
    >>> StatementTerm(DAY_OF_NEXT, 31).due(date(2026, 1, 31))
    datetime.date(2026, 2, 28)
    """

    kind: str = END_OF_MONTH
    days: int = 0

    def due(self, issued):
        """Return the due date of the statement that lists a document of day ``issued``."""
        end = _end_of_month(issued)
        if self.kind == END_OF_MONTH:
            return end + timedelta(days=self.days)
        last = _end_of_month(end + timedelta(days=1))
        return last.replace(day=min(max(self.days, 1), last.day))


def _end_of_month(day):
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
