from odoo import api, models
from odoo.exceptions import UserError


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        """What a customer was sent stays as long as its case: erasing empties it instead."""
        # Whoever deletes a message may have no role in collections.
        reminders = self.env["collection.reminder"].sudo()
        if self.ids and reminders.search_count([("mail_message_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This message was sent to a customer by a reminder: it is evidence.")
            )
