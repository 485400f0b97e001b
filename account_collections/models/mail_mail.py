from odoo import api, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        """The e-mail of a reminder holds what was sent as the customer saw it."""
        self.mail_message_id._unlink_except_evidence()
