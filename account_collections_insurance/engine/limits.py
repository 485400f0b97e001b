"""A buyer's limit: a history of the insurer's decisions, each announced on a day and in effect
from another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .terms import ZERO

REQUESTED = "requested"
FULL = "full"
PARTIAL = "partial"
CONDITIONAL = "conditional"
REVISED = "revised"
REFUSED = "refused"
INCREASE_REFUSED = "increase_refused"
REDUCED = "reduced"
PRE_NOTICE = "pre_notice"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"

#: What was asked for, refused on top or announced leaves the limit as it is.
SILENT = (REQUESTED, INCREASE_REFUSED, PRE_NOTICE)

#: These leave no limit at all.
ENDING = (REFUSED, WITHDRAWN, EXPIRED)

#: What takes cover away does so for deliveries after it was announced.
CUTTING = (*ENDING, REDUCED)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the insurer decided on a buyer.

    :ivar amount: limit in the policy's currency; of a temporary one what comes on top
    :ivar announced: day on which we were told
    :ivar effective: day from which it applies to deliveries
    :ivar until: last day of the limit, None for no end
    :ivar reference: of the insurer; it orders what was decided on one day
    """

    kind: str
    amount: Decimal
    announced: date
    effective: date
    until: date | None = None
    temporary: bool = False
    reference: str = ""

    @property
    def begins(self):
        """First day of deliveries that it applies to."""
        if self.kind in CUTTING:
            return max(self.effective, self.announced)
        return self.effective

    @property
    def limit(self):
        return ZERO if self.kind in ENDING else self.amount

    def holds_on(self, day):
        return self.begins <= day and (self.until is None or day <= self.until)


def _order(decision):
    """Later decisions replace earlier ones, in whatever order they were read.

    Of two that nothing else tells apart the smaller limit counts.
    """
    return (
        decision.begins, decision.announced, decision.reference, -decision.limit, decision.kind
    )  # fmt: skip


def limit_on(decisions, day, known):
    """Return the limit for what is delivered on ``day``; None when the insurer decided nothing.

    Only then may a discretionary limit cover the buyer: a decision ends that, even one of zero.

    :param known: day as of which decisions are known

    >>> granted = Decision(FULL, Decimal(50000), date(2026, 1, 5), date(2026, 1, 5))
    >>> cut = Decision(REDUCED, Decimal(20000), date(2026, 3, 1), date(2026, 4, 1))
    >>> [limit_on([granted, cut], date(2026, month, 1), date(2026, 6, 1)) for month in (3, 4)]
    [Decimal('50000'), Decimal('20000')]
    """
    begun = sorted(
        (one for one in decisions if one.announced <= known and one.begins <= day), key=_order
    )
    if all(one.kind == REQUESTED for one in begun):
        return None
    deciding = [one for one in begun if one.kind not in SILENT]
    permanent = [one for one in deciding if not one.temporary]
    on_top = [one for one in deciding if one.temporary and one.holds_on(day)]
    limit = permanent[-1].limit if permanent and permanent[-1].holds_on(day) else ZERO
    if on_top and not _is_over(on_top[-1], permanent):
        limit += on_top[-1].limit
    return limit


def _is_over(temporary, permanent):
    """A buyer who lost the limit lost what had been granted on top of it."""
    last = permanent[-1] if permanent else None
    return last is not None and last.kind in ENDING and _order(last) > _order(temporary)


def changes_after(decisions, day, known):
    """Return the days after ``day`` on which the limit may change by itself, in order."""
    days = set()
    for decision in decisions:
        if decision.announced <= known and decision.kind not in SILENT:
            days.add(decision.begins)
            if decision.until:
                days.add(date.fromordinal(decision.until.toordinal() + 1))
    return sorted(one for one in days if one > day)
