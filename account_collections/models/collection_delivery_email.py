import logging
import re
import smtplib

from odoo import api, fields, models
from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.tools.mail import formataddr
from psycopg2 import OperationalError

from .collection_delivery import InUse, NotDelivered, Uncertain

_logger = logging.getLogger(__name__)

#: What a mail server may say after its code, such as '5.1.1' in '550 5.1.1 no such user'.
ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


def _is_unknown_recipient(answer):
    """Return whether a mail server refuses the recipient for good (RFC 3463, 5.1.x and 5.2.1).

    Many give the code alone; with another enhanced code it refuses us, or the text.
    """
    code, text = answer
    enhanced = ENHANCED_CODE.match(text.decode(errors="replace"))
    if enhanced:
        return enhanced[0].startswith("5.1.") or enhanced[0] == "5.2.1"
    return code in (550, 551, 553)


class CollectionDelivery(models.AbstractModel):
    """By e-mail: one message on the case, one mail to the debtor, one connection for it."""

    _inherit = "collection.delivery"

    @api.model
    def _hand_over_email(self, reminder):
        """Post the message on the case and send its one mail, in this transaction.

        The mail is born and dies in it: Odoo's own queue never sees it.

        :raises NotDelivered: it certainly did not leave
        :raises Uncertain: it may have left
        """
        if not reminder.recipient_id.email_normalized:
            raise NotDelivered(self.env._("The recipient has no valid e-mail address."))
        if reminder.recipient_id.collection_bounced:
            raise NotDelivered(self.env["collection.reason"]._get_cause("email_bounced"))
        if not reminder.company_id._collection_sender(reminder.case_id._get_responsible()):
            raise NotDelivered(self.env._("Neither owner nor company has an address to send from."))
        try:
            mail = self._write_down(reminder)
        except OperationalError as problem:
            raise InUse(str(problem)) from problem
        self._send(mail)

    @api.model
    def _write_down(self, reminder):
        """Write all that is written if the message leaves; return its mail, still here."""
        message = self._post(reminder)
        reminder._set_state(
            "sent", sent_at=fields.Datetime.now(), mail_message_id=message.id, failure=False
        )
        self.env["collection.evidence"]._record(
            reminder,
            "sent",
            {
                "message_id": message.message_id,
                "to": reminder.recipient_id.email_normalized,
                "subject": reminder.subject,
                "from": message.email_from,
            },
        )
        self._copy_colleagues(reminder, message)
        # All that can fail for the database fails here, before anything leaves.
        self.env.flush_all()
        # A message's mail is read by whoever delivers it, for the debtor it is about.
        return self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])

    @api.model
    def _post(self, reminder):
        case = reminder.case_id.with_context(lang=reminder.lang)
        return case.message_post(**self._prepare_post(reminder))

    @api.model
    def _prepare_post(self, reminder):
        """Return how the message of a reminder is posted on its case, and sent."""
        author = reminder.case_id._get_responsible()
        sender = reminder.company_id._collection_sender(author)
        return {
            "body": reminder.body,
            "subject": reminder.subject,
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "author_id": author.partner_id.id,
            "email_from": formataddr((author.name, sender)),
            "partner_ids": reminder.recipient_id.ids,
            "attachment_ids": reminder.attachment_ids.ids,
            "message_id": reminder.message_id,
            "email_layout_xmlid": "account_collections.mail_layout",
            "email_add_signature": False,
            "force_send": False,
            "mail_auto_delete": False,
            "notify_skip_followers": True,
        }

    @api.model
    def _send(self, mail):
        """Send a reminder's mail over a connection of its own."""
        if not mail:
            return  # the recipient reads Odoo's inbox
        servers = self.env["ir.mail_server"].sudo()
        [(server_id, alias_domain_id, smtp_from, _ids)] = mail._split_by_mail_configuration()
        try:
            session = servers._connect__(mail_server_id=server_id, smtp_from=smtp_from)
        except Exception as error:
            raise NotDelivered(str(error), retry=True) from error
        try:
            mail._send(
                raise_exception=True,
                smtp_session=session,
                alias_domain_id=alias_domain_id,
                mail_server=servers.browse(server_id),
            )
        except smtplib.SMTPServerDisconnected as error:
            raise Uncertain(str(error)) from error
        except MailDeliveryException as error:
            raise self._classify(error) from error
        finally:
            self._hang_up(session)
        if mail.state == "exception":
            raise NotDelivered(mail.failure_reason or self.env._("No valid recipient."))

    @api.model
    def _classify(self, error):
        """Tell a refusal, which is certain, from a connection that broke, which is not."""
        cause = error.__context__
        if isinstance(cause, OSError) and not isinstance(cause, smtplib.SMTPException):
            return Uncertain(str(cause))
        if isinstance(cause, smtplib.SMTPRecipientsRefused):
            answers = list(cause.recipients.values())
        elif isinstance(cause, smtplib.SMTPResponseException):
            answers = [(cause.smtp_code, cause.smtp_error)]
        else:
            return NotDelivered(" ".join(str(arg) for arg in error.args))
        words = ", ".join(f"{code} {text.decode(errors='replace')}" for code, text in answers)
        return NotDelivered(
            words,
            retry=all(400 <= code < 500 for code, _text in answers),
            is_address_bad=isinstance(cause, smtplib.SMTPRecipientsRefused)
            and all(map(_is_unknown_recipient, answers)),
        )

    @api.model
    def _hang_up(self, session):
        """Close the connection; that the server closed it first changes nothing."""
        if session:
            try:
                session.quit()
            except (smtplib.SMTPException, OSError) as error:
                _logger.info("The mail server was gone before the goodbye: %s", error)

    @api.model
    def _copy_colleagues(self, reminder, message):
        """Tell our own people as they read notifications; no second message to the debtor."""
        colleagues = reminder._get_copied()
        if colleagues:
            reminder.case_id.message_notify(
                partner_ids=colleagues.partner_id.ids,
                subject=reminder.subject,
                body=message.body,
            )
