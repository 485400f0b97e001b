import functools

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import content_disposition, request, route

from ..models.collection_case import PAGE
from .inputs import read_number

#: What the browser keeps of visits by link: {case id, as text: token}. Each token is asked anew
#: at each request, so that what was revoked or has expired shows nothing more.
SESSION_LINKS = "collection_links"
#: Ids of the cases that were confirmed, and of those that always have to be.
SESSION_CONFIRMED = "collection_confirmed_cases"
SESSION_BY_LETTER = "collection_letter_cases"
#: Which of several accounts a visitor is looking at.
SESSION_CASE = "collection_case"

#: Links that one browser keeps, the latest.
MOST_LINKS = 20


def for_customers(kind, offer=None, for_members=False):
    """Find the case of a request and hand it over; answer all others alike.

    An endpoint that returns nothing has nothing to show to this visitor. A refusal is an answer,
    never an exception: what is counted stays counted.

    :param str kind: the limit that this page counts against
    :param str offer: what the customer has to be offered, see ``_get_portal_offers``
    :param bool for_members: whether one member of a group may see its own part of it
    """

    def decorate(endpoint):
        @functools.wraps(endpoint)
        def answer(self, *args, case=None, access_token=None, **kwargs):
            attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
            if not attempts._is_allowed(kind, request.httprequest.remote_addr):
                return self._say("too_many", 429)
            found = self._find_case(case)
            if not found:
                return self._say_nothing()
            if found._get_portal_member() and not for_members:
                return self._say_nothing()
            if self._must_confirm(found) and kind != "confirm":
                return self._ask_confirmation(found)
            if offer and offer not in found._get_portal_offers():
                return self._say("not_offered", 404)
            response = endpoint(self, found, *args, **kwargs)
            return self._say_nothing() if response is None else response

        return answer

    return decorate


def account_route(*paths, method="GET", **options):
    """The route of a page below the account, for anybody who may see it.

    :param paths: below :data:`PAGE`
    """
    return route(
        [PAGE + path for path in paths],
        type="http", auth="public", methods=[method], website=True, sitemap=False, **options,
    )  # fmt: skip


def account_page(*paths, kind="page", **wanted):
    """A page of one account: ``endpoint(self, case, …)``, see :func:`for_customers`."""

    def decorate(endpoint):
        return account_route(*paths)(for_customers(kind, **wanted)(endpoint))

    return decorate


def account_form(path, kind="form", offer=None, for_members=False, **options):
    """Where a form of one account is sent: ``endpoint(self, case, …)``, as a page's."""

    def decorate(endpoint):
        answer = for_customers(kind, offer, for_members)(endpoint)
        return account_route(path, method="POST", **options)(answer)

    return decorate


