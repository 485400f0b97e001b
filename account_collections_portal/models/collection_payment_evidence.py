from odoo import fields, models

EVENTS = [
    ("payment_announced", "Payment announced"),
    ("payment_processing", "Payment under way"),
    ("payment_done", "Paid online"),
    ("payment_failed", "Online payment failed"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _get_case_references(self):
        return [*super()._get_case_references(), ("collection_payment_part", "case_id")]
