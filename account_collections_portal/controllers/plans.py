from odoo import fields
from odoo.http import request

from ..models.collection_case_plans import MOST_INSTALMENTS
from .access import account_form, account_page
from .forms import CustomerForms
from .inputs import Refused, read_day, read_number, read_text

#: Days within which a first instalment may be asked for.
FIRST_WITHIN = 60


class Plans(CustomerForms):
    """Ask for instalments, accept the agreement, follow it."""

    # === ASK === #

    @account_page("/instalments", offer="plans")
    def ask_instalments(self, case, **_kwargs):
        return self._show_instalments(case)

    @account_form("/instalments", offer="plans")
    def instalments(self, case, **typed):
        return self._send_form(case, typed, self._arrange, self._show_instalments)

    def _show_instalments(self, case, typed=None, error=None):
        items = case._get_portal_plannable()
        promises = case.env["collection.promise"]
        currency = promises._get_currency(items) if items else case.company_id.currency_id
        today = case.company_id._collection_today()
        values = {
            "items": items,
            "currency": currency,
            "total": sum(promises._get_open_amount(item, currency) for item in items),
            "pending": case._get_open_request(),
            "has_ready": case._has_ready_plans(),
            "first": case._get_first_instalment(),
            "today": today,
            "latest": fields.Date.add(today, days=FIRST_WITHIN),
            "most": MOST_INSTALMENTS,
            "name": self._get_default_name(),
            "typed": typed or {},
        }
        return self._show_form("instalments", case, values, error)

    def _arrange(self, case, typed):
        _ = request.env._
        items = case._get_portal_plannable()
        if not items:
            raise Refused(_("Nothing is overdue that could be paid in instalments."))
        if case._get_open_request():
            raise Refused(_("There is a plan already that waits for an answer."))
        count = read_number(typed.get("count"))
        if not 2 <= count <= MOST_INSTALMENTS:
            raise Refused(_("Choose between 2 and %(most)s instalments.", most=MOST_INSTALMENTS))
        today = case.company_id._collection_today()
        first = read_day(typed.get("date"))
        if not first or not today <= first <= fields.Date.add(today, days=FIRST_WITHIN):
            raise Refused(_("The first instalment is due within %(days)s days.", days=FIRST_WITHIN))
        author, name = self._get_signatory(typed)
        plan = case._arrange_online(items, count, first, author, name, read_text(typed.get("text")))
        return self._get_path(case, f"/plan/{plan.id}")

    # === ACCEPT AND FOLLOW === #

    def _find_plan(self, case, plan_id):
        return case._get_portal_plans().filtered(lambda plan: plan.id == plan_id)

    @account_page("/plan/<int:plan_id>")
    def plan(self, case, plan_id, sent="", **_kwargs):
        plan = self._find_plan(case, plan_id)
        if not plan:
            return self._say("not_open", 404)
        return self._show_plan(case, plan, sent=bool(sent))

    def _show_plan(self, case, plan, typed=None, error=None, sent=False):
        values = {
            "plan": plan,
            "step": plan._get_portal_step(),
            "sent": sent,
            "name": self._get_default_name(),
            "typed": typed or {},
        }
        return self._show_form("plan", case, values, error)

    @account_form("/plan/<int:plan_id>")
    def accept_plan(self, case, plan_id, **typed):
        plan = self._find_plan(case, plan_id)
        if not plan:
            return self._say("not_open", 404)
        return self._send_form(case, typed, self._accept, self._show_plan, plan)

    def _accept(self, case, plan, typed):
        _ = request.env._
        path = self._get_path(case, f"/plan/{plan.id}", sent=1)
        step = plan._get_portal_step()
        if step == "active":  # accepted from another page a moment ago
            return path
        if step != "accept":
            raise Refused(_("This plan can no longer be accepted. Please write to us."))
        if typed.get("agreed") != "1":
            raise Refused(_("Please say that you accept the agreement."))
        author, name = self._get_signatory(typed)
        plan._accept_online(author, name, request.httprequest.remote_addr)
        return path

    @account_page("/plan/<int:plan_id>/pdf", kind="document")
    def agreement(self, case, plan_id, **_kwargs):
        """The agreement: an acknowledgement of debt."""
        plan = self._find_plan(case, plan_id)
        if not plan.agreement_id or plan._get_portal_step() == "wait":
            return self._say("not_open", 404)
        document = plan.agreement_id
        return self._send(document.name, document.raw, "application/pdf")
