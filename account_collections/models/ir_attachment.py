from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        """A document that left with a reminder stays as it left."""
        ours = self.filtered(lambda one: (one.res_model or "").startswith("collection."))
        # Whoever deletes a document may have no role in collections.
        reminders = self.env["collection.reminder"].sudo()
        gone = [
            ("state", "in", ("sending", "sent")),
            "|",
            ("attachment_ids", "in", ours.ids),
            ("letter_id", "in", ours.ids),
        ]
        if ours and reminders.search_count(gone, limit=1):
            raise UserError(
                self.env._("This document was sent to a customer by a reminder: it is evidence.")
            )
