from odoo import fields, models
from odoo.exceptions import UserError


class CollectionCase(models.Model):
    """What a case proves, and for how long."""

    _inherit = "collection.case"

    erased_at = fields.Datetime(
        string="Personal Data Erased",
        readonly=True,
        copy=False,
        help="When the texts, names and addresses of this case were erased last.",
    )
    evidence_count = fields.Integer(compute="_compute_evidence_count")

    def _compute_evidence_count(self):
        counts = dict(
            self.env["collection.evidence"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.evidence_count = counts.get(case, 0)

    def action_open_evidence(self):
        return self._open_related("account_collections.collection_evidence_action")

    # EXTENDS 'mail'
    def _check_can_update_message_content(self, messages):
        """What was sent is evidence: a correction is a message of its own."""
        # Whoever edits may not see the reminder.
        reminders = self.env["collection.reminder"].sudo()
        if reminders.search_count([("mail_message_id", "in", messages.ids)], limit=1):
            raise UserError(
                self.env._("This message was sent to a customer by a reminder: it is evidence.")
            )
        return super()._check_can_update_message_content(messages)
