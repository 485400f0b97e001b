import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ..pieces import work_off
from .collection_statement_attach import PDF, XLSX

_logger = logging.getLogger(__name__)

#: Statements in one file: it bounds the memory of the job and what has to be made again when
#: it is interrupted.
FILE_STATEMENTS = 500

#: Days after which files that were made are deleted: they can be made again.
KEPT_DAYS = 7


class CollectionStatementBatch(models.Model):
    """Statements of many cases, asked for by a person and made by a scheduled action.

    It goes on file by file: an interrupted one starts the file again that was not complete.
    """

    _name = "collection.statement.batch"
    _description = "Batch of Statements"
    _order = "id desc"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    as_of = fields.Date(required=True, readonly=True)
    since = fields.Date(string="Payments Since", readonly=True)
    form = fields.Selection([(PDF, "PDF"), (XLSX, "Spreadsheet")], required=True, readonly=True)
    merged = fields.Boolean(string="All in One Document", readonly=True)
    case_order = fields.Json(readonly=True, help="Ids of the cases in the order of the files.")
    state = fields.Selection(
        [
            ("waiting", "Waiting to start"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    total = fields.Integer(string="Statements", readonly=True)
    done = fields.Integer(string="Made", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    failure = fields.Char(readonly=True)
    file_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)

    @api.depends("as_of", "total")
    def _compute_display_name(self):
        for batch in self:
            batch.display_name = self.env._(
                "%(count)s statements as of %(date)s",
                count=batch.total,
                date=format_date(self.env, batch.as_of),
            )

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for batch in self:
            finished = batch.state == "done"
            batch.progress = 100 if finished else 100 * batch.done / (batch.total or 1)

    @api.model
    def _ask(self, cases, form, merged, as_of, since):
        """Return a new batch of ``cases``, which the scheduled action makes.

        :param cases: those that the user may read
        """
        ordered = self.env["collection.statement"]._sort_for_file(cases)
        # People ask through the wizard, which checked what they may read; they write no batch.
        batch = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": cases.company_id[:1].id,
                "as_of": as_of,
                "since": since,
                "form": form,
                "merged": merged,
                "case_order": ordered.ids,
                "total": len(ordered),
            }
        )
        self.env.ref("account_collections.ir_cron_statements").sudo()._trigger()
        return batch.sudo(self.env.su)

    def action_download(self):
        """Give the one file of a batch to its reader."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.file_ids[:1].id}?download=1",
            "target": "download",
        }

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_make(self):
        """Make what was asked for, the oldest first, until the time of the job is over."""
        under_way = ("waiting", "running")
        work_off(
            self.search([("state", "in", under_way)], order="id"),
            is_waiting=lambda batch: batch.state in under_way,
            work=lambda batch: batch._make_next_file(),
            fail=lambda batch, error: batch._fail(error),
        )

    def _make_next_file(self):
        """Make one file more, or end the batch when there is none left to make."""
        start = len(self.file_ids) * FILE_STATEMENTS
        ids = self.case_order[start : start + FILE_STATEMENTS]
        # Cases that were merged meanwhile are on the statement of the one that stayed.
        cases = self.env["collection.case"].browse(ids).exists()
        reader = self.env["collection.statement"].with_context(lang=self.user_id.lang)

        def report(done):
            self.write({"state": "running", "done": start + done})
            self.env["ir.cron"]._commit_progress()

        report(0)
        if cases:
            name, content = reader._make_file(
                cases, self.form, self.merged, self.as_of, self.since, report
            )
            self._keep(self._number(name), content)
        if start + FILE_STATEMENTS >= self.total:
            self.write({"state": "done", "done": self.total})
            self._tell()

    def _number(self, name):
        """Return the name of the next file: numbered where there are several."""
        if self.total <= FILE_STATEMENTS:
            return name
        stem, dot, extension = name.rpartition(".")
        return f"{stem} – {len(self.file_ids) + 1}{dot}{extension}"

    def _keep(self, name, content):
        self.file_ids = [
            Command.create(
                {"name": name, "raw": content, "res_model": self._name, "res_id": self.id}
            )
        ]

    def _fail(self, error):
        _logger.warning("Batch %s of statements failed", self.id, exc_info=True)
        self.write({"state": "failed", "failure": str(error)[:500]})

    def _tell(self):
        """Tell the one who asked, on whatever page that person is."""
        message = self.with_context(lang=self.user_id.lang).env._("Your statements are ready.")
        self.user_id._bus_send("simple_notification", {"type": "success", "message": message})

    @api.autovacuum
    def _gc_files(self):
        """Delete old batches with their files.

        :return: (deleted, remaining), as Odoo's vacuum asks for
        """
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("create_date", "<", limit)], limit=100)
        old.file_ids.unlink()
        old.unlink()
        return len(old), self.search_count([("create_date", "<", limit)], limit=1)
