import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

#: A limit that the insurer's service does not take.
REFUSED_AMOUNT = 13


class Service:
    """What an insurer's service has, and its next misdeeds.

    :ivar posted: {key: the request that came with it}, each once
    :ivar misdeeds: what it does with the next requests it takes: "hang up" instead of an answer,
        or a status; None for a good answer
    """

    def __init__(self, covers):
        self.covers = covers
        self.posted = {}
        self.misdeeds = []
        self.url = None


@contextmanager
def serving(*covers):
    """Yield the :class:`Service` of an insurer on this machine."""
    service = Service(covers)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.service = service
    service.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_arguments):
        """Keep quiet."""

    def do_GET(self):
        self._answer({"covers": self.server.service.covers, "nextPage": None})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/token":
            return self._answer({"access_token": "t", "expires_in": 3600})
        record, service = json.loads(body), self.server.service
        if float(record["requestedAmount"]) == REFUSED_AMOUNT:
            return self._answer({}, 422)
        service.posted[self.headers["Idempotency-Key"]] = record
        misdeed = service.misdeeds.pop(0) if service.misdeeds else None
        if misdeed != "hang up":
            self._answer({"requestReference": "R-7"}, misdeed or 200)

    def _answer(self, content, status=200):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())
