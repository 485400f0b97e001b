import tempfile

from odoo import http
from odoo.http import content_disposition, request
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

#: A pack larger than this is written to disk instead of memory: bytes.
IN_MEMORY = 8 << 20


class EvidenceController(http.Controller):
    """Packs leave as a stream: a large one is never in memory as a whole."""

    @http.route(
        "/account_collections/evidence/<int:case_id>", type="http", auth="user", readonly=False
    )
    def evidence(self, case_id, lang=None):
        """The evidence of a case as a ZIP, with the rights of the user."""
        env = _in_language(lang)
        case = env["collection.case"].browse(case_id).exists()
        if not case:
            raise request.not_found()
        pack = env["collection.pack"]
        case.check_access("read")
        return _download(pack._get_file_name(case), lambda stream: pack._write(case, stream))

    @http.route(
        "/account_collections/person/<int:partner_id>", type="http", auth="user", readonly=True
    )
    def person(self, partner_id, lang=None):
        """What collections keep of a partner as a ZIP, for a credit manager."""
        env = _in_language(lang)
        partner = env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise request.not_found()
        pack = env["collection.person.pack"]
        return _download(
            f"personal-data-{partner.id}.zip", lambda stream: pack._write(partner, stream)
        )


def _in_language(lang):
    """Return the environment in an installed language; the user's own when there is no such."""
    if lang not in dict(request.env["res.lang"].get_installed()):
        return request.env
    return request.env(context={**request.env.context, "lang": lang})


def _download(name, write):
    # Closed with the response, which is sent after this function.
    stream = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    write(stream)
    size = stream.tell()
    stream.seek(0)
    headers = [
        ("Content-Type", "application/zip"),
        ("Content-Length", str(size)),
        ("Content-Disposition", content_disposition(name)),
        ("X-Content-Type-Options", "nosniff"),
    ]
    body = wrap_file(request.httprequest.environ, stream)
    return Response(body, headers=headers, direct_passthrough=True)
