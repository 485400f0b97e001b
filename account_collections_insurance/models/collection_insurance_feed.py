from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize, email_split

#: Names of files that are taken; all others stay where they are.
SUFFIXES = (".csv", ".txt", ".xlsx")

#: Larger files are none of limits (bytes).
MAX_SIZE = 50 * 1024 * 1024


class CollectionInsuranceFeed(models.Model):
    """Where an insurer's files come from by themselves: an address they are mailed to, or a folder
    they are put into. All of them go through the one import."""

    _name = "collection.insurance.feed"
    _description = "Feed of Limits"
    _inherit = ["mail.thread", "mail.alias.mixin", "collection.insurance.channel"]
    _order = "name, id"

    name = fields.Char(required=True)
    senders = fields.Text(
        string="Allowed Senders",
        help="One address or domain (@insurer.example) a line. Files of others are refused.",
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
        """Take the files of a message in, if its sender may send some; keep no others.

        The address of an archived feed goes on taking mail: it imports nothing of it.
        """
        taken = []
        for feed in self.filtered("active"):
            taken += feed._take_mail(msg_dict)
        msg_dict["attachments"] = taken
        return super().message_update(msg_dict, update_vals=update_vals)

    def _take_mail(self, message):
        """Have the files of a message imported; return the attachments that are such files."""
        sender = next(iter(email_split(message.get("email_from") or "")), "").lower()
        if not self._is_allowed(sender):
            self._tell(
                self.env._("Refused: %(sender)s may not send files of limits.", sender=sender)
            )
            return []
        files = [one for one in message.get("attachments", ()) if self._is_taken(one.fname)]
        if not files:
            self._tell(self.env._("A message of %(sender)s brought no file.", sender=sender))
        return [file for file in files if self._take_file(file, sender)]

    def _take_file(self, file, sender):
        content = file.content.encode() if isinstance(file.content, str) else file.content
        if len(content) > MAX_SIZE:
            self._tell(self.env._("Refused: %(file)s is too large.", file=file.fname))
            return False
        self._receive(file.fname, content, "mailbox", sender)
        return True

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
