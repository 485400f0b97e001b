"""What a failed call to a paid service (SMS, post) means: gone, not gone, or nobody knows."""

import requests
from urllib3.exceptions import NewConnectionError

from .collection_delivery import NotDelivered, Uncertain


def classify_service(error, words):
    """Return :class:`NotDelivered` or :class:`Uncertain` for an error of Odoo's service calls.

    Odoo hides what happened behind an ``AccessError``; the cause is in its context. A service
    that could not be reached or answered with an error has sent nothing: that may be tried
    again. When it was reached and never answered, it may have sent.

    :param error: the ``AccessError``
    :param str words: what a person reads
    """
    cause = error.__context__
    if isinstance(cause, requests.exceptions.ConnectTimeout) or _never_connected(cause):
        return NotDelivered(words, retry=True)
    if isinstance(cause, (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError)):
        return Uncertain(words)
    return NotDelivered(words, retry=True)


def _never_connected(cause):
    """Return whether the connection itself was refused: nothing was said to the service."""
    inner = cause.args[0] if isinstance(cause, requests.exceptions.ConnectionError) else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)
