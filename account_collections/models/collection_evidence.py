from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionEvidence(models.Model):
    """What happened, when, by which channel: rows are added, never changed."""

    _name = "collection.evidence"
    _description = "Collection Evidence"
    _order = "id desc"
    _log_access = False

    case_id = fields.Many2one("collection.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="case_id.company_id")
    reminder_id = fields.Many2one(
        "collection.reminder", ondelete="restrict", index="btree_not_null"
    )
    event = fields.Selection(
        [
            ("prepared", "Prepared"),
            ("approved", "Approved"),
            ("claimed", "Leaving"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("unconfirmed", "Unconfirmed"),
            ("rewritten", "Rewritten"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Cancelled"),
            ("said_sent", "Said to have gone out"),
            ("resent", "Sent again"),
            ("answered", "Answered"),
        ],
        required=True,
        readonly=True,
    )
    happened_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    facts = fields.Json(readonly=True)

    @api.model
    def _record(self, records, event, facts=None):
        """Add one event for each record, a case or a reminder.

        :param dict facts: what is worth proving; no portal token may be in it
        """
        is_case = records._name == "collection.case"
        # Evidence is written on behalf of whoever acts; nobody holds the right to write it.
        return self.sudo().create(
            [
                {
                    "case_id": record.id if is_case else record.case_id.id,
                    "reminder_id": False if is_case else record.id,
                    "event": event,
                    "user_id": self.env.uid,
                    "facts": facts or {},
                }
                for record in records
            ]
        )

    def write(self, vals):
        raise UserError(self.env._("Evidence is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Evidence is never deleted."))
