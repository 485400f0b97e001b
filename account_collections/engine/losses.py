"""Doubtful debts and losses: what is proposed of an item, and how its amount is booked.

Amounts are :class:`~decimal.Decimal`, company currency. Proposals are advice: a person approves
each, another books it.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .facts import ZERO

SMALL = "small"
DOUBTFUL = "doubtful"
LOSS = "loss"

#: Stages in which a debt is doubtful, however young it is.
DOUBTFUL_STATES = ("insolvency", "legal")


@dataclass(frozen=True, slots=True)
class Terms:
    """When something is proposed; 0 days propose nothing.

    :ivar small: residuals below it are small
    :ivar small_days: days after the due date that a small residual is left alone
    :ivar doubtful_days: days overdue from which a debt is doubtful
    :ivar by_state: debts of insolvent customers, and of those with our lawyers, are doubtful
    """

    small: Decimal = ZERO
    small_days: int = 0
    doubtful_days: int = 0
    by_state: bool = False


def propose(amount, days, state, is_doubtful, terms):
    """Return what to do about an open item, None for nothing.

    :param amount: what is open; small credits are written off too
    :param days: days after its due date
    :param is_doubtful: it was transferred already

    >>> terms = Terms(Decimal(5), 90, 180, True)
    >>> [propose(Decimal(amount), days, "dunning", False, terms)
    ...  for amount, days in (("4.99", 90), ("4.99", 89), ("-1", 200), ("5", 180), ("5", 179))]
    ['small', None, 'small', 'doubtful', None]
    >>> propose(Decimal(900), 1, "insolvency", False, terms)
    'doubtful'
    """
    if abs(amount) < terms.small:
        return SMALL if terms.small_days and days >= terms.small_days else None
    if amount <= 0 or is_doubtful or days < 1:
        return None
    is_old = terms.doubtful_days and days >= terms.doubtful_days
    return DOUBTFUL if is_old or terms.by_state and state in DOUBTFUL_STATES else None


def split(amount, taxes, total, places=2):
    """Return (what is lost without tax, the part of each tax) of an item.

    :param taxes: taxes of the document, in any order
    :param total: total of the document, tax included

    >>> split(Decimal("600.00"), [Decimal("200"), Decimal("0")], Decimal("1200"))
    (Decimal('500.00'), [Decimal('100.00'), Decimal('0.00')])
    >>> split(Decimal("0.05"), [Decimal("20")], Decimal("120"))
    (Decimal('0.04'), [Decimal('0.01')])
    """
    cent = Decimal(1).scaleb(-places)
    parts = [
        (amount * tax / total).quantize(cent, ROUND_HALF_UP) if total else ZERO for tax in taxes
    ]
    return amount - sum(parts), parts


def depreciate(net, percent, places=2):
    """Return the depreciation of a doubtful debt: a share of what is lost without tax.

    >>> depreciate(Decimal("500.01"), Decimal(50))
    Decimal('250.01')
    """
    return (net * percent / 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
