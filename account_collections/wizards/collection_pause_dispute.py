from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionPause(models.TransientModel):
    """A dispute: the reason is all that is asked; it says who solves it, and by when."""

    _inherit = "collection.pause"

    dispute_reason_id = fields.Many2one("collection.dispute.reason", string="What Is Contested")
    disputed_amount = fields.Monetary(
        currency_field="currency_id", help="Left at zero: all that is open on the items."
    )
    dispute_text = fields.Text(
        string="What the Customer Says", default=lambda self: self._default_sentence()
    )
    dispute_attachment_ids = fields.Many2many(
        "ir.attachment", "collection_pause_dispute_attachment_rel", string="Attachments"
    )

    @api.model
    def _get_kinds(self):
        return [("dispute", self.env._("The customer disputes it")), *super()._get_kinds()]

    def _apply_dispute(self):
        """Open the dispute and show it.

        :raises UserError: when it cannot be, or the form is of several customers
        """
        if len(self.case_ids) != 1:
            raise UserError(
                self.env._("A dispute is of one customer: these items belong to several.")
            )
        if not self.dispute_reason_id:
            raise UserError(self.env._("Choose what is contested."))
        dispute = self.case_ids._dispute_quick(
            reason=self.dispute_reason_id,
            lines=self.item_ids.line_id or None,
            amount=self.disputed_amount or None,
            description="\n".join(filter(None, (self.dispute_text, self.note))),
        )
        if self.dispute_attachment_ids:
            dispute.message_post(attachment_ids=self.dispute_attachment_ids.ids)
        return dispute._show()
