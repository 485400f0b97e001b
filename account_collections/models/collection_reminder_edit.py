import difflib

from odoo import api, fields, models
from odoo.tools import html2plaintext


class CollectionReminder(models.Model):
    """What a person changed before it left: the template's words stay beside the ones sent."""

    _inherit = "collection.reminder"

    original_subject = fields.Char(
        string="Subject of the Template", readonly=True, copy=False
    )
    original_body = fields.Html(
        string="Text of the Template", readonly=True, copy=False, sanitize="email_outgoing"
    )
    changes = fields.Html(
        compute="_compute_changes",
        sanitize=False,
        help="What the template said, and what was written instead.",
    )

    @api.depends("is_edited", "subject", "body", "original_subject", "original_body")
    def _compute_changes(self):
        for reminder in self:
            reminder.changes = bool(reminder.is_edited and reminder.original_body) and self.env[
                "ir.qweb"
            ]._render("account_collections.reminder_changes", {"rows": reminder._get_changes()})

    def _get_changes(self):
        """Return pairs (``same``, ``old`` or ``new``; line of text), in reading order."""
        self.ensure_one()
        before = _lines(self.original_subject, self.original_body)
        after = _lines(self.subject, self.body)
        rows = []
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for _tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
            if _tag == "equal":
                rows += [("same", line) for line in before[old_start:old_end]]
            else:
                rows += [("old", line) for line in before[old_start:old_end]]
                rows += [("new", line) for line in after[new_start:new_end]]
        return rows

    def write(self, vals):
        """Keep the template's text when a person first changes it."""
        if not self.env.su and {"subject", "body"} & set(vals):
            self.check_access("write")
            for reminder in self.filtered(lambda one: one.is_prepared and not one.is_edited):
                # Kept by the product: a person may write the text, not what it was.
                reminder.sudo().write(
                    {"original_subject": reminder.subject, "original_body": reminder.body}
                )
        return super().write(vals)


def _lines(subject, body):
    text = html2plaintext(body or "")
    return [subject or "", *(line.strip() for line in text.splitlines() if line.strip())]
