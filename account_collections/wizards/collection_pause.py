from odoo import fields, models

from ..models.collection_hold import HOLD_REASONS

DEFAULT_DAYS = 7


class CollectionPause(models.TransientModel):
    """The 'Pause…' dialog: a reason, an owner and an end, for one case or many."""

    _name = "collection.pause"
    _description = "Pause Collection Cases"

    case_ids = fields.Many2many(
        "collection.case", required=True, default=lambda self: self._default_cases()
    )
    reason = fields.Selection(HOLD_REASONS, required=True)
    note = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date_end = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), days=DEFAULT_DAYS
        ),
    )

    def _default_cases(self):
        return self.env["collection.case"].browse(self.env.context.get("active_ids", []))

    def action_pause(self):
        """Pause the cases; what waited to leave is asked again at departure and held."""
        self.ensure_one()
        self.case_ids.check_access("write")
        self.env["collection.hold"].create(
            [
                {
                    "case_id": case.id,
                    "reason": self.reason,
                    "note": self.note,
                    "user_id": self.user_id.id,
                    "date_end": self.date_end,
                }
                for case in self.case_ids
            ]
        )
        self.case_ids._decide_again()
        return {"type": "ir.actions.act_window_close"}
