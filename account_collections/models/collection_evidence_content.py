import hashlib
from collections import defaultdict
from functools import partial
from pathlib import Path

from odoo import api, models
from odoo.tools import SQL

from ..engine import chain

#: Where the texts of a message stand: {source: (table, columns)}.
TEXTS = {
    "reminder": ("collection_reminder", ("subject", "body")),
    "message": ("mail_message", ("subject", "body", "email_from")),
    "mail": ("mail_mail", ("body_html",)),
}
ATTACHMENT = "attachment"

#: Bytes of a file read together.
CHUNK = 1 << 20


class CollectionEvidenceContent(models.AbstractModel):
    """The parts of a message that are proved, as they stand in the database today.

    A part has a name: ``message.12.body`` is a column of a row, ``attachment.7`` a document,
    whose value is its file name and the SHA-256 of its content. They are read in a constant
    number of queries, past the cache and past access rights: only digests are made of them.
    """

    _name = "collection.evidence.content"
    _description = "Contents of Collection Evidence"

    @api.model
    def _get_names(self, message, reminder=None):
        """Return the names of all parts of a message, and of the reminder that it brings."""
        message = message.sudo()
        attachments = message.attachment_ids
        names = self._name_texts("message", message.ids)
        if reminder:
            attachments |= reminder.sudo().attachment_ids | reminder.sudo().letter_id
            # Those of other messages tell us of them, and are deleted once they have left.
            mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", message.ids)])
            names += self._name_texts("mail", mails.ids)
            names += self._name_texts("reminder", reminder.ids)
        return [*names, *(f"{ATTACHMENT}.{attachment}" for attachment in attachments.ids)]

    @api.model
    def _name_texts(self, source, ids):
        _table, columns = TEXTS[source]
        return [f"{source}.{key}.{column}" for key in ids for column in columns]

    @api.model
    def _read(self, names):
        """Return {name: value} of what exists of these parts; no link's secret is in a text."""
        wanted = defaultdict(set)
        for name in names:
            source, key, *_column = name.split(".")
            wanted[source].add(int(key))
        if not wanted:
            return {}
        self.env.flush_all()
        found = {}
        for source in TEXTS.keys() & wanted.keys():
            found |= self._read_texts(source, sorted(wanted[source]))
        found |= self._read_attachments(sorted(wanted.get(ATTACHMENT, ())))
        return {name: found[name] for name in names if name in found}

    @api.model
    def _read_texts(self, source, ids):
        table, columns = TEXTS[source]
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                SQL(", ").join(SQL.identifier(column) for column in columns),
                SQL.identifier(table),
                ids,
            )
        )
        return {
            f"{source}.{key}.{column}": chain.mask_tokens(value)
            for key, *values in rows
            for column, value in zip(columns, values)
        }

    @api.model
    def _read_attachments(self, ids):
        """Return {name: [file name, SHA-256 of the content]}; what has no content is left out."""
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT id, name, store_fname, encode(sha256(db_datas), 'hex')
                     FROM ir_attachment WHERE id = ANY(%s)""",
                ids,
            )
        )
        folder = self.env["ir.attachment"]
        found, files = {}, {}
        for key, name, stored, content in rows:
            if stored:
                if stored not in files:
                    files[stored] = _hash_file(Path(folder._full_path(stored)))
                content = files[stored]
            if content:
                found[f"{ATTACHMENT}.{key}"] = [name, content]
        return found


def _hash_file(path):
    """Return the SHA-256 of a file, None when it is not there."""
    if not path.is_file():
        return None
    summed = hashlib.sha256()
    with path.open("rb") as stream:
        for piece in iter(partial(stream.read, CHUNK), b""):
            summed.update(piece)
    return summed.hexdigest()
