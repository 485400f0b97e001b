from odoo import models
from odoo.tools import plaintext2html
from odoo.tools.mail import formataddr


class CollectionCase(models.Model):
    """Messages that customers write on the account page: they count as their mail does."""

    _inherit = "collection.case"

    def _receive_online(self, text, author, name, files=(), subject=None):
        """Put what a customer wrote into the case; it waits for an answer.

        :param author: the contact, an empty recordset when only the name is known
        :param files: pairs (name, content)
        :return: ``mail.message``
        """
        self.ensure_one()
        message = self._post_for_customer(self, text, author, name, files, subject)
        self._hear_customer(message)
        return message

    def _post_for_customer(self, thread, text, author, name, files=(), subject=None):
        """Post what a customer wrote in a record about the case, as if it had come by mail."""
        person = self._get_person_at_work()
        thread = thread.with_context(lang=person.lang)
        company = self.company_id
        # Whose name alone is known writes from our own page: never from a colleague's address.
        sender = (
            author.email_normalized
            or company._collection_address()
            or company.partner_id.email_normalized
        )
        return thread.message_post(
            body=plaintext2html(text),
            subject=subject or thread.env._("%(name)s, on the customer portal", name=name),
            author_id=author.id,
            email_from=formataddr((name, sender)) if sender else name,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            attachments=list(files),
            email_add_signature=False,
        )
