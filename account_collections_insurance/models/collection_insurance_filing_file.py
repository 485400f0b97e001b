import hashlib
import io
import logging
import zipfile

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: Documents in one archive: it bounds its size, and what is made again when it is interrupted.
PART_DOCUMENTS = 200


class CollectionInsuranceFiling(models.Model):
    """The file of a declaration: asked for by a person, built by a scheduled action.

    It goes on archive by archive; an interrupted one starts with the archive that was not
    complete.
    """

    _inherit = "collection.insurance.filing"

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
    file_ids = fields.Many2many(
        "ir.attachment",
        "collection_insurance_filing_file_rel",
        string="File",
        readonly=True,
        copy=False,
    )

    def action_build_file(self):
        """Have the file built anew, in the language of whoever asks; they are told."""
        self.check_access("write")
        self.case_id.check_access("write")
        for filing in self:
            if filing.file_state == "waiting":
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
        self.env.ref("account_collections_insurance.ir_cron_archives").sudo()._trigger()
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
        cron = self.env["ir.cron"]
        waiting = self.search([("file_state", "=", "waiting")], order="id")
        seconds_left = cron._commit_progress(remaining=len(waiting))
        for filing in waiting:
            while filing.file_state == "waiting":
                if not seconds_left:
                    return
                try:
                    filing._build_next_part()
                except Exception as error:
                    self.env.cr.rollback()
                    _logger.warning("File of declaration %s failed", filing.id, exc_info=True)
                    filing.write(
                        {"file_state": "failed", "file_failure": filing._explain_failure(error)}
                    )
                seconds_left = cron._commit_progress()
            seconds_left = cron._commit_progress(1)

    def _explain_failure(self, error):
        """Say why no file was built, in words that are people's to read."""
        if isinstance(error, UserError):
            return str(error)
        return self.env._("the server's log says why")

    def _build_next_part(self):
        """Build one archive more; the first one has all that is not a copy of a document."""
        number = len(self.file_ids)
        moves = self.item_ids.move_id
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
            "declaration_file",
            {
                "declaration": self.id,
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
            model = self.env["collection.insurance.archive"].with_context(lang=self.file_lang)
            model._write(archive, self.with_env(model.env), moves.with_env(model.env), is_first)
        return stream.getvalue()

    def _get_file_name(self, number, parts):
        clean = self.env["collection.pack"]._clean
        name = f"{self.kind}-{self.date}-{clean(self.partner_id.name)}"
        return f"{name}-{number}.zip" if parts > 1 else f"{name}.zip"

    def _tell_built(self):
        """Put the file beside the case's messages, and tell who asked for it."""
        message = self.with_context(lang=self.file_lang).env._("The file for the insurer is ready.")
        self.case_id._message_log(body=message, attachment_ids=self.file_ids.ids)
        self.file_user_id._bus_send("simple_notification", {"type": "success", "message": message})
