import hashlib
import logging
from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

WAITING, DONE, UNCHANGED, FAILED = "waiting", "done", "unchanged", "failed"

STATUSES = ("accepted", "changed", "unchanged", "rejected")

#: Rejected rows that a report lists; all of them are counted.
LISTED = 20


class CollectionInsuranceFile(models.Model):
    """A file of limits that nobody watches being imported: from a mailbox, a folder, a connector,
    or too big for the button. Its digest keeps it from being imported twice in a row."""

    _name = "collection.insurance.file"
    _description = "File of Limits"
    _inherit = ["collection.stateful"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    origin = fields.Selection(
        [
            ("upload", "Upload"),
            ("mailbox", "Mailbox"),
            ("folder", "Folder"),
            ("connector", "Connector"),
        ],
        required=True,
        readonly=True,
    )
    sender = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Reported to", readonly=True, help="Gets the report."
    )
    data = fields.Binary(string="File", attachment=True, readonly=True)
    digest = fields.Char(readonly=True, help="SHA-256 of the content.")
    state = fields.Selection(
        [
            (WAITING, "Waiting"),
            (DONE, "Imported"),
            (UNCHANGED, "Nothing new"),
            (FAILED, "Failed"),
        ],
        default=WAITING,
        required=True,
        readonly=True,
        index=True,
    )
    accepted_count = fields.Integer(string="New Buyers", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    rejected_count = fields.Integer(string="Rejected", readonly=True)
    problem = fields.Text(readonly=True, help="Why it failed, or which rows were rejected.")
    processed_at = fields.Datetime(string="Processed", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Percent of its rows.")

    _received_once = models.UniqueIndex(
        "(policy_id, digest) WHERE state = 'waiting'", "This file waits to be imported already."
    )

    def _compute_progress(self):
        rows = self.env["collection.insurance.file.progress"].sudo().search_fetch(
            [("file_id", "in", self.ids)], ["file_id", "done", "total"]
        )
        shares = {row.file_id.id: 100 * row.done / (row.total or 1) for row in rows}
        for file in self:
            is_over = file.state in (DONE, UNCHANGED)
            file.progress = 100 if is_over else shares.get(file.id, 0)

    # === ARRIVING === #

    @api.model
    def _receive(self, policy, name, data, origin, user=None, sender=None):
        """Keep a file and have it imported, unless it is what was imported last.

        :param bytes data: its content
        :param user: who gets the report
        :return: the file, or the one that is known
        """
        digest = hashlib.sha256(data).hexdigest()
        last = self.search(
            [("policy_id", "=", policy.id), ("state", "!=", FAILED)], order="id desc", limit=1
        )
        waiting = self.search(
            [("policy_id", "=", policy.id), ("state", "=", WAITING), ("digest", "=", digest)],
            limit=1,
        )
        if waiting or last.digest == digest:
            return waiting or last
        # Whoever may import a file may have it imported: they read the policy, and write it.
        policy.check_access("write")
        file = self.sudo().create(
            {
                "name": name,
                "policy_id": policy.id,
                "origin": origin,
                "sender": sender,
                "user_id": (user or self.env.user).id,
                "data": b64encode(data),
                "digest": digest,
            }
        )
        self.env.ref("account_collections_insurance.ir_cron_files").sudo()._trigger()
        return file.with_env(self.env)

    # === PROCESSING === #

    @api.model
    def _cron_process(self):
        """Import what waits, a file at a time; what a killed worker left is whole, or not begun."""
        for file in self.search([("state", "=", WAITING)], order="id"):
            file._process()
            self.env["ir.cron"]._commit_progress(1)

    def _process(self):
        """Import a file in this transaction; its state is written with its rows.

        A worker that comes second finds the file locked, or changed since it looked: it goes on.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                mine = self.try_lock_for_update(allow_referencing=True)
                if not mine or self.state != WAITING:
                    return
                self._enter()
        except LockError:
            return  # another file of the policy is being imported: this one waits
        except OperationalError as error:
            _logger.info("File %s is imported by another worker: %s", self.id, error)
            self.env.cr.rollback()
            return
        except UserError as error:
            self._fail(str(error))
        except Exception:
            _logger.exception("File %s could not be imported", self.id)
            self._fail(self.env._("The import failed: the server's log says why."))
        self._report()

    def _enter(self):
        # In the name of whoever gets the report: their rights count, and the log names them.
        wizards = self.env["collection.insurance.import"].with_user(self.user_id)
        wizard = wizards.create(
            {
                "policy_id": self.policy_id.id,
                "file": self.data,
                "file_name": self.name,
                "source": self._get_source(),
            }
        )
        groups = wizard._enter(self._note_progress)
        is_news = groups["accepted"] or groups["changed"]
        problems = [
            f"{one.row.number}: " + "; ".join(map(wizard._explain_problem, one.row.problems))
            for one in groups["rejected"][:LISTED]
        ]
        self._set_state(
            DONE if is_news else UNCHANGED,
            problem="\n".join(problems),
            **{f"{status}_count": len(groups[status]) for status in STATUSES},
        )

    def _get_source(self):
        """Return where the file came from, for whoever reads what was entered of it."""
        file = self.with_context(lang=self.user_id.lang)
        origins = dict(file._fields["origin"]._description_selection(file.env))
        return f"{file.name} ({', '.join(filter(None, (origins[file.origin], file.sender)))})"

    def _fail(self, problem):
        self._set_state(FAILED, problem=problem)

    def _set_state(self, state, **vals):
        self._check_transition(state, (WAITING,))
        self.write({"state": state, "processed_at": fields.Datetime.now(), **vals})

    def _note_progress(self, done, total):
        """Let others see how far it is, before the rows are theirs to see."""
        with self.env.registry.cursor() as cr:
            progress = self.env(cr=cr)["collection.insurance.file.progress"]
            progress._note(self.id, done, total)

    def _report(self):
        """Tell whoever looks after the feed what came of the file."""
        self.ensure_one()
        file = self.with_context(lang=self.user_id.lang)
        states = dict(self._fields["state"]._description_selection(file.env))
        subject = file.env._(
            "File of limits %(file)s: %(state)s", file=self.name, state=states[self.state].lower()
        )
        body = file.env["ir.qweb"]._render(
            "account_collections_insurance.file_report", {"file": file}
        )
        self.policy_id.message_notify(
            partner_ids=self.user_id.partner_id.ids, subject=subject, body=body
        )

    # === ACTIONS === #

    def action_try_again(self):
        """Have files imported again, after what kept them, or some of their rows, was changed."""
        self.policy_id.check_access("write")
        is_partial = all(file.rejected_count for file in self)
        self._check_transition(WAITING, (FAILED, DONE, UNCHANGED) if is_partial else (FAILED,))
        # The state is the product's: it is set by this way only.
        self.sudo().write({"state": WAITING, "problem": False, "processed_at": False})
        self.env.ref("account_collections_insurance.ir_cron_files").sudo()._trigger()


class CollectionInsuranceFileProgress(models.Model):
    """How far an import is: a row of its own, because the file's is locked meanwhile."""

    _name = "collection.insurance.file.progress"
    _description = "Progress of an Import"

    file_id = fields.Many2one(
        "collection.insurance.file", required=True, ondelete="cascade", index=True
    )
    done = fields.Integer()
    total = fields.Integer()

    def _note(self, file_id, done, total):
        row = self.search([("file_id", "=", file_id)], limit=1)
        vals = {"done": done, "total": total}
        if row:
            row.write(vals)
        else:
            self.create({"file_id": file_id, **vals})
