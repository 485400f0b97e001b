"""Deadlines by which a cover is kept, counted from a debt's original due date."""

from dataclasses import dataclass
from datetime import date, timedelta

#: Last day of the extension period: later deliveries are uninsured until the debt is paid.
EXTENSION = "extension"
#: The insurer has to be told of the overdue.
NOTIFICATION = "notification"
#: The debt has to be handed over for collection.
HAND_OVER = "hand_over"
#: The loss has to be claimed.
CLAIM = "claim"

#: What each step that was taken answers: who hands a debt over has told of it. Nothing delivered
#: later is insured again by it.
ANSWERED = {
    NOTIFICATION: (NOTIFICATION,),
    HAND_OVER: (NOTIFICATION, EXTENSION, HAND_OVER),
    CLAIM: (NOTIFICATION, EXTENSION, HAND_OVER, CLAIM),
}

#: A clock is far away, near, over without having been answered, or answered in time or late.
RUNNING, NEAR, MISSED, MET = "running", "near", "missed", "met"


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline; the day itself is in time."""

    code: str
    day: date


def extension_end(due, terms):
    """Return the last day of a debt's extension period, None when the policy has none."""
    if terms.extension_days is None:
        return None
    return due + timedelta(days=terms.extension_days)


def clocks(due, terms):
    """Return the clocks of a debt in the order of their days.

    :param due: original due date
    :param terms: :class:`~.terms.Terms`; what they leave open has no clock

    >>> from decimal import Decimal
    >>> from .terms import Terms
    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90), extension_days=60,
    ...              hand_over_days=30, claim_days=90)
    >>> [(clock.code, clock.day.isoformat()) for clock in clocks(date(2026, 3, 12), year)]
    [('extension', '2026-05-11'), ('hand_over', '2026-06-10'), ('claim', '2026-08-09')]
    """
    found = []
    if terms.notification_days is not None:
        found.append(Clock(NOTIFICATION, due + timedelta(days=terms.notification_days)))
    if end := extension_end(due, terms):
        found.append(Clock(EXTENSION, end))
        for code, days in ((HAND_OVER, terms.hand_over_days), (CLAIM, terms.claim_days)):
            if days is not None:
                found.append(Clock(code, end + timedelta(days=days)))
    return tuple(sorted(found, key=lambda clock: clock.day))


def status(clock, today, ahead, answered=None):
    """Return how a clock stands.

    :param ahead: days before its day from which it is near
    :param answered: day on which what it asks for was done
    """
    if answered and answered <= clock.day:
        return MET
    if today > clock.day:
        return MISSED
    return NEAR if (clock.day - today).days <= ahead else RUNNING


def next_clock(found, today, answered=()):
    """Return the first clock that is neither over nor answered, None without one.

    :param answered: codes of what was done
    """
    return next((one for one in found if one.day >= today and one.code not in answered), None)


def crossed(found, day, answered=(), today=date.min):
    """Return the first clock that a payment on ``day`` would be too late for, or None.

    :param today: what was over before is lost already, and not by this payment

    >>> clock = Clock(EXTENSION, date(2026, 5, 11))
    >>> crossed((clock,), date(2026, 5, 11))
    >>> crossed((clock,), date(2026, 5, 12)).code
    'extension'
    >>> crossed((clock,), date(2026, 6, 1), today=date(2026, 5, 12))
    """
    return next(
        (one for one in found if today <= one.day < day and one.code not in answered), None
    )


def exceeds_term(delivered, due, terms):
    """Return whether a debt was granted more time to pay than the policy allows."""
    return terms.credit_days is not None and (due - delivered).days > terms.credit_days


def invoiced_late(delivered, invoiced, terms):
    """Return whether the invoice came later after the delivery than the policy allows."""
    return terms.invoicing_days is not None and (invoiced - delivered).days > terms.invoicing_days


def payable_on(handed_over, terms):
    """Return the day from which the insurer pays, None when the policy names no waiting period."""
    if terms.waiting_days is None:
        return None
    return handed_over + timedelta(days=terms.waiting_days)
