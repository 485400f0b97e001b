import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import html2plaintext, plaintext2html
from odoo.tools.translate import LazyTranslate

from .collection_delivery import NotDelivered
from .service_failure import classify_service

_lt = LazyTranslate(__name__)

#: What an SMS says where its level has no text of its own.
DEFAULT_TEXT = _lt("{company}: {amount} is overdue, reference {reference}. Please pay it now.")

#: What stands for what in the text of a level.
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLACEHOLDERS = ("company", "amount", "reference", "due", "phone")

#: What the service answers where another attempt may succeed.
TRANSIENT = ("sms_server",)


def _fill(text, values):
    """Return ``text`` with its placeholders filled in, as one line of single blanks.

    The blanks that amounts are written with would cost a second message.
    """
    return " ".join(PLACEHOLDER.sub(lambda found: values[found[1]], text).split())


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    sms_text = fields.Text(
        string="SMS",
        translate=True,
        help="Short and to the point. {company}, {amount}, {reference}, {due} and {phone} are "
        "filled in. Empty: a text that says who is owed how much.",
    )

    @api.constrains("sms_text")
    def _check_sms_text(self):
        for level in self:
            for name in PLACEHOLDER.findall(level.sms_text or ""):
                if name not in PLACEHOLDERS:
                    raise ValidationError(
                        self.env._(
                            "The SMS of level %(level)s names {%(name)s}, which is unknown. "
                            "Known are: %(known)s",
                            level=level.name,
                            name=name,
                            known=", ".join(f"{{{known}}}" for known in PLACEHOLDERS),
                        )
                    )


class CollectionReminder(models.Model):
    _inherit = "collection.reminder"

    sms_number = fields.Char(
        string="Mobile", related="recipient_id.collection_mobile", help="Where an SMS goes."
    )
    delivered_at = fields.Datetime(
        readonly=True, copy=False, help="The service says that it reached the recipient."
    )

    def _get_sms_values(self):
        """Return what an SMS says, as plain text in the recipient's language."""
        self.ensure_one()
        names = self.item_ids.move_id.mapped(lambda move: move.payment_reference or move.name)
        names = names or [name for name in self.item_ids.mapped("move_name") if name]
        more = len(names) - 1
        reference = names[0] if names else self.debtor_id.ref or ""
        if more > 0:
            reference = self.with_context(lang=self.lang).env._(
                "%(reference)s and %(count)s more", reference=reference, count=more
            )
        due = min((item.date_due for item in self.item_ids if item.date_due), default=None)
        return {
            "company": self.company_id.name,
            "amount": " + ".join(
                self._format_amount(total, currency) for currency, total in self._get_totals()
            ),
            "reference": reference,
            "due": self._format_date(due) if due else "",
            "phone": self.case_id._get_responsible().phone or self.company_id.phone or "",
        }


class CollectionPrepare(models.AbstractModel):
    _inherit = "collection.prepare"

    @api.model
    def _write_sms(self, level, reminders):
        """Write the text of an SMS: one line, without the blanks that cost a second message."""
        for reminder in reminders:
            # Invoices are for accountants; the text names their references.
            values = reminder.sudo()._get_sms_values()
            model = level.with_context(lang=reminder.lang)
            text = _fill(model.sms_text or model.env._(DEFAULT_TEXT), values)
            reminder.write({"subject": model.name, "body": plaintext2html(text)})


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _hand_over_sms(self, reminder):
        """Post the text on the case and give it to the SMS service, in this transaction.

        Odoo's own queue never sees it: it leaves here, or nothing of it remains.

        :raises NotDelivered: it certainly did not leave
        :raises Uncertain: it may have left
        """
        number = self._get_mobile(reminder)
        text = html2plaintext(reminder.body or "").strip()
        case = reminder.case_id.with_company(reminder.company_id)
        message = case.with_context(lang=reminder.lang)._message_sms(
            text,
            partner_ids=reminder.recipient_id.ids,
            sms_pid_to_number={reminder.recipient_id.id: number},
            author_id=reminder.case_id._get_responsible().partner_id.id,
            put_in_queue=True,
        )
        sms = self.env["sms.sms"].sudo().search([("mail_message_id", "=", message.id)])
        if len(sms) != 1:
            raise NotDelivered(self.env._("No SMS was made for this recipient."))
        reminder._set_state(
            "sent", sent_at=fields.Datetime.now(), mail_message_id=message.id, failure=False
        )
        self.env["collection.evidence"]._record(
            reminder, "sent", {"to": number, "text": text, "uuid": sms.uuid}
        )
        self._copy_colleagues(reminder, message)
        # All that can fail for the database fails here, before anything leaves.
        self.env.flush_all()
        self._send_sms(sms.with_company(reminder.company_id))

    @api.model
    def _get_mobile(self, reminder):
        """Return the number to send to.

        :raises NotDelivered: there is none, or it must not be used
        """
        recipient = reminder.recipient_id
        number, why = recipient.collection_mobile, None
        if not number:
            why = f"sms_{recipient.collection_phone_problem or 'missing'}"
        elif recipient.collection_refused:
            why = "sms_refused"
        elif self.env["phone.blacklist"].sudo().search_count([("number", "=", number)], limit=1):
            why = "sms_blacklisted"
        if why:
            raise NotDelivered(self.env["collection.reason"]._get_cause(why))
        return number

    @api.model
    def _send_sms(self, sms):
        """Give one SMS to the service, and tell what certainly did not leave from what may have."""
        try:
            sms.send(unlink_failed=False, unlink_sent=False, raise_exception=True)
        except AccessError as error:
            raise classify_service(error, self.env._("SMS service: %s", error)) from error
        if sms.state == "error":
            labels = dict(sms._fields["failure_type"]._description_selection(self.env))
            raise NotDelivered(
                labels.get(sms.failure_type) or self.env._("The SMS service refused it."),
                retry=sms.failure_type in TRANSIENT,
            )


class MailNotification(models.Model):
    _inherit = "mail.notification"

    # EXTENDS 'mail'
    def write(self, vals):
        """The report of the SMS service becomes evidence, and what did not arrive comes back."""
        result = super().write(vals)
        status = vals.get("notification_status")
        if status in ("sent", "bounce", "exception"):
            reports = self.filtered(lambda one: one.notification_type == "sms")
            if reports:
                # The service reports as nobody in particular.
                self.env["collection.reminder"].sudo()._receive_sms_report(
                    reports.mail_message_id, status, vals.get("failure_type")
                )
        return result
