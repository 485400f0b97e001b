import logging
import re
import secrets

from odoo.exceptions import UserError
from odoo.http import request

from ..models.collection_case import PAGE
from ..models.ir_http import HEADERS
from .access import AccountAccess
from .inputs import ACCEPTED, Refused, read_line, read_text
from .outputs import get_writers

_logger = logging.getLogger(__name__)


class CustomerForms(AccountAccess):
    """What all forms of the account page have in common: shown, sent once, refused in words."""

    def _show_form(self, template, case, values, error=None):
        """Render a page with a form; what was typed stays typed."""
        response = request.render(
            f"account_collections_portal.{template}",
            {
                **get_writers(request.env),
                "page_name": "account_statement",
                "case": case,
                "company": case.company_id,
                "contact": self._get_contact(case),
                "key": secrets.token_hex(16),
                "accepted": ACCEPTED,
                "ask_name": request.env.user._is_public(),
                "typed": {},
                "error": error,
                **values,
            },
        )
        response.status_code = 422 if error else 200
        response.headers.update(HEADERS)
        return response

    def _send_form(self, case, typed, work, show, *about):
        """Do what a form asks for, once, and go on at the path that ``work`` returns.

        :param dict typed: what the visitor sent
        :param work: ``work(case, *about, typed)``; all that it did is undone when it refuses
        :param show: ``show(case, *about, typed, error)`` shows the form again, with the sentence
            that says what is wrong
        :param about: what of the account the form is about
        """
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("form", f"case {case.id}"):
            return self._say("too_many", 429)
        _ = request.env._
        try:
            with request.env.cr.savepoint():
                path = self._work_once(case, typed, lambda: work(case, *about, typed))
        except Refused as refusal:
            return show(case, *about, typed, str(refusal))
        except UserError as error:
            # It is written for those who work here, and may tell more than a customer is to know.
            _logger.info("A form of the account of case %s was refused: %s", case.id, error)
            sentence = _(
                "This cannot be done as your account stands now. Look at your account again, "
                "or write to us."
            )
            return show(case, *about, typed, sentence)
        response = request.redirect(path)
        response.headers.update(HEADERS)
        return response

    def _work_once(self, case, typed, work):
        _, key = request.env._, typed.get("key")
        if request.env.user._is_internal():
            raise Refused(
                _("You see this account as its customer does; only the customer sends forms.")
            )
        if not re.fullmatch(r"[0-9a-f]{32}", key or ""):
            raise Refused(_("This form is out of date: please send it again."))
        form = case.env["collection.portal.form"]._claim(case, key)
        if not form.path:
            form.path = work()
        return form.path

    def _get_path(self, case, path="", **arguments):
        """Return the address of a page of this account, for one who has several too."""
        query = "&".join(
            f"{name}={value}" for name, value in {"case": case.id, **arguments}.items()
        )
        return f"{PAGE}{path}?{query}"

    # === WHO WRITES === #

    def _get_person(self, typed):
        """Return who sends a form: (contact when they are logged in, name).

        :raises Refused: when somebody without a login gives no name
        """
        user = request.env.user
        name = read_line(typed.get("name"))
        if not user._is_public():
            return user.partner_id, name or user.name
        if len(name) < 2:
            raise Refused(request.env._("Please give your name."))
        return request.env["res.partner"], name

    def _get_signatory(self, typed):
        """Return who undertakes something: (contact when they are logged in, name as typed).

        :raises Refused: when no name was typed: whoever undertakes something signs it
        """
        author, _name = self._get_person(typed)
        name = read_line(typed.get("name"))
        if len(name) < 2:
            raise Refused(request.env._("Please give your name."))
        return author, name

    def _get_default_name(self):
        return "" if request.env.user._is_public() else request.env.user.name

    def _get_words(self, typed):
        """Return what the visitor wrote.

        :raises Refused: when that is nothing
        """
        words = read_text(typed.get("text"))
        if not words:
            raise Refused(request.env._("Please write a few words."))
        return words
