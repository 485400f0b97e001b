from odoo import api, fields, models

#: Models that a document may point to, where their application is installed.
DOCUMENT_MODELS = (
    "sale.order",
    "stock.picking",
    "purchase.order",
    "account.move",
    "project.task",
    "helpdesk.ticket",
)


class CollectionDisputeDocument(models.Model):
    """A document that bears on a dispute: its name is kept, whoever may open it or not."""

    _name = "collection.dispute.document"
    _description = "Document of a Dispute"
    _order = "id"

    dispute_id = fields.Many2one(
        "collection.dispute", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="dispute_id.company_id")
    kind = fields.Selection(
        [
            ("order", "Order"),
            ("delivery", "Delivery"),
            ("credit_note", "Credit note"),
            ("platform", "Invoice portal"),
            ("other", "Other"),
        ],
        default="other",
        required=True,
    )
    name = fields.Char(string="Number", required=True)
    record = fields.Reference(
        selection=lambda self: self._get_document_models(),
        string="In Odoo",
        help="The document itself, for those who may open it.",
    )
    date = fields.Date()
    platform_status = fields.Selection(
        [
            ("submitted", "Submitted"),
            ("suspended", "Suspended"),
            ("rejected", "Rejected"),
            ("to_complete", "To be completed"),
            ("accepted", "Accepted"),
        ],
        string="Status on the Portal",
        help="What the customer's invoice portal (Chorus Pro and the like) says of the invoice.",
    )
    note = fields.Char()

    @api.model
    def _get_document_models(self):
        """Return the models that documents may be of; applications add theirs."""
        return [
            (model.model, model.name)
            # Names of models are no secret, and not everybody may read the table.
            for model in self.env["ir.model"].sudo().search([("model", "in", DOCUMENT_MODELS)])
        ]

    @api.onchange("record")
    def _onchange_record(self):
        if self.record and not self.name:
            self.name = self.record.display_name

    def write(self, vals):
        """A document stays with the disputes of its user.

        :raises AccessError: when it would move to a dispute that the user may not see
        """
        result = super().write(vals)
        self.check_access("write")
        return result
