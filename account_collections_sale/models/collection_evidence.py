from odoo import api, fields, models

EVENTS = [
    ("order_released", "Held order released"),
    ("order_refused", "Release of an order refused"),
    ("order_paid", "Held order released by a payment"),
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
        return {**super()._get_words(), "order": self.env._("Order")}
