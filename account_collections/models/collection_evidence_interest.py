from odoo import fields, models

EVENTS = [
    ("interest_approved", "Interest note approved"),
    ("interest_booked", "Interest booked"),
    ("interest_waived", "Interest waived"),
    ("interest_cancelled", "Interest note cancelled"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )
