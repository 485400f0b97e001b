from odoo import api, fields, models

EVENTS = [
    ("promised", "Promised"),
    ("promise_judged", "Promise judged"),
    ("proposed", "Plan proposed"),
    ("acknowledged", "Debt acknowledged"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )

    @api.model
    def _get_public_facts(self):
        return super()._get_public_facts() | {"currency", "date", "how", "state"}
