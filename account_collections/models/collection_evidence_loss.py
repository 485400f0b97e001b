from odoo import fields, models

EVENTS = [
    ("loss_approved", "Loss approved"),
    ("loss_booked", "Loss booked"),
    ("loss_reversed", "Loss reversed"),
    ("loss_cancelled", "Loss cancelled"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )
