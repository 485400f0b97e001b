from odoo import api, fields, models

EVENTS = [
    ("disputed", "Disputed"),
    ("dispute_decided", "Dispute decided"),
    ("dispute_reopened", "Decision on a dispute taken back"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )

    @api.model
    def _get_public_facts(self):
        return super()._get_public_facts() | {"dispute", "outcome", "documents"}

    @api.model
    def _record_disputes(self, disputes, event):
        """Keep the proof that a debt was contested, and what we answered, without the words."""
        # Whoever solves a dispute may not see its case.
        for dispute in disputes.sudo():
            self._record(
                dispute.case_id,
                event,
                {
                    "dispute": dispute.name,
                    "documents": dispute.move_names,
                    "amount": str(dispute.amount),
                    "accepted": str(dispute.accepted_amount),
                    "outcome": dispute.outcome or "",
                },
            )
