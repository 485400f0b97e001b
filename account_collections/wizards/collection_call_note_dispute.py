from odoo import fields, models


class CollectionCallNote(models.TransientModel):
    """Who contests on the telephone: a dispute is opened with the call, when its reason is said."""

    _inherit = "collection.call.note"

    dispute_reason_id = fields.Many2one(
        "collection.dispute.reason",
        string="What Is Contested",
        domain="[('company_id', 'in', [False, company_id])]",
        help="Opens a dispute; left empty, the call is only noted.",
    )
    dispute_item_ids = fields.Many2many(
        "collection.item",
        "collection_call_note_item_rel",
        string="Contested Items",
        domain="[('case_id', '=', case_id), ('is_credit', '=', False)]",
        help="Left empty: everything that is overdue.",
    )
    disputed_amount = fields.Monetary(help="Left at zero: all that is open on the items.")

    def action_note(self):
        """Open the dispute once the call is noted, and show it."""
        action = super().action_note()
        if self.result != "contests" or not self.dispute_reason_id:
            return action
        dispute = self.case_id._dispute_quick(
            reason=self.dispute_reason_id,
            lines=self.dispute_item_ids.line_id or None,
            amount=self.disputed_amount or None,
            description=self.note,
        )
        return dispute._show()
