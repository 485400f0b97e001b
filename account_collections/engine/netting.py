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


def net_by_pot(claims, credits):
    """Take ``credits`` off ``claims`` of the same pot: one legal entity owes no other's debt,
    and what one of our companies owes pays none of another's invoices.

    :param claims: objects with ``item.pot`` besides what :func:`net_oldest_first` asks for
    :param credits: the same with a negative ``amount`` (company currency)
    :return: what is left of all credits
    """
    amounts = {}
    for credit in credits:
        pot = credit.item.pot
        amounts[pot] = amounts.get(pot, ZERO) - credit.amount
    if not amounts:
        return ZERO
    if len(amounts) == 1 and all(claim.item.pot in amounts for claim in claims):
        return net_oldest_first(claims, *amounts.values())
    return sum(
        (
            net_oldest_first([claim for claim in claims if claim.item.pot == pot], credit)
            for pot, credit in amounts.items()
        ),
        ZERO,
    )


def spread_over_branches(items, entity):
    """Return what the legal entity's own credits cover of the debts of its branches.

    Each branch's credits meet its own debts first. What the legal entity paid without naming a
    branch then covers what is left, the oldest first, wherever it is.

    :param items: objects with ``key``, ``case``, ``due`` and ``amount`` (negative for a credit),
        all open items of one legal entity in one company
    :param entity: the ``case`` of the legal entity itself, whose credits have no branch
    :return: {item key: amount withheld}: positive on debts of branches, negative on the credits
        that were used for them; the sum is zero
    """
    paid = [item.amount for item in items if item.case == entity and item.amount < ZERO]
    credit = -sum(paid, ZERO)
    if not credit:
        return {}
    own = {}
    for item in items:
        if item.amount < ZERO and item.case != entity:
            own[item.case] = own.get(item.case, ZERO) - item.amount
    covered, used = {}, ZERO
    debts = [item for item in items if item.amount > ZERO]
    for item in sorted(debts, key=lambda item: (item.due, item.key)):
        kept = min(own.get(item.case, ZERO), item.amount)
        if kept:
            own[item.case] -= kept
        taken = min(credit, item.amount - kept)
        credit -= taken
        if taken and item.case != entity:
            covered[item.key] = taken
            used += taken
    return covered | _use_up(items, entity, used)


def _use_up(items, entity, used):
    """Return {key of the entity's credits: negative amount} that make up ``used``."""
    taken = {}
    credits = [item for item in items if item.case == entity and item.amount < ZERO]
    for item in sorted(credits, key=lambda item: (item.due, item.key)):
        if not used:
            break
        part = min(used, -item.amount)
        taken[item.key] = -part
        used -= part
    return taken
