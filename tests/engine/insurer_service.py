"""An insurer's service on this machine that misbehaves as it is told, request by request."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "our-client", "our-secret-1f9e"


class Insurer:
    """What the service holds, and its next misdeeds.

    :ivar pages: lists of covers
    :ivar misdeeds: what it does instead of an answer, one for each request of covers:
        a status, ``(429, seconds)``, "truncated", "slow", "expired" or None for a good answer
    :ivar post_misdeeds: the same for each request that is posted, after it was taken; "hang up"
        is no answer at all
    :ivar posted: what was posted; ``keys`` their keys
    :ivar asked: paths in the order they were asked for, "token" for a token
    """

    def __init__(self, pages):
        self.pages = pages
        self.misdeeds = []
        self.next_page = None
        self.asked = []
        self.tokens = 0
        self.posted = []
        self.keys = []
        self.post_misdeeds = []
        self.taken, self.released = threading.Event(), threading.Event()

    def page(self, number):
        last = number >= len(self.pages)
        return {
            "covers": self.pages[number - 1],
            "nextPage": self.next_page or (None if last else number + 1),
        }


@contextmanager
def serving(*pages):
    """Yield (address, the :class:`Insurer`) of a service on this machine."""
    insurer = Insurer(list(pages))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.insurer = insurer
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", insurer
    finally:
        insurer.released.set()
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers, or does the next misdeed."""

    protocol_version = "HTTP/1.1"

    @property
    def insurer(self):
        return self.server.insurer

    def log_message(self, *_arguments):
        """Keep quiet: the tests look at what was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/token":
            self.insurer.asked.append("token")
            self.insurer.tokens += 1
            self._answer(200, {"access_token": f"token-{self.insurer.tokens}", "expires_in": 3600})
        elif self._is_known():
            self.insurer.posted.append(json.loads(body))
            self.insurer.keys.append(self.headers["Idempotency-Key"])
            self.insurer.taken.set()
            misdeeds = self.insurer.post_misdeeds
            self._misbehave(misdeeds.pop(0) if misdeeds else 201)

    def do_GET(self):
        address = urlsplit(self.path)
        number = int(parse_qs(address.query)["page"][0])
        self.insurer.asked.append(f"{address.path}?{number}")
        misdeed = self.insurer.misdeeds.pop(0) if self.insurer.misdeeds else None
        if misdeed == "expired":
            self.insurer.tokens += 1  # the one it gave is none any more
        if misdeed == "slow":
            self.insurer.released.wait()
        if isinstance(misdeed, (int, tuple)):
            status, *wait = misdeed if isinstance(misdeed, tuple) else (misdeed,)
            headers = {"Retry-After": str(wait[0])} if wait else {}
            self._answer(status, {"secret": SECRET}, headers)
        elif self._is_known():
            self._answer(200, self.insurer.page(number), cut=misdeed == "truncated")

    def _misbehave(self, misdeed):
        if misdeed == "slow":
            self.insurer.released.wait()
            misdeed = 201
        if misdeed == "hang up":
            self.close_connection = True
        elif misdeed == "truncated":
            self._answer(200, {"requestReference": "R-1"}, cut=True)
        else:
            self._answer(misdeed, {"requestReference": "R-1"})

    def _is_known(self):
        known = self.headers["Authorization"] == f"Bearer token-{self.insurer.tokens}"
        if not known:
            self._answer(401, {"secret": SECRET})
        return known

    def _answer(self, status, content, headers=(), cut=False):
        body = json.dumps(content).encode()
        body = body[: len(body) // 2] if cut else body
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
