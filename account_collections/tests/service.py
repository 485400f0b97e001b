"""A paid service of Odoo's (SMS, post) on this machine: real HTTP, answers as the test chooses."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.iap.tools import iap_tools
from odoo.tools import mute_logger

#: Answers that are no JSON: the connection ends without a word.
SILENCE = object()

#: What Odoo logs where a service fails: that it did, and that it has no language to say it in.
expect_failures = mute_logger("odoo.addons.iap.tools.iap_tools", "odoo.tools.translate")


class Service:
    """What was asked of the service, and what it answers.

    :ivar calls: pairs (path, params) in the order they came
    :ivar answer: function of (path, params) → result, an HTTP status, or :data:`SILENCE`
    """

    def __init__(self, answer):
        self.calls = []
        self.answer = answer
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = json.loads(body)
                service.calls.append((self.path, call["params"]))
                result = service.answer(self.path, call["params"])
                if result is SILENCE:
                    self.connection.close()
                    return
                if isinstance(result, int):
                    self.send_error(result)
                    return
                words = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            def log_message(self, *args):
                """Say nothing: the test looks at the calls."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        """Close the port; a second time does nothing."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()


@contextmanager
def serving(env, parameter, answer):
    """Let Odoo call a service on this machine instead of the one that ``parameter`` names.

    Odoo refuses to call services while a test runs; here it may, and the call is a real one.
    """
    service = Service(answer)
    env["ir.config_parameter"].sudo().set_param(parameter, service.url)
    allowed = SimpleNamespace(module=SimpleNamespace(current_test=None))
    try:
        with patch.object(iap_tools, "modules", allowed):
            yield service
    finally:
        service.stop()
