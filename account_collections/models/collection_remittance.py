import re

from odoo import api, fields, models

#: How a mail, or a document in it, says that it is a remittance advice, in the languages of
#: those who write to us.
REMITTANCE = re.compile(
    r"remittance|payment\s+advice|avis\s+de\s+(paiement|r[eè]glement|virement)|zahlungsavis"
    r"|avviso\s+di\s+pagamento|aviso\s+de\s+pago|betalingsadvies",
    re.IGNORECASE,
)


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[("remittance", "Remittance advice filed")],
        ondelete={"remittance": "cascade"},
    )


class CollectionCase(models.Model):
    """What a payer sends with its money: which invoices of which customers it paid."""

    _inherit = "collection.case"

    document_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Documents",
        domain=[("res_model", "=", "collection.case")],
    )
    remittance_count = fields.Integer(compute="_compute_remittance_count")

    @api.depends("document_ids.collection_kind")
    def _compute_remittance_count(self):
        counts = dict(
            self.env["ir.attachment"]._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("collection_kind", "=", "remittance"),
                ],
                ["res_id"],
                ["__count"],
            )
        )
        for case in self:
            case.remittance_count = counts.get(case.id, 0)

    def _get_documents(self):
        """Return what is filed on these cases, by whatever way it came."""
        return self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )

    def action_open_remittances(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remittance Advice"),
            "res_model": "ir.attachment",
            "view_mode": "list,form",
            "views": [
                (self.env.ref("account_collections.ir_attachment_view_list").id, "list"),
                (False, "form"),
            ],
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_collection_kind": "remittance",
            },
        }

    # EXTENDS 'mail'
    def _message_post_after_hook(self, message, msg_values):
        """A remittance advice that comes in by mail is filed as one."""
        result = super()._message_post_after_hook(message, msg_values)
        if message.message_type == "email" and message.attachment_ids:
            documents = message.attachment_ids
            if not REMITTANCE.search(message.subject or ""):
                documents = documents.filtered(lambda one: REMITTANCE.search(one.name))
            # The gateway files what came in, whoever wrote.
            documents.sudo()._collection_file_remittance()
        return result
