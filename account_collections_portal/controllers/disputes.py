from odoo import http
from odoo.fields import Domain
from odoo.http import request

from ..models.collection_case import PAGE
from .access import for_customers
from .forms import CustomerForms
from .inputs import LARGEST_FORM, Refused, read_amount, read_files, read_number

#: Items among which one is chosen: the search finds the others.
CHOICES = 20


class Disputes(CustomerForms):
    """Contest an item, follow what becomes of it, answer."""

    # === CONTEST === #

    @http.route(
        f"{PAGE}/contest", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    @for_customers("page")
    def ask_contest(self, case, item="", search="", **_kwargs):
        if "disputes" not in case._get_portal_offers():
            return self._say_not_offered()
        chosen = case._get_portal_item(read_number(item))
        if not chosen:
            return self._choose_item(case, search)
        return self._show_contest(case, chosen)

    def _choose_item(self, case, search=""):
        """Let the visitor choose what to contest."""
        domain = Domain(case._get_portal_items_domain()) & Domain("is_credit", "=", False)
        if search:
            domain &= Domain("move_name", "ilike", search) | Domain("reference", "ilike", search)
        items = case.env["collection.item"].search(domain, limit=CHOICES + 1)
        values = {"items": items[:CHOICES], "more": len(items) > CHOICES, "search": search}
        return self._show_form("contest_choose", case, values)

    def _show_contest(self, case, item, typed=None, error=None):
        values = {
            "item": item,
            "room": case._get_portal_room(item),
            "reasons": case._get_portal_reasons(),
        }
        if typed:
            values["typed"] = typed
        return self._show_form("contest", case, values, error)

    @http.route(
        f"{PAGE}/contest",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=LARGEST_FORM,
    )
    @for_customers("form")
    def contest(self, case, **typed):
        if "disputes" not in case._get_portal_offers():
            return self._say_not_offered()
        item = case._get_portal_item(read_number(typed.get("item")))
        if not item:
            # Paid meanwhile, somebody else's or invented: it is not on this account.
            return self._say("not_open", 404)

        def show(error):
            return self._show_contest(case, item, typed, error)

        return self._send_form(case, typed, lambda: self._contest(case, item, typed), show)

    def _contest(self, case, item, typed):
        _ = request.env._
        author, name = self._get_person(typed)
        reason = case._get_portal_reasons().filtered(
            lambda one: one.id == read_number(typed.get("reason"))
        )
        if not reason:
            raise Refused(_("Please say what is wrong: choose a reason."))
        text = self._get_words(typed)
        room = case._get_portal_room(item)
        currency = item.currency_id
        if currency.compare_amounts(room, 0) <= 0:
            raise Refused(_("All of this document is contested already."))
        amount = read_amount(typed.get("amount"), currency, self._get_lang())
        if currency.compare_amounts(amount, room) > 0:
            raise Refused(
                _(
                    "The amount is larger than what is still open: %(amount)s at most.",
                    amount=currency.format(room),
                )
            )
        files = read_files(request.httprequest.files.getlist("files"), request.env)
        dispute = case._contest_online(item, amount, reason, text, author, name, files)
        return self._get_path(case, f"/dispute/{dispute.id}", sent=1)

    # === FOLLOW === #

    @http.route(
        f"{PAGE}/dispute/<int:dispute_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    @for_customers("page")
    def dispute(self, case, dispute_id, sent="", **_kwargs):
        dispute = self._find_dispute(case, dispute_id)
        if not dispute:
            return self._say("not_open", 404)
        return self._show_dispute(case, dispute, sent=bool(sent))

    @http.route(
        f"{PAGE}/dispute/<int:dispute_id>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=LARGEST_FORM,
    )
    @for_customers("form")
    def answer_dispute(self, case, dispute_id, **typed):
        dispute = self._find_dispute(case, dispute_id)
        if not dispute:
            return self._say("not_open", 404)

        def show(error):
            return self._show_dispute(case, dispute, typed, error)

        return self._send_form(case, typed, lambda: self._answer(case, dispute, typed), show)

    @http.route(
        f"{PAGE}/dispute/<int:dispute_id>/file/<int:file_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    @for_customers("document")
    def dispute_file(self, case, dispute_id, file_id, **_kwargs):
        """A file of a message that the customer reads: to keep, never to be shown as a page."""
        messages = self._find_dispute(case, dispute_id)._get_portal_messages()
        file = messages.attachment_ids.filtered(lambda one: one.id == file_id)
        if not file.raw:
            return self._say("not_open", 404)
        return self._send(file.name, file.raw, "application/octet-stream")

    def _find_dispute(self, case, dispute_id):
        return case.env["collection.dispute"].search(
            [("id", "=", dispute_id), ("case_id", "=", case.id)]
        )

    def _show_dispute(self, case, dispute, typed=None, error=None, sent=False):
        values = {"dispute": dispute, "messages": dispute._get_portal_messages(), "sent": sent}
        if typed:
            values["typed"] = typed
        return self._show_form("dispute", case, values, error)

    def _answer(self, case, dispute, typed):
        if not dispute.is_open:
            raise Refused(request.env._("This is decided already. Write to us instead."))
        author, name = self._get_person(typed)
        text = self._get_words(typed)
        files = read_files(request.httprequest.files.getlist("files"), request.env)
        dispute._answer_online(text, author, name, files)
        return self._get_path(case, f"/dispute/{dispute.id}", sent=1)