class AccountAccess(CustomerPortal):
    """Who may see which account: by a link, by a letter, logged in."""

    # === WHICH ACCOUNT === #

    def _find_case(self, case):
        """Return, with all rights, the case that this visitor may see, else none.

        :param case: which one is asked for, as text; else the one last looked at
        """
        if case:
            found = self._find_one(read_number(case))
        else:
            found = self._find_one(request.session.get(SESSION_CASE))
            if not found:
                found = self._show_own(self._get_own_cases()[:1])
        if found and request.session.get(SESSION_CASE) != found.id:
            request.session[SESSION_CASE] = found.id
        return found

    def _find_one(self, case_id):
        """Return one case if this visitor may see it, logged in or by a link."""
        cases = request.env["collection.case"]
        if not case_id:
            return cases
        return self._find_by_login(case_id) or self._find_by_link(case_id)

    def _find_by_login(self, case_id):
        if not request.env.user.share:
            return request.env["collection.case"]._get_readable(case_id)
        return self._show_own(self._get_own_cases().filtered(lambda case: case.id == case_id))

    def _show_own(self, case):
        """Return a case of whoever is logged in, as they may see it."""
        entity = request.env.user.partner_id.commercial_partner_id
        return case._show_to(entity) if case else case

    def _get_own_cases(self):
        """Return, with all rights, the cases of the customer who is logged in, if one is.

        A request asks for them several times, and searches once.
        """
        if not hasattr(request, "collection_own_cases"):
            cases, user = request.env["collection.case"].sudo(), request.env.user
            # Without any case, rights show nothing; with some, who logged in may see them.
            request.collection_own_cases = (
                cases if user._is_public() else cases._get_visible_cases(user)
            )
        return request.collection_own_cases

    def _find_by_link(self, case_id):
        cases = request.env["collection.case"]
        token = self._get_links().get(str(case_id))
        found = cases._find_signed(token) if token else cases
        return found if found.id == case_id else cases

    def _get_links(self):
        return request.session.get(SESSION_LINKS) or {}

    def _is_by_link(self, case):
        """Return whether nothing but a link lets this visitor in."""
        return not self._find_by_login(case.id)

    # === BY A LINK === #

    def _enter(self, token):
        """Open the account of a link; its token moves from the address to the session."""
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("link", request.httprequest.remote_addr):
            return self._say("too_many", 429)
        case = request.env["collection.case"]._find_signed(token)
        if not case:
            return self._say("unknown_link", 404)
        return self._let_in(case, token)

    @account_route("/letter/<string:code>")
    def letter(self, code, **_kwargs):
        """Name the account by the code of a letter; it is shown once that is confirmed."""
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("letter", request.httprequest.remote_addr):
            return self._say("too_many", 429)
        case = request.env["collection.case"]._find_by_code(code)
        if not case:
            return self._say("unknown_link", 404)
        if str(case.id) not in self._get_links():
            self._remember(SESSION_BY_LETTER, case)
        return self._let_in(case, case._sign())

    def _let_in(self, case, token):
        links = self._get_links()
        if str(case.id) not in links and request.env.user._is_public():
            # Whoever planted this session in the browser does not follow into the account.
            request.session.should_rotate = True
        kept = {key: value for key, value in links.items() if key != str(case.id)}
        kept[str(case.id)] = token
        request.session[SESSION_LINKS] = dict(list(kept.items())[-MOST_LINKS:])
        request.session[SESSION_CASE] = case.id
        path = f"{PAGE}?case={case.id}"
        if not links and request.env.user._is_public():
            path = self._localize(path, case.partner_id.lang)
        return request.redirect(path)

    def _localize(self, path, lang):
        """Return an address in the language of our message, for the first page that a visitor
        sees; the next ones are in whichever language the visitor chooses there."""
        routing = request.env["ir.http"]
        lang = routing.get_nearest_lang(lang)
        return routing._url_lang(path, lang_code=lang) if lang else path

    # === CONFIRMATION === #

    def _must_confirm(self, case):
        asked = case.company_id.collection_link_confirmation or self._has(SESSION_BY_LETTER, case)
        return asked and not self._has(SESSION_CONFIRMED, case) and self._is_by_link(case)

    def _has(self, key, case):
        return case.id in (request.session.get(key) or [])

    def _remember(self, key, case):
        known = [one for one in request.session.get(key) or [] if one != case.id]
        request.session[key] = [*known, case.id][-MOST_LINKS:]

    @account_form("/confirm", kind="confirm")
    def confirm(self, case, answer="", **_kwargs):
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        visitor = f"case {case.id}"
        if not attempts._is_allowed("confirm", visitor):
            return self._say("too_many", 429)
        if not case._is_known_to_customer(answer):
            return self._ask_confirmation(case, refused=True)
        # Who knows an answer need not guess: a whole office may come by one link.
        attempts._forgive("confirm", visitor)
        attempts._forgive("confirm", request.httprequest.remote_addr)
        self._remember(SESSION_CONFIRMED, case)
        return request.redirect(f"{PAGE}?case={case.id}")

    # === ANSWERS === #

    def _say_nothing(self):
        """Answer whoever may not see something as if it did not exist."""
        return self._say("unknown_link" if request.env.user._is_public() else "not_found", 404)

    def _say(self, what, status):
        response = request.render("account_collections_portal.notice", {"what": what})
        response.status_code = status
        if status == 429:
            response.headers["Retry-After"] = "300"
        return response

    def _send(self, name, content, mimetype):
        """Answer with a file."""
        return request.make_response(
            content,
            headers=[
                ("Content-Type", mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
            ],
        )

    def _ask_confirmation(self, case, refused=False):
        values = {"case": case, "refused": refused, "contact": self._get_contact(case)}
        return request.render("account_collections_portal.confirm", values)

    def _get_contact(self, case):
        """Return who of ours answers: never a technical user."""
        person = case.user_id or case.portfolio_id.user_id or case.company_id.collection_user_id
        return {
            "name": person.name or case.company_id.name,
            "phone": person.phone or case.company_id.phone,
            "email": case.company_id._collection_address() or person.email
            or case.company_id.email,
        }
