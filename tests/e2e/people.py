"""What people do in Odoo, through its external API: over HTTP, with the rights of a user."""

import json
import time
import urllib.request

PATIENCE = 60  # seconds


class Person:
    """Calls ``person("model", "method", ids, **arguments)`` with an API key of theirs."""

    def __init__(self, url, database, key):
        self._url = url
        self._headers = {
            "Authorization": f"bearer {key}",
            "X-Odoo-Database": database,
            "Content-Type": "application/json",
        }

    def __call__(self, model, method, ids=(), /, **arguments):
        if ids:
            arguments["ids"] = ids
        request = urllib.request.Request(
            f"{self._url}/json/2/{model}/{method}",
            json.dumps(arguments).encode(),
            self._headers,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def read(self, model, domain, *names):
        return self(model, "search_read", domain=domain, fields=names)

    def reminders(self, state):
        """{customer: reminder} of those in that state."""
        names = ("debtor_id", "message_id", "subject", "email")
        found = self.read("collection.reminder", [("state", "=", state)], *names)
        return {reminder["debtor_id"][1]: reminder for reminder in found}

    def run_now(self):
        """Click 'Run now' and see it through; return the reminders that wait for departure."""
        self("collection.run", "action_run_now")
        done = [("state", "=", "done")]
        wait_for(lambda: self.read("collection.run", done, "date"), "the run")
        return self.reminders("scheduled")

    def send_now(self):
        """Let all leave before the hour of departure; return how many."""
        waiting = [reminder["id"] for reminder in self.reminders("scheduled").values()]
        self("collection.reminder", "action_send_now", waiting)
        return len(waiting)


def wait_for(condition, what):
    """Poll until the condition returns something true, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not after {PATIENCE} s: {what}"
        time.sleep(0.1)
    return found
