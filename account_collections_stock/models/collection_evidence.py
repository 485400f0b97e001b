from odoo import api, fields, models

EVENTS = [
    ("delivery_released", "Held delivery released"),
    ("delivery_refused", "Release of a delivery refused"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )


class CollectionWording(models.AbstractModel):
    _inherit = "collection.wording"

    @api.model
    def _get_words(self):
        return {**super()._get_words(), "delivery": self.env._("Delivery")}
