from odoo import api, fields, models

EVENTS = [
    ("declared", "Declared to the insurer"),
    ("declaration_withdrawn", "Declaration taken back"),
    ("declaration_file", "File for the insurer"),
]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=EVENTS, ondelete={event: "cascade" for event, _label in EVENTS}
    )

    @api.model
    def _get_public_facts(self):
        return super()._get_public_facts() | {"cause", "policy"}


class CollectionWording(models.AbstractModel):
    _inherit = "collection.wording"

    @api.model
    def _get_words(self):
        _ = self.env._
        return {
            **super()._get_words(),
            "cause": _("Reason"),
            "covered": _("Covered"),
            "declaration": _("Declaration"),
            "policy": _("Policy"),
        }
