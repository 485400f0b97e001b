"""Covers, decisions and pending indicators, in the manner of Atradius: the public field list.

Written from that list and never run against the live service.
"""

import csv
import io

#: Field of the service → header that imports recognise.
COLUMNS = {
    "buyerId": "buyer id",
    "buyerName": "buyer name",
    "nationalId": "national id",
    "vatNumber": "vat number",
    "customerReference": "customer code",
    "policyNumber": "policy number",
    "decisionCode": "decision code",
    "decisionReference": "decision reference",
    "decisionDate": "decision date",
    "effectiveDate": "effective date",
    "expiryDate": "expiry date",
    "amount": "amount",
    "requestedAmount": "requested amount",
    "currency": "currency",
    "temporary": "temporary",
    "rating": "rating",
    "conditions": "conditions",
}

REQUESTED = "requested"


def fetch(service, policy):
    """Return all covers of a policy as the CSV file that an import reads; all pages, or none.

    :raises ServiceError: when one page does not come as it should
    """
    covers = list(service.get_pages("covers", "covers", policyNumber=policy))
    return to_csv(covers)


def to_csv(covers):
    """Return covers as a file: a row for each decision, and one for what is still pending.

    >>> text = to_csv([{"buyerId": "7", "decisionCode": "04", "amount": 5000, "currency": "EUR",
    ...                 "pendingIndicator": True, "pendingAmount": 9000,
    ...                 "requestDate": "2026-03-01"}]).decode()
    >>> [row.split(",")[0:1] + row.split(",")[6:7] for row in text.splitlines()[1:]]
    [['7', '04'], ['7', 'requested']]
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(COLUMNS), extrasaction="ignore", lineterminator="\n")
    writer.writerow(COLUMNS)
    for cover in covers:
        known = {name: _text(cover.get(name)) for name in COLUMNS}
        if known["decisionCode"]:
            writer.writerow(known)
        if cover.get("pendingIndicator"):
            writer.writerow(_pending(cover, known))
    return stream.getvalue().encode()


def _pending(cover, known):
    return {
        **known,
        "decisionCode": REQUESTED,
        "decisionReference": _text(cover.get("requestReference")),
        "decisionDate": _text(cover.get("requestDate")),
        "effectiveDate": _text(cover.get("requestDate")),
        "expiryDate": "",
        "amount": "",
        "requestedAmount": _text(cover.get("pendingAmount")),
        "temporary": "",
        "conditions": "",
    }


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def request(service, values, key):
    """Ask for a limit; return the service's reference of the request.

    :param str key: by which the service knows a second sending of the same request
    """
    answer = service.post("cover-requests", values, key)
    return str(answer.get("requestReference") or "") if isinstance(answer, dict) else ""
