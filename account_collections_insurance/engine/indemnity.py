"""What an insurer would pay."""

from .terms import ZERO


def loss_within(debt, limit):
    """Return the part of a debt that counts: no more than the limit."""
    return max(min(debt, limit), ZERO)


def of_claim(loss, percent, terms):
    """Return the indemnity of one claim.

    The deductible is taken off the indemnity, or off the loss where the policy says so.

    :param loss: covered part of the debt
    :param percent: insured percentage that applies

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from .terms import Terms
    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90), deductible=Decimal(2500))
    >>> of_claim(loss_within(Decimal(40000), Decimal(30000)), year.percent, year)
    Decimal('24500')
    """
    if terms.deductible_first:
        return max(loss - terms.deductible, ZERO) * percent / 100
    return max(loss * percent / 100 - terms.deductible, ZERO)


def within_maximum(indemnity, terms, paid=ZERO):
    """Return what of an indemnity is left of the policy's maximum liability.

    :param paid: indemnities of the same period that count against it already
    """
    if terms.maximum is None:
        return indemnity
    return max(min(indemnity, terms.maximum - paid), ZERO)


def of_items(parts, terms):
    """Return the indemnity of a claim of several items, whose insured percentages may differ.

    :param parts: pairs (covered part of the debt, indemnity of it before the deductible)

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from .terms import Terms
    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90), deductible=Decimal(2500))
    >>> of_items([(Decimal(20000), Decimal(18000)), (Decimal(10000), Decimal(9000))], year)
    Decimal('24500')
    """
    loss = sum((covered for covered, _indemnity in parts), ZERO)
    indemnity = sum((part for _covered, part in parts), ZERO)
    if not loss or not terms.deductible_first:
        return max(indemnity - terms.deductible, ZERO)
    return indemnity * max(loss - terms.deductible, ZERO) / loss
