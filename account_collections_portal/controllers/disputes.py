from odoo.fields import Domain
from odoo.http import request

from .access import account_form, account_page
from .forms import CustomerForms
from .inputs import LARGEST_FORM, Refused, get_lang, read_amount, read_files, read_number

#: Items among which one is chosen: the search finds the others.
CHOICES = 20


class Disputes(CustomerForms):
    """Contest an item, follow what becomes of it, answer."""

    # === CONTEST === #

    @account_page("/contest", offer="disputes")
    def ask_contest(self, case, item="", search="", **_kwargs):
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

    @account_form("/contest", offer="disputes", max_content_length=LARGEST_FORM)
    def contest(self, case, **typed):
        item = case._get_portal_item(read_number(typed.get("item")))
        if not item:
            # Paid meanwhile, somebody else's or invented: it is not on this account.
            return self._say("not_open", 404)
        return self._send_form(case, typed, self._contest, self._show_contest, item)

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
        amount = read_amount(typed.get("amount"), currency, get_lang(request.env))
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

    @account_page("/dispute/<int:dispute_id>")
    def dispute(self, case, dispute_id, sent="", **_kwargs):
        dispute = self._find_dispute(case, dispute_id)
        if not dispute:
            return self._say("not_open", 404)
        return self._show_dispute(case, dispute, sent=bool(sent))

    @account_form("/dispute/<int:dispute_id>", max_content_length=LARGEST_FORM)
    def answer_dispute(self, case, dispute_id, **typed):
        dispute = self._find_dispute(case, dispute_id)
        if not dispute:
            return self._say("not_open", 404)
        return self._send_form(case, typed, self._answer, self._show_dispute, dispute)

    @account_page("/dispute/<int:dispute_id>/file/<int:file_id>", kind="document")
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
