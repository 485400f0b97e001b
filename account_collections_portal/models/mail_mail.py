import re

from odoo import models

from .ir_mail_server import CODE_NAME

#: A link as it is signed, and the picture that stands in a kept message for the code of it.
SIGNED = re.compile(r'https?://[^"\s]+access_token=[\w-]+')
PLACEHOLDER = re.compile(
    r'(<img[^>]*src=")[^"]*/account_collections_portal/static/img/account_qr\.png(")'
)


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

    # EXTENDS 'mail'
    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Draw the QR code of the signed link, as a picture within the mail."""
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        for email in emails:
            body = email["body"] or ""
            link = SIGNED.search(body)
            if link and PLACEHOLDER.search(body):
                code = self.env["collection.case"]._draw_code(link[0].replace("&amp;", "&"))
                email["body"] = PLACEHOLDER.sub(rf"\1cid:{CODE_NAME}\2", body)
                email["attachments"] = [*email["attachments"], (CODE_NAME, code, "image/png")]
        return emails

    def _is_for_us(self):
        """Return whether somebody who is not the customer reads this mail."""
        return not self.recipient_ids or any(
            not user.share for user in self.recipient_ids.with_context(active_test=False).user_ids
        )
