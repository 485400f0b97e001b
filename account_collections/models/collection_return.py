import email.message

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..engine.facts import EMAIL, SMS
from ..engine.replies import is_answer_that_arrived
from .collection_delivery import NotDelivered

#: Delivery reports that tell of the number itself, not of a phone that was switched off.
NUMBER_REFUSED = (
    "sms_invalid_destination", "sms_not_allowed", "sms_rejected", "sms_number_format"
)

#: Characters of a report that are kept.
REPORT_LENGTH = 500


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[("delivered", "Delivered"), ("returned", "Came back")],
        ondelete={"delivered": "cascade", "returned": "cascade"},
    )


class CollectionReminder(models.Model):
    """What did not reach the customer, although it had left."""

    _inherit = "collection.reminder"

    def _come_back(self, why, is_address_bad=True):
        """It left and did not arrive: no item has reached its level by it.

        The address is not used again until it changes, so the next decision takes another
        channel; the owner is told to put it right.

        :param str why: what the server, the service or the post says
        :param bool is_address_bad: the address itself is to blame
        """
        why = (why or "")[:REPORT_LENGTH]
        for reminder in self.filtered(lambda one: one.state != "returned"):
            reminder._set_state("returned", failure=why)
            self.env["collection.evidence"]._record(
                reminder,
                "returned",
                {"why": why, "to": reminder.recipient_id._get_collection_reach(reminder.channel)},
            )
            if is_address_bad:
                # Whoever learns of it (the mail gateway, a service, a collector) may have no
                # right to change contacts; only what failed is written.
                reminder.recipient_id.sudo()._set_collection_unusable(reminder.channel)
            reminder._give_return_to_owner(why)

    def _give_return_to_owner(self, why):
        """Make it the owner's work, in the owner's language."""
        self.ensure_one()
        case, owner = self.case_id, self.case_id._get_person_at_work()
        words = case.with_context(lang=owner.lang).env
        case.with_context(lang=owner.lang).activity_schedule(
            "mail.mail_activity_data_todo",
            self.company_id._collection_today(),
            summary=words._(
                "Correct the address of %(contact)s", contact=self.recipient_id.display_name
            ),
            note=Markup("<p>%s</p><p>%s</p>")
            % (
                words._(
                    "“%(subject)s” came back. The next reminder takes another channel.",
                    subject=self.subject or "",
                ),
                why,
            ),
            user_id=owner.id,
        )

    @api.model
    def _receive_sms_report(self, messages, status, failure_type):
        """A delivery report of the SMS service came in.

        :param messages: the ``mail.message`` of each SMS
        :param status: ``sent`` (delivered), ``bounce`` or ``exception``
        """
        reminders = self.search(
            [("mail_message_id", "in", messages.ids), ("channel", "=", SMS)]
        )
        if status == "sent":
            arrived = reminders.filtered(lambda one: one.state in ("sent", "unconfirmed"))
            arrived.filtered(lambda one: one.state == "unconfirmed")._set_state(
                "sent", failure=False
            )
            arrived.write({"delivered_at": fields.Datetime.now()})
            self.env["collection.evidence"]._record(arrived, "delivered")
            return
        labels = dict(
            self.env["mail.notification"]._fields["failure_type"]._description_selection(self.env)
        )
        why = labels.get(failure_type) or self.env._("The SMS was not delivered.")
        left = reminders.filtered(lambda one: one.state in ("sent", "unconfirmed"))
        if failure_type in NUMBER_REFUSED:
            left._come_back(why)
        else:
            # The phone was off or the network down: a person decides whether to try again.
            left._set_state("failed", failure=why)
            self.env["collection.evidence"]._record(left, "failed", {"why": why})


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # EXTENDS 'mail'
    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """A bounce of one of our reminders: it names the message that did not arrive."""
        super()._routing_handle_bounce(email_message, message_dict)
        sender = email_normalize(message_dict["email_from"])
        if _is_only_delayed(email_message) or is_answer_that_arrived(email_message, sender):
            return
        # An unconfirmed reminder has no message here, but its Message-Id left with it.
        known_ids = message_dict.get("bounced_msg_ids") or []
        message = message_dict.get("bounced_message") or self.env["mail.message"]
        named = Domain("message_id", "in", known_ids) | Domain("mail_message_id", "in", message.ids)
        left = Domain([("channel", "=", EMAIL), ("state", "in", ("sent", "unconfirmed"))])
        # The gateway acts for a mail server: nobody with rights on reminders.
        reminders = self.env["collection.reminder"].sudo().search(named & left)
        reminders._come_back(_read_diagnosis(email_message))

    # EXTENDS 'mail'
    @api.model
    def _routing_reset_bounce(self, email_message, message_dict):
        """Who writes to us from an address can be reached there again."""
        super()._routing_reset_bounce(email_message, message_dict)
        if sender := email_normalize(message_dict["email_from"]):
            # As Odoo does for its own count of bounces.
            self.env["res.partner"].sudo().search(
                [("collection_bad_email", "=", sender)]
            ).collection_bad_email = False


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _record_failure(self, reminder, problem):
        """The mail server knows no such recipient: as a bounce, only at once."""
        if not (isinstance(problem, NotDelivered) and problem.is_address_bad):
            return super()._record_failure(reminder, problem)
        if self._lock(reminder, "scheduled", "sending"):
            reminder._come_back(str(problem))
            self.env["ir.cron"]._commit_progress()
        return None


def _delivery_fields(email_message, name):
    """Return the values of a field in the delivery report of a bounce (RFC 3464)."""
    values = []
    for part in email_message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload():
            if isinstance(block, email.message.Message) and block[name]:
                values.append(str(block[name]).strip())
    return values


def _is_only_delayed(email_message):
    """Return whether a report only says that the server goes on trying, or that all is well."""
    actions = {action.lower() for action in _delivery_fields(email_message, "Action")}
    return bool(actions) and "failed" not in actions


def _read_diagnosis(email_message):
    """Return what the server said: the diagnosis of the report, else its subject."""
    diagnoses = _delivery_fields(email_message, "Diagnostic-Code")
    return "; ".join(diagnoses) or str(email_message["Subject"] or "")
