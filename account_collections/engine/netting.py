"""Credits without a target reduce the oldest debt first."""

from .facts import ZERO


def net_oldest_first(claims, credit):
    """Take ``credit`` off ``claims``, oldest due date first.

    :param claims: objects with ``due``, ``key`` and a mutable ``amount`` (company currency)
    :param credit: positive amount to spread, company currency
    :return: what is left of the credit once every claim is covered

    >>> from types import SimpleNamespace as Claim
    >>> from datetime import date
    >>> from decimal import Decimal
    >>> claims = [Claim(key=1, due=date(2026, 2, 1), amount=Decimal(80)),
    ...           Claim(key=2, due=date(2026, 1, 1), amount=Decimal(50))]
    >>> net_oldest_first(claims, Decimal(60))
    Decimal('0')
    >>> [claim.amount for claim in claims]
    [Decimal('70'), Decimal('0')]
    """
    if credit <= ZERO:
        return credit
    for claim in sorted(claims, key=lambda claim: (claim.due, claim.key)):
        if credit <= ZERO:
            break
        taken = min(credit, claim.amount)
        claim.amount -= taken
        credit -= taken
    return credit
