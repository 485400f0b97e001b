import hashlib
import io
import logging
import zipfile

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..pieces import work_off

_logger = logging.getLogger(__name__)

#: Documents in one archive: it bounds its size, and what is made again when it is interrupted.
PART_DOCUMENTS = 200


class CollectionDossier(models.AbstractModel):
    """What has a file, an archive or several: asked for by a person, built by a scheduled action.

    It goes on archive by archive; an interrupted one starts with the archive that was not
    complete. The record has a ``case_id``; its documents and words are hooks.
    """

    _name = "collection.dossier"
    _description = "File Built by a Scheduled Action"

    #: The scheduled action that builds, the model of its tables, and the event that proves it.
    _file_cron = _file_tables = _file_event = None

    file_state = fields.Selection(
        [
            ("waiting", "Being built"),
            ("done", "Ready"),
            ("failed", "Failed"),
        ],
        string="Status of the File",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    file_failure = fields.Char(readonly=True, copy=False)
    file_lang = fields.Char(readonly=True, copy=False)
    file_user_id = fields.Many2one("res.users", readonly=True, copy=False)
    file_ids = fields.Many2many("ir.attachment", string="File", readonly=True, copy=False)

    def action_build_file(self):
        """Have the file built anew, in the language of whoever asks; they are told."""
        self.check_access("write")
        self.case_id.check_access("write")
        for record in self:
            if record.file_state == "waiting":
                raise UserError(self.env._("The file is being built already."))
        # Written by the product, for whoever may write the case. Archives of before stay with it.
        self.sudo().write(
            {
                "file_state": "waiting",
                "file_failure": False,
                "file_lang": self.env.lang or self.env.user.lang,
                "file_user_id": self.env.uid,
                "file_ids": [Command.clear()],
            }
        )
        self.env.ref(self._file_cron).sudo()._trigger()
        return True

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.file_ids[:1].id}?download=1",
            "target": "download",
        }

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_build(self):
        """Build what was asked for, the oldest first, until the time of the job is over."""
        work_off(
            self.search([("file_state", "=", "waiting")], order="id"),
            is_waiting=lambda record: record.file_state == "waiting",
            work=lambda record: record._build_next_part(),
            fail=lambda record, error: record._fail(error),
        )

    def _fail(self, error):
        _logger.warning("The file of %s failed", self, exc_info=True)
        self.write({"file_state": "failed", "file_failure": self._explain_failure(error)})

    def _explain_failure(self, error):
        """Say why no file was built, in words that are people's to read."""
        if isinstance(error, UserError):
            return str(error)
        return self.env._("the server's log says why")

    def _build_next_part(self):
        """Build one archive more; the first one has all that is not a copy of a document."""
        number = len(self.file_ids)
        moves = self._get_file_moves()
        part = moves[number * PART_DOCUMENTS : (number + 1) * PART_DOCUMENTS]
        content = self._make_archive(part, is_first=not number)
        parts = max(-(-len(moves) // PART_DOCUMENTS), 1)
        attachment = self.env["ir.attachment"].create(
            {
                "name": self._get_file_name(number + 1, parts),
                "raw": content,
                "mimetype": "application/zip",
                "res_model": self.case_id._name,
                "res_id": self.case_id.id,
            }
        )
        self.file_ids = [Command.link(attachment.id)]
        self.env["collection.evidence"]._record(
            self.case_id,
            self._file_event,
            {
                **self._get_file_facts(),
                "file": attachment.name,
                "sha256": hashlib.sha256(content).hexdigest(),
            },
        )
        if number + 1 >= parts:
            self.file_state = "done"
            self._tell_built()

    def _make_archive(self, moves, is_first):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            model = self.env["collection.archive"].with_context(lang=self.file_lang)
            model._write(archive, self.with_env(model.env), moves.with_env(model.env), is_first)
        return stream.getvalue()

    def _get_file_name(self, number, parts):
        clean = self.env["collection.pack"]._clean
        name = f"{self._get_file_stem()}-{clean(self.case_id.partner_id.name)}"
        return f"{name}-{number}.zip" if parts > 1 else f"{name}.zip"

    def _tell_built(self):
        """Put the file beside the case's messages, and tell who asked for it."""
        message = self.with_context(lang=self.file_lang)._say_built()
        self.case_id._message_log(body=message, attachment_ids=self.file_ids.ids)
        self.file_user_id._bus_send("simple_notification", {"type": "success", "message": message})

    # === HOOKS === #

    def _get_file_moves(self):
        """Return the documents whose copies belong to it."""
        raise NotImplementedError

    def _get_file_stem(self):
        """Return how the names of its archives begin."""
        raise NotImplementedError

    def _get_file_facts(self):
        """Return what the event proves beside name and digest."""
        raise NotImplementedError

    def _say_built(self):
        raise NotImplementedError
