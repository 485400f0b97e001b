from odoo import api, models

from ..engine.replies import is_automatic


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    # EXTENDS 'mail'
    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Tell a case what kind of mail joined it: its headers are known nowhere after this."""
        message_id = message_dict["message_id"]
        thread_id = super()._message_route_process(message, message_dict, routes)
        if any(route[0] == "collection.case" for route in routes or ()):
            self.env["collection.case"]._receive(message_id, message, is_automatic(message))
        return thread_id
