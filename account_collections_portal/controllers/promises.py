from odoo.http import request

from .access import account_form, account_page
from .forms import CustomerForms
from .inputs import Refused, get_lang, read_amount, read_day, read_number, read_text


class Promises(CustomerForms):
    """Promise a date, put it off, see what became of it."""

    @account_page("/promise", offer="promises")
    def ask_promise(self, case, **asked):
        return self._show_promise_form(case, asked)

    @account_form("/promise", offer="promises")
    def promise(self, case, **typed):
        return self._send_form(case, typed, self._promise, self._show_promise_form)

    def _find_promisable(self, case, asked):
        """Return (items, currency, currencies to choose from) that a form is about."""
        items = case._get_portal_promisable(
            read_number(asked.get("item")), read_number(asked.get("promise"))
        )
        currencies = items.currency_id
        if asked.get("promise"):
            return items, case.env["collection.promise"]._get_currency(items), currencies[:0]
        chosen = currencies.filtered(lambda one: one.id == read_number(asked.get("currency")))
        own = case.company_id.currency_id
        currency = chosen or currencies & own or currencies[:1]
        return items.filtered(lambda item: item.currency_id == currency), currency, currencies

    def _show_promise_form(self, case, typed, error=None):
        items, currency, currencies = self._find_promisable(case, typed)
        values = {
            "items": items,
            "currency": currency,
            "currencies": currencies,
            "limits": items and case._get_portal_limits(items, currency),
            "typed": typed,
            "day": case._get_promise_day(),
            "name": self._get_default_name(),
        }
        return self._show_form("promise_form", case, values, error)

    def _promise(self, case, typed):
        _ = request.env._
        items, currency, _currencies = self._find_promisable(case, typed)
        if not items:
            raise Refused(_("Nothing of it is overdue any more: there is nothing to promise."))
        limits = case._get_portal_limits(items, currency)
        if limits["is_exhausted"]:
            raise Refused(
                _("This was put off already and cannot be once more. Please write to us.")
            )
        amount = read_amount(typed.get("amount"), currency, get_lang(request.env))
        if currency.compare_amounts(amount, limits["amount"]) > 0:
            raise Refused(
                _(
                    "The amount is larger than what is open: %(amount)s at most.",
                    amount=currency.format(limits["amount"]),
                )
            )
        if currency.compare_amounts(amount, limits["most"]) > 0:
            raise Refused(
                _(
                    "%(amount)s at most can be promised here. Please write to us.",
                    amount=currency.format(limits["most"]),
                )
            )
        day = read_day(typed.get("date"))
        if not day or not limits["first"] <= day <= limits["last"]:
            raise Refused(_("Choose a day within the limits given beside it."))
        author, name = self._get_signatory(typed)
        promise = case._promise_online(
            items, amount, day, currency, author, name,
            request.httprequest.remote_addr, read_text(typed.get("text")),
        )  # fmt: skip
        return self._get_path(case, f"/promise/{promise.id}", sent=1)

    @account_page("/promise/<int:promise_id>")
    def show_promise(self, case, promise_id, sent="", **_kwargs):
        promise = case.env["collection.promise"].search(
            [("id", "=", promise_id), ("case_id", "=", case.id), ("plan_id", "=", False)]
        )
        if not promise:
            return self._say("not_open", 404)
        values = {
            "promise": promise,
            "sent": bool(sent),
            "offers": case._get_portal_offers(),
        }
        return self._show_form("promise", case, values)
