from odoo import api, fields, models

EVENTS = [
    ("handover_draft", "Hand-over back to draft"),
    ("handover_to_approve", "Hand-over asked for"),
    ("handover_handed_over", "Handed over"),
    ("handover_closed", "Hand-over closed"),
    ("handover_withdrawn", "Hand-over withdrawn"),
    ("handover_cancelled", "Hand-over cancelled"),
    ("handover_step", "Step of the hand-over"),
    ("handover_file", "File of the hand-over"),
    ("handover_sent", "File sent to them"),
    ("prescription_interrupted", "Prescription interrupted"),
    ("interruption_deleted", "Interruption of prescription deleted"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )

    @api.model
    def _get_public_facts(self):
        return super()._get_public_facts() | {"sha256", "step"}
