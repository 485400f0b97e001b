"""What a policy says. Its terms are dated: a debt follows those of the day of its delivery."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms in force for deliveries from ``start`` to ``end``, both included.

    A number of days that is None sets no such limit. Amounts are in the policy's currency.

    :ivar percent: insured part of a debt within a limit of the buyer's own
    :ivar blind_percent: the same within the discretionary limit
    :ivar discretionary: limit of buyers on whom the insurer has decided nothing
    :ivar discretionary_grade: lowest grade, 0 to 100, for that limit; None asks for none
    :ivar tax_covered: whether tax is insured with the debt
    :ivar deductible: amount of each claim that the insured bears
    :ivar deductible_first: it is taken off the loss, before the insured percentage is applied
    :ivar maximum: what the insurer pays at most, of all claims together
    :ivar invoicing_days: delivery to invoice at most
    :ivar credit_days: delivery to due date at most
    :ivar extension_days: the debt's original due date to the end of cover of new deliveries, and
        of what may be granted to the customer (maximum extension period)
    :ivar notification_days: original due date to the notification of the overdue
    :ivar hand_over_days: end of the extension period to the hand-over to collection
    :ivar claim_days: end of the extension period to the claim
    :ivar waiting_days: hand-over to the payment of the indemnity
    :ivar roll_in: day from which earlier deliveries, still unpaid, are taken into the policy
    :ivar reaches_back: a raised limit covers what was delivered before too
    """

    start: date
    end: date
    percent: Decimal
    blind_percent: Decimal = ZERO
    discretionary: Decimal = ZERO
    discretionary_grade: Decimal | None = None
    tax_covered: bool = True
    deductible: Decimal = ZERO
    deductible_first: bool = False
    maximum: Decimal | None = None
    invoicing_days: int | None = None
    credit_days: int | None = None
    extension_days: int | None = None
    notification_days: int | None = None
    hand_over_days: int | None = None
    claim_days: int | None = None
    waiting_days: int | None = None
    roll_in: date | None = None
    reaches_back: bool = False


def terms_on(versions, delivered):
    """Return the terms that a delivery falls under, None when the policy does not cover that day.

    :param versions: terms of one policy, whose periods do not overlap

    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90), roll_in=date(2025, 11, 1))
    >>> terms_on([year], date(2025, 11, 15)) is year      # rolled in
    True
    >>> terms_on([year], date(2025, 10, 31))
    """
    for terms in versions:
        if terms.start <= delivered <= terms.end:
            return terms
    rolled_in = [
        terms for terms in versions if terms.roll_in and terms.roll_in <= delivered < terms.start
    ]
    return min(rolled_in, key=lambda terms: terms.start, default=None)
