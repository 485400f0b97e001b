from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    # EXTENDS 'mail'
    def _prepare_outgoing_body(self):
        """Sign the link to the account as the mail leaves: no message kept here holds a token.

        Only the customer's own mail gets it: a copy to one of our users does not.
        """
        body = super()._prepare_outgoing_body()
        if self.model != "collection.case" or not body:
            return body
        case = self.env["collection.case"].browse(self.res_id)
        plain = case._get_portal_url()
        if plain not in body or self._is_for_us():
            return body
        return body.replace(plain, case._get_signed_url())

    def _is_for_us(self):
        """Return whether somebody who is not the customer reads this mail."""
        return not self.recipient_ids or any(
            not user.share for user in self.recipient_ids.with_context(active_test=False).user_ids
        )
