import functools
from collections import OrderedDict

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.fields import Domain
from odoo.http import content_disposition, request
from odoo.tools import consteq

from ..models.collection_case import PAGE

#: What the browser keeps of a visit by link: the token itself, asked anew at each request, so
#: that what was revoked or has expired shows nothing more.
SESSION_TOKEN = "collection_access_token"
SESSION_CONFIRMED = "collection_confirmed_case"
#: Which of several accounts a logged-in visitor is looking at.
SESSION_CASE = "collection_case"

#: A page of a customer's account is for nobody else: not for search engines, caches, other sites.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}

ITEMS_PER_PAGE = 50


def _to_number(text):
    """Return the number that a visitor's text is, 0 when it is none or too large for one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def for_customers(kind):
    """Find the case of a request and hand it over; answer all others alike.

    :param str kind: the limit that this page counts against
    """

    def decorate(endpoint):
        @functools.wraps(endpoint)
        def answer(self, *args, case=None, access_token=None, **kwargs):
            attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
            if not attempts._is_allowed(kind, request.httprequest.remote_addr):
                return self._say("too_many", 429)
            found = self._find_case(case)
            if not found:
                if request.env.user._is_public():
                    return self._say("unknown_link", 404)
                return request.not_found()
            if self._must_confirm(found) and kind != "confirm":
                return self._ask_confirmation(found)
            response = endpoint(self, found, *args, **kwargs)
            response.headers.update(HEADERS)
            return response

        return answer

    return decorate


class AccountStatement(CustomerPortal):
    """The customer's account: what is open, documents, payments, and a person to talk to."""

    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "collection_account_count" in counters:
            cases = request.env["collection.case"]._get_visible_cases(request.env.user)
            values["collection_account_count"] = len(cases)
        return values

    # === ACCESS === #

    def _find_case(self, case):
        """Return, with all rights, the case that this visitor may see, else none."""
        cases = request.env["collection.case"]
        user = request.env.user
        if user._is_public():
            return self._find_by_link()
        if case:
            found = cases._get_visible(_to_number(case), user)
            if found:
                request.session[SESSION_CASE] = found.id
            return found
        last = request.session.get(SESSION_CASE)
        return (
            last and cases._get_visible(last, user)
            or cases._get_visible_cases(user)[:1]
            or self._find_by_link()
        )

    def _find_by_link(self):
        token = request.session.get(SESSION_TOKEN)
        return request.env["collection.case"]._find_signed(token) if token else None

    def _is_by_link(self, case):
        """Return whether nothing but a link lets this visitor in."""
        token = request.session.get(SESSION_TOKEN)
        by_link = token and request.env["collection.case"]._find_signed(token) == case
        return bool(by_link) and (
            request.env.user._is_public()
            or not request.env["collection.case"]._get_visible(case.id, request.env.user)
        )

    def _must_confirm(self, case):
        return (
            case.company_id.collection_link_confirmation
            and request.session.get(SESSION_CONFIRMED) != case.id
            and self._is_by_link(case)
        )

    def _say(self, what, status):
        response = request.render("account_collections_portal.notice", {"what": what})
        response.status_code = status
        response.headers.update(HEADERS)
        return response

    def _ask_confirmation(self, case, refused=False):
        values = {"case": case, "refused": refused, "contact": self._get_contact(case)}
        response = request.render("account_collections_portal.confirm", values)
        response.headers.update(HEADERS)
        return response

    @http.route(
        f"{PAGE}/confirm", type="http", auth="public", methods=["POST"], website=True, sitemap=False
    )
    @for_customers("confirm")
    def confirm(self, case, answer="", **_kwargs):
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("confirm", f"case {case.id}"):
            return self._say("too_many", 429)
        if not case._is_known_to_customer(answer):
            return self._ask_confirmation(case, refused=True)
        request.session[SESSION_CONFIRMED] = case.id
        return request.redirect(PAGE)

    # === PAGES === #

    @http.route(PAGE, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def account_statement(self, access_token=None, **kwargs):
        """Open the account; a link's token moves from the address to the visitor's session."""
        if access_token is not None:
            return self._enter(access_token)
        return self._show(**kwargs)

    def _enter(self, token):
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("link", request.httprequest.remote_addr):
            return self._say("too_many", 429)
        case = request.env["collection.case"]._find_signed(token)
        if not case:
            return self._say("unknown_link", 404)
        known = request.session.get(SESSION_TOKEN) or ""
        if not consteq(known, token):
            request.session[SESSION_TOKEN] = token
        response = request.redirect(PAGE)
        if not request.cookies.get("frontend_lang") and case.partner_id.lang:
            response.set_cookie("frontend_lang", case.partner_id.lang)
        response.headers.update(HEADERS)
        return response

    @for_customers("page")
    def _show(self, case, page="1", filterby="all", sortby="due", search="", **_kwargs):
        filters, sortings = self._get_filters(), self._get_sortings()
        filterby = filterby if filterby in filters else "all"
        sortby = sortby if sortby in sortings else "due"
        domain = Domain(case._get_portal_items_domain()) & filters[filterby]["domain"]
        if search:
            domain &= Domain("move_name", "ilike", search) | Domain("reference", "ilike", search)
        items = case.env["collection.item"]
        arguments = {"filterby": filterby, "sortby": sortby, "search": search}
        pages = pager(
            url=PAGE,
            url_args={key: value for key, value in arguments.items() if value},
            total=items.search_count(domain),
            page=_to_number(page) or 1,
            step=ITEMS_PER_PAGE,
        )
        if self._is_by_link(case):
            case._note_visit()
        return request.render(
            "account_collections_portal.account",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "account_statement",
                "case": case,
                "cases": self._get_accounts(case),
                "contact": self._get_contact(case),
                "totals": case._get_portal_totals(),
                "items": items.search(
                    domain, order=sortings[sortby]["order"], limit=ITEMS_PER_PAGE,
                    offset=pages["offset"],
                ),
                "payments": case.env["account.payment"].search(
                    case._get_portal_payments_domain(), order="date desc, id desc", limit=10
                ),
                "pager": pages,
                "default_url": PAGE,
                "search": search,
                "searchbar_inputs": {"all": {"input": "all", "label": request.env._("Documents")}},
                "search_in": "all",
                "searchbar_filters": filters,
                "filterby": filterby,
                "searchbar_sortings": sortings,
                "sortby": sortby,
            },
        )

    def _get_accounts(self, case):
        """Return the accounts that a logged-in visitor may change to."""
        if self._is_by_link(case):
            return case
        return request.env["collection.case"]._get_visible_cases(request.env.user) | case

    def _get_contact(self, case):
        """Return who of ours answers: never a technical user."""
        person = case.user_id or case.portfolio_id.user_id or case.company_id.collection_user_id
        return {
            "name": person.name or case.company_id.name,
            "phone": person.phone or case.company_id.phone,
            "email": case.company_id._collection_address() or person.email
            or case.company_id.email,
        }

    def _get_filters(self):
        env = request.env
        return OrderedDict(
            all={"label": env._("All"), "domain": Domain.TRUE},
            overdue={"label": env._("Overdue"), "domain": Domain("is_overdue", "=", True)},
            upcoming={
                "label": env._("Not yet due"),
                "domain": Domain("is_overdue", "=", False) & Domain("is_credit", "=", False),
            },
            credits={"label": env._("Credits"), "domain": Domain("is_credit", "=", True)},
        )

    def _get_sortings(self):
        env = request.env
        return {
            "due": {"label": env._("Due Date"), "order": "date_due, id"},
            "date": {"label": env._("Date"), "order": "date desc, id desc"},
            "name": {"label": env._("Number"), "order": "move_name, id"},
            "amount": {"label": env._("Amount"), "order": "amount desc, id"},
        }

    # === DOCUMENTS === #

    @http.route(
        f"{PAGE}/document/<int:move_id>",
        type="http", auth="public", methods=["GET"], website=True, sitemap=False,
    )
    @for_customers("document")
    def document(self, case, move_id, **_kwargs):
        """The PDF of an invoice or credit note."""
        move = case._get_portal_document(move_id)
        if not move:
            raise request.not_found()
        documents = move._get_invoice_legal_documents_all(allow_fallback=True)
        pdf = next((one for one in documents if one["filetype"] == "pdf"), None)
        if not pdf:
            raise request.not_found()
        return self._send(pdf["content"], pdf["filename"], "application/pdf")

    @http.route(
        f"{PAGE}/pdf", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    @for_customers("document")
    def statement(self, case, **_kwargs):
        """The statement of account as of today."""
        today = case.company_id._collection_today()
        statements = case.env["collection.statement"]
        lang = request.env.lang
        content = statements._render(case, today, lang)[case.id]
        name = statements._get_file_name(case.company_id, today, lang)
        return self._send(content, name, "application/pdf")

    def _send(self, content, name, kind):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", kind),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
