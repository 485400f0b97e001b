"""What is at stake in a piece of work: the figure that puts a day's work in order.

Money at risk is what is overdue and, left alone, would still not be paid in two weeks. Working on
it changes a part of that and takes minutes. What is gained in a minute says what to do first.

What work changes and takes are assumptions, told where they are used, and for a credit manager to
replace by what the team sees. Only their proportions matter for the order.
"""

from dataclasses import dataclass

#: Weeks within which what would come in by itself is not at risk.
SOON_WEEKS = 2

#: Where nothing is predicted: (days overdue, share that is still open two weeks later). From the
#: items of these ages in two settled ledgers of 16,782 invoices, rounded upwards: those that were
#: never paid are not in them.
AGES = ((0, 0.2), (8, 0.3), (15, 0.4), (31, 0.55), (61, 0.75), (91, 0.8))


@dataclass(frozen=True, slots=True)
class Effort:
    """What a kind of work changes and takes.

    :ivar lift: share of the money at risk that comes in because of it
    :ivar minutes: what it takes, on average
    """

    lift: float
    minutes: float


#: Assumptions by kind of work: to speak with somebody changes most, a message that leaves at the
#: press of a button costs least, and what the customer began is worth an answer.
EFFORTS = {
    "reply": Effort(0.30, 5),
    "repair": Effort(0.15, 4),
    "unconfirmed": Effort(0.10, 2),
    "approve": Effort(0.15, 1),
    "call": Effort(0.30, 6),
    "letter": Effort(0.15, 2),
    "task": Effort(0.20, 8),
    "activity": Effort(0.20, 5),
    "pause": Effort(0.15, 2),
    "promise": Effort(0.25, 2),
    "plan": Effort(0.30, 4),
    "dispute": Effort(0.25, 6),
}

#: For kinds of which nothing is said.
OTHER = Effort(0.20, 5)


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake, with the figures that it comes from.

    :ivar amount: overdue amount that the work is about; what is owed to the customer is no risk
    :ivar unpaid: probability that it is not paid soon, if nobody does anything
    :ivar lift, minutes: see :class:`Effort`

    12,000 overdue, 60 % of it not to come by itself, and a call of 6 minutes that changes 30 %:

    >>> call = Stake(12000.0, 0.6, 0.3, 6)
    >>> round(call.at_risk), round(call.gain), round(call.per_minute)
    (7200, 2160, 360)
    """

    amount: float
    unpaid: float
    lift: float
    minutes: float

    def __post_init__(self):
        if self.minutes <= 0:
            raise ValueError("Work takes time")

    @property
    def at_risk(self):
        """Money that would not come in soon by itself."""
        return max(self.amount, 0.0) * self.unpaid

    @property
    def gain(self):
        """Money that is expected to come in because of the work."""
        return self.at_risk * self.lift

    @property
    def per_minute(self):
        """The figure that work is ordered by."""
        return self.gain / self.minutes


def unpaid_soon(weeks):
    """Return the probability that an item is not paid soon.

    :param weeks: probability to be paid in each of the next weeks; none are known without one

    >>> round(unpaid_soon((0.3, 0.2, 0.5)), 2)
    0.5
    """
    return min(max(1.0 - sum(weeks[:SOON_WEEKS]), 0.0), 1.0)


def unpaid_by_age(days):
    """Return the same by the age of what is overdue, where nothing is predicted.

    >>> [unpaid_by_age(days) for days in (0, 7, 8, 60, 500)]
    [0.2, 0.2, 0.3, 0.55, 0.8]
    """
    return next((share for since, share in reversed(AGES) if days >= since), AGES[0][1])
