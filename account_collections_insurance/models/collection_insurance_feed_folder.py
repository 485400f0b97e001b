import os
import stat
import time
from pathlib import Path

from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_defaults import without_defaults
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from .collection_insurance_feed import MAX_SIZE
from .collection_insurance_file import FAILED, WAITING

#: Option of the server's configuration file: folders, parted by commas, that feeds may read.
ROOTS = "collection_insurance_folders"

#: Whoever copies a file into the folder may still be at it (seconds).
SETTLED_AFTER = 10

PROCESSED, REFUSED = "processed", "failed"


class CollectionInsuranceFeed(models.Model):
    """Files that somebody puts into a folder of the server.

    Which folders may be read whoever runs the server says in its configuration file: an
    administrator of the database alone has the server read nothing.
    """

    _inherit = "collection.insurance.feed"

    # Whoever names a folder has the server read it.
    folder = fields.Char(
        groups="base.group_system",
        help="A directory of the server, of those that its configuration file allows. Files are "
        "moved to its folders “processed” or “failed”.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever may not name a folder may not do so by a default of the context either."""
        model = self
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            model = without_defaults(self, ["folder"])
        return super(CollectionInsuranceFeed, model).create(vals_list)

    @api.constrains("folder")
    def _check_folder(self):
        # Only administrators read and name folders; whoever saves the record has it checked.
        for feed in self.sudo().filtered("folder"):
            feed._get_folder()

    def _get_folder(self):
        """Return the path of the folder, where links and “..” lead to.

        :raises ValidationError: when the server's configuration does not allow it
        """
        folder = Path(self.folder)
        if not folder.is_absolute():
            raise ValidationError(
                self.env._("Name the folder from the root of the server's directories.")
            )
        roots = [root.strip() for root in (config.get(ROOTS) or "").split(",")]
        if not any(roots):
            raise ValidationError(
                self.env._(
                    "The server reads no folder: whoever runs it allows some first, by the option "
                    "%(option)s of its configuration file.",
                    option=ROOTS,
                )
            )
        place = folder.resolve()
        if not any(place.is_relative_to(Path(root).resolve()) for root in roots if root):
            raise ValidationError(
                self.env._(
                    "%(folder)s is in none of the folders that the server may read: %(allowed)s.",
                    folder=self.folder,
                    allowed=", ".join(filter(None, roots)),
                )
            )
        return place

    @api.model
    def _cron_collect(self):
        """Take in what lies in the folders; one that cannot be read keeps no other from it."""
        # Folders are the administrators' to read; the job is the server's own.
        feeds = self.sudo().search([("folder", "not in", (False, ""))])
        self._ask_each(feeds, type(self)._collect)

    def _collect(self):
        # Allowed once is not allowed for ever, and links may lead elsewhere by now.
        folder = self._get_folder()
        try:
            for path in sorted(filter(self._is_settled, folder.iterdir())):
                self._collect_file(folder, path)
        except OSError as error:
            why = error.strerror or str(error)
            raise UserError(
                self.env._("%(folder)s could not be read: %(why)s.", folder=folder, why=why)
            ) from error
        self._note(False)

    @api.model
    def _is_settled(self, path):
        """Whether a file is one of ours, and nobody writes to it any more."""
        if path.is_symlink() or not path.is_file() or not self._is_taken(path.name):
            return False
        about = path.stat()
        return about.st_size <= MAX_SIZE and time.time() - about.st_mtime >= SETTLED_AFTER

    def _collect_file(self, folder, path):
        """Import a file and move it away. Killed in between, its digest is known next time."""
        file = self._receive(path.name, _read(path), "folder")
        if file.state == WAITING:
            file._process()
        self.env["ir.cron"]._commit_progress(1)
        if file.state != WAITING:
            _move(path, folder / (REFUSED if file.state == FAILED else PROCESSED))


def _read(path):
    """Return the content of a file, and of nothing that a link put in its place leads to."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_SIZE:
            raise OSError(None, f"{path.name}: no file of limits")
        return file.read()


def _move(path, target):
    """Move a file into a folder beside it, under a name that is free there."""
    target.mkdir(exist_ok=True)
    if target.is_symlink():
        raise OSError(None, f"{target}: a link leads elsewhere")
    place, number = target / path.name, 1
    while place.exists():
        place, number = target / f"{path.stem}-{number}{path.suffix}", number + 1
    path.rename(place)
