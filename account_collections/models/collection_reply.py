from markupsafe import Markup
from odoo import api, fields, models

REPLY = "reply"


class CollectionHold(models.Model):
    _inherit = "collection.hold"

    reason = fields.Selection(
        selection_add=[(REPLY, "Message of the customer")], ondelete={REPLY: "set other"}
    )


class CollectionCase(models.Model):
    """What comes in by mail: a customer's message pauses the scenario, a machine's does not."""

    _inherit = "collection.case"

    @api.model
    def _receive(self, message_id, mail, automatic):
        """Look at a mail that has just joined a case.

        :param message_id: its Message-Id, by which its ``mail.message`` is found
        :param mail: the mail with its headers, as it came in
        :param automatic: a machine answered, nobody wrote
        """
        # The gateway acts for whoever wrote: a customer, or somebody without a role here.
        message = self.env["mail.message"].sudo().search(
            [("message_id", "=", message_id), ("model", "=", self._name)], limit=1
        )
        case = self.sudo().browse(message.res_id)
        if not case:
            return
        if automatic:
            case._file_automatic_answer(message)
        elif case._is_ours(message):
            case._hear_colleague(message, mail)
        else:
            case._hear_customer(message)

    def _is_ours(self, message):
        """Return whether one of us wrote a message."""
        self.ensure_one()
        return bool(message.author_id) and not message.author_id.partner_share

    def _file_automatic_answer(self, message):
        """A machine wrote: it is kept, and changes nothing."""
        self.env["collection.evidence"]._record(
            self,
            "auto_reply",
            {"message": message.message_id, "from": message.email_from},
            message=message,
        )
        self._message_log(
            body=self.env._("The answer above is automatic: it pauses nothing, nobody waits.")
        )

    def _hear_colleague(self, message, mail):
        """One of us wrote: nobody waits for an answer. Add-ons listen to their own."""

    def _hear_customer(self, message):
        """A customer, or nobody known, wrote: it waits for an answer and reminders wait for it."""
        self.ensure_one()
        if not self.unanswered_since:
            self.unanswered_since = message.date
            self._give_message_to_owner(message)
        self._pause_for_reply()
        self.env["collection.evidence"]._record(
            self,
            "answered",
            {"message": message.message_id, "from": message.email_from},
            message=message,
        )

    def _give_message_to_owner(self, message):
        """Make it the owner's work, once until it is answered."""
        owner = self._get_person_at_work()
        self.with_context(lang=owner.lang).activity_schedule(
            "account_collections.mail_activity_type_reply",
            self.company_id._collection_today(),
            note=Markup("<p>%s</p>") % (message.subject or message.email_from or ""),
            user_id=owner.id,
        )

    def _pause_for_reply(self):
        """Pause automatic reminders from the day of the message; another message prolongs it."""
        company = self.company_id
        days, longest = company.collection_reply_pause_days, company.collection_max_pause_days
        if not days:
            return
        today = company._collection_today()
        end = fields.Date.add(today, days=min(days, longest) if longest else days)
        hold = self._get_reply_holds(today)[:1]
        if hold and longest and (end - hold.date_start).days > longest:
            # It cannot grow for ever: the next one takes over.
            hold._lift(today)
            hold = hold.browse()
        if hold:
            hold.date_end = max(hold.date_end, end)
        else:
            # The product pauses for a message, whoever brought it in.
            hold.sudo().create(
                {
                    "case_id": self.id,
                    "reason": REPLY,
                    "user_id": self._get_person_at_work().id,
                    "date_start": today,
                    "date_end": end,
                    # Its owner has the message itself to deal with.
                    "announced": True,
                }
            )

    def _get_reply_holds(self, today):
        return self.hold_ids.filtered(
            lambda hold: hold.reason == REPLY and not hold.lifted_on and hold.date_end >= today
        )

    def action_answered(self):
        """The customer's message was dealt with: the scenario goes on.

        What was to leave today and had to wait is decided anew.
        """
        result = super().action_answered()
        paused = self.browse()
        for case in self:
            today = case.company_id._collection_today()
            if holds := case._get_reply_holds(today):
                holds._lift(today)
                paused |= case
        self.activity_unlink(["account_collections.mail_activity_type_reply"])
        paused._decide_again()
        return result


class CollectionReminder(models.Model):
    _inherit = "collection.reminder"

    unanswered_since = fields.Datetime(
        related="case_id.unanswered_since", help="The customer wrote and waits for an answer."
    )


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # EXTENDS 'mail'
    def _action_done(self, feedback=False, attachment_ids=None):
        """A customer's message done means that it was answered."""
        kind = self.env.ref(
            "account_collections.mail_activity_type_reply", raise_if_not_found=False
        )
        answered = self.filtered(lambda activity: kind and activity.activity_type_id == kind)
        cases = self.env["collection.case"].browse(answered.mapped("res_id"))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        cases.action_answered()
        return result
