"""An insurer's HTTP service: tokens, pages, retries with back-off, limits on rates and times."""

import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry

#: Seconds to connect, and between two bytes.
TIMEOUT = 20

#: What is worth another try.
PASSING = (429, 500, 502, 503, 504)

TRIES = 4
BACK_OFF = 0.5  # seconds, doubled each time

#: A service that wants us to wait longer is asked again by the next scheduled fetch (seconds).
LONGEST_WAIT = 60

#: A token is renewed so many seconds before it ends.
MARGIN = 30

#: For how long a token is believed to be good that does not say it (seconds).
TOKEN_LIFE = 300

MAX_PAGES = 10_000


class ServiceError(Exception):
    """The service did not answer as it should; ``code`` says how. Holds no credentials."""

    def __init__(self, code, **details):
        super().__init__(code, details)
        self.code = code
        self.details = details


class Uncertain(ServiceError):
    """Nobody knows whether what was sent arrived."""


class _Patience(Retry):
    """Waits as long as the service asks, within reason."""

    def get_retry_after(self, response):
        seconds = super().get_retry_after(response)
        if seconds and seconds > LONGEST_WAIT:
            raise ServiceError("busy", seconds=int(seconds))
        return seconds


class Service:
    """A session with a service that gives tokens for client credentials (OAuth 2).

    :param url: of the service; paths follow it
    :param token_url: where tokens are given
    :param timeout: seconds to connect, and between two bytes
    """

    def __init__(
        self, url, token_url, client_id, client_secret, timeout=TIMEOUT, back_off=BACK_OFF
    ):
        self._url = url.rstrip("/")
        self._token_url = token_url
        self._credentials = (client_id, client_secret)
        self._timeout = timeout
        self._token, self._until = None, 0
        self._session = requests.Session()
        patience = _Patience(
            total=TRIES,
            backoff_factor=back_off,
            status_forcelist=PASSING,
            allowed_methods=frozenset({"GET"}),
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=patience))

    def __repr__(self):
        return f"Service({self._url})"

    def get_pages(self, path, key, **params):
        """Yield the records of all pages, none twice.

        A page is ``{key: [...], "nextPage": number or null}``. Nothing of it is to be used before
        the last page came: whoever calls makes a list of it.

        :raises ServiceError: when a page is none, comes again, or does not come
        """
        page, seen = 1, set()
        while page:
            if page in seen or len(seen) >= MAX_PAGES:
                raise ServiceError("repeated_page", page=page)
            seen.add(page)
            answer = self._call("GET", path, params={**params, "page": page})
            if not _is_page(answer, key):
                raise ServiceError("unreadable", path=path)
            yield from answer[key]
            page = answer.get("nextPage")

    def post(self, path, record, key):
        """Send a record once and return the answer: what may have arrived is not sent again.

        :param str key: the same for each sending of the same record (``Idempotency-Key``)
        :raises Uncertain: when it may have arrived all the same
        :raises ServiceError: when it certainly did not
        """
        self._get_token()
        try:
            return self._call("POST", path, json=record, headers={"Idempotency-Key": key})
        except ServiceError as error:
            if _may_have_arrived(error):
                raise Uncertain(error.code, **error.details) from error
            raise

    def _call(self, method, path, **options):
        response = self._send(method, path, **options)
        if response.status_code == requests.codes.unauthorized:
            # It ended before its time, or was taken back: one more, and no third.
            self._token = None
            response = self._send(method, path, **options)
        return _read(response, path)

    def _send(self, method, path, headers=None, **options):
        headers = {**(headers or {}), "Authorization": f"Bearer {self._get_token()}"}
        return self._request(method, f"{self._url}/{path}", headers=headers, **options)

    def _get_token(self):
        if not self._token or time.monotonic() >= self._until:
            response = self._request(
                "POST",
                self._token_url,
                data={"grant_type": "client_credentials"},
                auth=self._credentials,
            )
            answer = _read(response, "token")
            token = answer.get("access_token") if isinstance(answer, dict) else None
            if not token:
                raise ServiceError("refused", path="token")
            self._token = token
            self._until = time.monotonic() + _read_seconds(answer.get("expires_in")) - MARGIN
        return self._token

    def _request(self, method, url, **options):
        try:
            return self._session.request(
                method, url, timeout=self._timeout, allow_redirects=False, **options
            )
        except requests.ConnectTimeout as error:
            raise ServiceError("timeout", connected=False) from error
        except requests.Timeout as error:
            raise ServiceError("timeout") from error
        except requests.RequestException as error:
            raise ServiceError("unreachable", connected=_was_connected(error)) from error


def _was_connected(error):
    """Return whether a connection broke that was there."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return not isinstance(reason, NewConnectionError)


def _may_have_arrived(error):
    """Return whether a service that failed so may have taken what it was sent."""
    if error.code in ("timeout", "unreachable"):
        return error.details.get("connected", True)
    return error.code == "unreadable" or error.details.get("status", 0) >= 500


def _is_page(answer, key):
    """Return whether an answer is a page of records, and names the next one by a number."""
    return (
        isinstance(answer, dict)
        and isinstance(answer.get(key), list)
        and all(isinstance(record, dict) for record in answer[key])
        and isinstance(answer.get("nextPage"), (int, type(None)))
    )


def _read_seconds(value):
    """Return for how long a token is good: some services write it as a text, or not at all."""
    try:
        return float(value or TOKEN_LIFE)
    except (TypeError, ValueError) as error:
        raise ServiceError("unreadable", path="token") from error


def _read(response, path):
    """Return the JSON of an answer; its text is in no error, because it may hold a secret."""
    status = response.status_code
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        raise ServiceError("refused", path=path)
    if status == requests.codes.too_many_requests:
        raise ServiceError("busy", seconds=0)
    if not 200 <= status < 300:
        raise ServiceError("status", status=status, path=path)
    try:
        return response.json()
    except ValueError as error:
        raise ServiceError("unreadable", path=path) from error
