import logging
import time
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize, email_split

from .collection_insurance_file import FAILED, WAITING

_logger = logging.getLogger(__name__)

#: Names of files that are taken; all others stay where they are.
SUFFIXES = (".csv", ".txt", ".xlsx")

#: Larger files are none of limits (bytes).
MAX_SIZE = 50 * 1024 * 1024

#: Whoever copies a file into the folder may still be at it (seconds).
SETTLED_AFTER = 10

PROCESSED, REFUSED = "processed", "failed"


class CollectionInsuranceFeed(models.Model):
    """Where an insurer's files come from by themselves: an address they are mailed to, or a folder
    they are put into. All of them go through the one import."""

    _name = "collection.insurance.feed"
    _description = "Feed of Limits"
    _inherit = ["mail.thread", "mail.alias.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Reports to",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Imports in this user's name, and is told what came of each file.",
    )
    senders = fields.Text(
        string="Allowed Senders",
        help="One address or domain (@insurer.example) a line. Files of others are refused.",
    )
    # Whoever names a folder has the server read it.
    folder = fields.Char(
        groups="base.group_system",
        help="A directory of the server. Files are moved to its folders “processed” or “failed”.",
    )
    file_ids = fields.One2many(related="policy_id.file_ids")

    @api.constrains("senders")
    def _check_senders(self):
        for feed in self:
            for sender in feed._get_senders():
                if not email_normalize(sender if "@" in sender[1:] else f"x{sender}"):
                    raise ValidationError(
                        self.env._(
                            "“%(sender)s” is neither an address nor a domain such as "
                            "@insurer.example.",
                            sender=sender,
                        )
                    )

    @api.constrains("folder")
    def _check_folder(self):
        # Only administrators read and name folders; whoever saves the record has it checked.
        for folder in self.sudo().mapped("folder"):
            if folder and not Path(folder).is_absolute():
                raise ValidationError(
                    self.env._("Name the folder from the root of the server's directories.")
                )

    @api.constrains("user_id", "policy_id")
    def _check_user(self):
        for feed in self:
            user = feed.user_id
            is_manager = user.has_group("account_collections.group_collection_manager")
            if not is_manager or feed.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._("Files are imported in the name of a credit manager of the company.")
                )

    def _get_senders(self):
        lines = (self.senders or "").replace(",", "\n").splitlines()
        return [line.strip().lower() for line in lines if line.strip()]

    # === BY MAIL === #

    # EXTENDS 'mail'
    def _alias_get_creation_values(self):
        """Mail comes to this record, from whomever: senders are checked by ourselves."""
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id(self._name)
        if self.id:
            values["alias_force_thread_id"] = self.id
            values["alias_contact"] = "everyone"
        return values

    # EXTENDS 'mail'
    def message_update(self, msg_dict, update_vals=None):
        """Take the files of a message in, if its sender may send some.

        The address of an archived feed goes on taking mail: it imports nothing of it.
        """
        for feed in self.filtered("active"):
            feed._take_mail(msg_dict)
        return super().message_update(msg_dict, update_vals=update_vals)

    def _take_mail(self, message):
        sender = next(iter(email_split(message.get("email_from") or "")), "").lower()
        if not self._is_allowed(sender):
            self._tell(
                self.env._("Refused: %(sender)s may not send files of limits.", sender=sender)
            )
            return
        files = [one for one in message.get("attachments", ()) if self._is_taken(one.fname)]
        if not files:
            self._tell(self.env._("A message of %(sender)s brought no file.", sender=sender))
        for file in files:
            content = file.content.encode() if isinstance(file.content, str) else file.content
            if len(content) > MAX_SIZE:
                self._tell(self.env._("Refused: %(file)s is too large.", file=file.fname))
                continue
            self._receive(file.fname, content, "mailbox", sender)

    def _is_allowed(self, sender):
        """Whether files of ``sender`` are imported; nobody's are where no sender is named."""
        domain = sender[sender.rfind("@") :]
        return bool(sender) and not {sender, domain}.isdisjoint(self._get_senders())

    @api.model
    def _is_taken(self, name):
        return (name or "").lower().endswith(SUFFIXES)

    def _receive(self, name, content, origin, sender=None):
        # In the name of the feed's manager, whose rights count.
        policy = self.policy_id.with_user(self.user_id)
        files = self.env["collection.insurance.file"].with_user(self.user_id)
        return files._receive(policy, name, content, origin, sender=sender).sudo()

    def _tell(self, sentence):
        self.message_notify(
            partner_ids=self.user_id.partner_id.ids,
            subject=self.env._("Feed of limits: %(feed)s", feed=self.name),
            body=sentence,
        )

    # === BY FOLDER === #

    @api.model
    def _cron_collect(self):
        """Take in what lies in the folders; one that cannot be read keeps no other from it."""
        for feed in self.search([]):
            # The folder is the administrators' to read; the job is the server's own.
            folder = feed.sudo().folder
            if folder:
                try:
                    feed._collect(Path(folder))
                except Exception:
                    # Such as a file that nobody may move, or a user who lost the right to import.
                    self.env.cr.rollback()
                    _logger.exception("Folder %s could not be collected", folder)
            self.env["ir.cron"]._commit_progress(1)

    def _collect(self, folder):
        for path in sorted(filter(self._is_settled, folder.iterdir())):
            self._collect_file(folder, path)

    @api.model
    def _is_settled(self, path):
        """Whether a file is one of ours, and nobody writes to it any more."""
        if path.is_symlink() or not path.is_file() or not self._is_taken(path.name):
            return False
        about = path.stat()
        return about.st_size <= MAX_SIZE and time.time() - about.st_mtime >= SETTLED_AFTER

    def _collect_file(self, folder, path):
        """Import a file and move it away. Killed in between, its digest is known next time."""
        file = self._receive(path.name, path.read_bytes(), "folder")
        if file.state == WAITING:
            file.with_user(self.user_id).sudo()._process()
        self.env["ir.cron"]._commit_progress(1)
        if file.state != WAITING:
            _move(path, folder / (REFUSED if file.state == FAILED else PROCESSED))


def _move(path, target):
    """Move a file into a folder beside it, under a name that is free there."""
    target.mkdir(exist_ok=True)
    place, number = target / path.name, 1
    while place.exists():
        place, number = target / f"{path.stem}-{number}{path.suffix}", number + 1
    path.rename(place)
