from odoo import fields, models

from ..engine.facts import CALL


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # EXTENDS 'mail'
    def _action_done(self, feedback=False, attachment_ids=None):
        """The activity of a reminder done: the step reached the customer."""
        # The person doing the activity may act on it; the reminder follows.
        reminders = self.env["collection.reminder"].sudo().search(
            [("activity_id", "in", self.ids), ("state", "=", "to_do")]
        )
        calls = reminders.filtered(lambda reminder: reminder.channel == CALL)
        for reminder in calls:
            self.env["collection.call"]._note_done(reminder, feedback)
        reminders -= calls
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        reminders._set_state("sent", sent_at=fields.Datetime.now())
        self.env["collection.evidence"]._record(reminders, "said_sent", {"note": feedback or ""})
        return result
