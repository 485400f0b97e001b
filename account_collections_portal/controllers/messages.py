from odoo.http import request

from .access import account_form, account_page
from .forms import CustomerForms
from .inputs import LARGEST_FORM, read_files


class Messages(CustomerForms):
    """Write to whoever answers for the account."""

    @account_page("/message", offer="messages", for_members=True)
    def ask_message(self, case, sent="", **_kwargs):
        return self._show_message(case, sent=bool(sent))

    def _show_message(self, case, typed=None, error=None, sent=False):
        return self._show_form("message", case, {"typed": typed or {}, "sent": sent}, error)

    @account_form(
        "/message", offer="messages", for_members=True, max_content_length=LARGEST_FORM
    )
    def message(self, case, **typed):
        return self._send_form(case, typed, self._write, self._show_message)

    def _write(self, case, typed):
        author, name = self._get_person(typed)
        text = self._get_words(typed)
        files = read_files(request.httprequest.files.getlist("files"), request.env)
        case._receive_online(text, author, name, files)
        return self._get_path(case, "/message", sent=1)
