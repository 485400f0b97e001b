from odoo import api, fields, models


class CollectionPersonalData(models.AbstractModel):
    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        return {**found, "handovers": found["cases"].handover_ids}

    @api.model
    def _get_sections(self):
        words = (self.env._("Hand-overs"), "collection.handover")
        return super()._get_sections() | {"handovers": words}

    @api.model
    def _collect(self, partner):
        handovers = self._find(partner)["handovers"]
        return {
            **super()._collect(partner),
            "handovers": [self._tell_handover(one) for one in handovers],
        }

    @api.model
    def _tell_handover(self, handover):
        return {
            "date": fields.Date.to_string(handover.date),
            "company": handover.company_id.name,
            "to": handover.agency_id.display_name,
            "reference": handover.reference or "",
            "documents": handover.line_ids.mapped("move_name"),
            "amount": handover.amount,
            "note": handover.note or "",
            "state": handover.state,
        }
