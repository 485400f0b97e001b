from odoo import http
from odoo.http import request

from ..models.collection_case import PAGE
from .access import for_customers
from .forms import CustomerForms
from .inputs import LARGEST_FORM, read_files


class Messages(CustomerForms):
    """Write to whoever answers for the account."""

    @http.route(
        f"{PAGE}/message", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    @for_customers("page")
    def ask_message(self, case, sent="", **_kwargs):
        if "messages" not in case._get_portal_offers():
            return self._say_not_offered()
        return self._show_form("message", case, {"sent": bool(sent)})

    @http.route(
        f"{PAGE}/message",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=LARGEST_FORM,
    )
    @for_customers("form")
    def message(self, case, **typed):
        if "messages" not in case._get_portal_offers():
            return self._say_not_offered()

        def show(error):
            return self._show_form("message", case, {"typed": typed, "sent": False}, error)

        return self._send_form(case, typed, lambda: self._write(case, typed), show)

    def _write(self, case, typed):
        author, name = self._get_person(typed)
        text = self._get_words(typed)
        files = read_files(request.httprequest.files.getlist("files"), request.env)
        case._receive_online(text, author, name, files)
        return self._get_path(case, "/message", sent=1)
