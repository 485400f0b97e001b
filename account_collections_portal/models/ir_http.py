import logging
import re

from odoo import models
from odoo.http import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from .collection_case import PAGE

#: A page of a customer's account is for nobody else: not for search engines, caches, other sites.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}

_TOKEN = re.compile(r"(access_token=)[^&\s\"]+")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    # EXTENDS 'http_routing'
    @classmethod
    def _match(cls, path):
        """A redirect to another language is answered before anything else, token and all."""
        try:
            return super()._match(path)
        except HTTPException as answer:
            if PAGE in path and answer.response:
                answer.response.headers.update(HEADERS)
            raise

    # EXTENDS 'http_routing'
    @classmethod
    def _handle_error(cls, exception):
        """Files that are too large are refused before the form is read: say so in words."""
        if not isinstance(exception, RequestEntityTooLarge) or PAGE not in request.httprequest.path:
            return super()._handle_error(exception)
        cls._frontend_pre_dispatch()
        request.params = {}  # nothing of the form was read
        response = request.render("account_collections_portal.notice", {"what": "too_large"})
        response.status_code = exception.code
        response.flatten()
        cls._post_dispatch(response)
        return response

    # EXTENDS 'base'
    @classmethod
    def _post_dispatch(cls, response):
        """Every answer below the account page bears its headers: redirects and errors too."""
        super()._post_dispatch(response)
        if PAGE in request.httprequest.path:
            response.headers.update(HEADERS)


class HideTokens(logging.Filter):
    """Keeps the secret of a link out of the log of requests, where many may read it."""

    def filter(self, record):
        if isinstance(record.msg, str):
            record.msg = _TOKEN.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN.sub(r"\1…", one) if isinstance(one, str) else one for one in record.args
            )
        return True


logging.getLogger("werkzeug").addFilter(HideTokens())
