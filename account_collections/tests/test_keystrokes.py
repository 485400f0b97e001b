from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from .promise_common import DAY, PromiseCommon

#: Keys as Chromium's debugger sends them: pressed on a keyboard, not by a script of the page.
ALT = 1
KEYS = {
    "alt+l": {"key": "l", "code": "KeyL", "windowsVirtualKeyCode": 76, "modifiers": ALT},
    "alt+q": {"key": "q", "code": "KeyQ", "windowsVirtualKeyCode": 81, "modifiers": ALT},
    "space": {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
}

#: Counts what the page is told of, chords once.
COUNT = """
    window.strokes = 0;
    window.addEventListener("keydown", (ev) => {
        window.strokes += ["Alt", "Control", "Shift", "Meta"].includes(ev.key) ? 0 : 1;
    }, true);
"""


@tagged("post_install", "-at_install")
class TestKeystrokes(HttpCase, PromiseCommon):
    """A collector on the telephone, without a mouse."""

    def test_a_promise_by_call_takes_four_keystrokes_at_most(self):
        """…and paid one day late and 3.00 short it was kept."""
        today = self.company._collection_today()
        self.case._decide_again()
        with patch.object(ChromeBrowser, "_wait_code_ok", autospec=True, side_effect=self._call):
            self.browser_js(f"/odoo/collections-cases/{self.case.id}", "", login="owner")
        self.assertLessEqual(self.strokes, 4)
        self.env.invalidate_all()
        promise = self.case.promise_ids
        self.assertEqual((promise.state, promise.amount), ("open", 1000))
        self.assertEqual((promise.channel, promise.user_id), ("call", self.owner))
        self.assertEqual(promise.date, self.case._get_promise_day())
        self.assertGreater(promise.date, today)
        self._pay(self.invoice, 997, payment_date=promise.date + DAY)
        self._judge(fields.Date.add(promise.check_date, days=1))
        self.assertEqual((promise.state, promise.received), ("kept", 997))

    def _call(self, browser, *_args, **_kwargs):
        """Note on the case that the customer, who has just been called, will pay."""
        self._see(browser, "button[name='action_note_call']")
        browser._websocket_request("Runtime.evaluate", params={"expression": COUNT})
        self._press(browser, "alt+l")
        self._see(browser, ".modal .o_field_widget[name='result'] input:focus")
        self._press(browser, "space")
        self._see(browser, ".modal .o_field_widget[name='promised_date']")
        self._press(browser, "alt+q")
        self._see(browser, "body:not(:has(.modal)) button[name='action_note_call']")
        found = browser._websocket_request(
            "Runtime.evaluate", params={"expression": "window.strokes"}
        )
        self.strokes = found["result"]["value"]

    def _see(self, browser, selector):
        ready = f"!!document.querySelector({selector!r})"
        self.assertTrue(browser._wait_ready(ready), f"It is not there: {selector}")

    def _press(self, browser, name):
        for kind in ("keyDown", "keyUp"):
            browser._websocket_request(
                "Input.dispatchKeyEvent", params={"type": kind, **KEYS[name]}
            )
