from odoo import api, models
from odoo.tools.mail import email_normalize, unfold_references

from ..engine.replies import is_answer_that_arrived, is_automatic


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # EXTENDS 'mail'
    @api.model
    def _detect_is_bounce(self, message, message_dict):
        """An absence that answers a reminder is no bounce, though it comes where bounces do."""
        return super()._detect_is_bounce(message, message_dict) and not (
            is_answer_that_arrived(message, email_normalize(message_dict["email_from"]))
            and self._answers_reminder(message_dict)
        )

    @api.model
    def _answers_reminder(self, message_dict):
        """Return whether a mail names a reminder of ours as what it answers."""
        named = f"{message_dict.get('in_reply_to')} {message_dict.get('references')}"
        # The gateway acts for whoever wrote; nothing is told but whether it is known.
        reminders = self.env["collection.reminder"].sudo()
        return bool(
            reminders.search_count([("message_id", "in", unfold_references(named))], limit=1)
        )

    # EXTENDS 'mail'
    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell a case what kind of mail joined it: its headers are known nowhere after this."""
        message_id = message_dict["message_id"]
        thread_id = super()._message_route_process(message, message_dict, routes)
        if any(route[0] == "collection.case" for route in routes or ()):
            self.env["collection.case"]._receive(message_id, message, is_automatic(message))
        return thread_id

    # EXTENDS 'mail'
    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """An answer to a message of a dispute belongs there, though it comes to the address of the
        cases: Odoo takes a reply to another model's address for a forwarded mail."""
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        return [self._get_dispute_route(route, message_dict) or route for route in routes or ()]

    @api.model
    def _get_dispute_route(self, route, message_dict):
        target, thread_id, custom_values, user_id, alias = route
        if target != "collection.case" or thread_id:
            return None
        answered = f"{message_dict.get('in_reply_to')} {message_dict.get('references')}"
        # The gateway looks for what is answered whoever sent it.
        origin = self.env["mail.message"].sudo().search(
            [
                ("message_id", "in", unfold_references(answered)),
                ("model", "=", "collection.dispute"),
            ],
            order="id desc",
            limit=1,
        )
        dispute = self.env["collection.dispute"].sudo().browse(origin.res_id).exists()
        if not dispute:
            return None
        return ("collection.dispute", dispute.id, {}, user_id, alias)
