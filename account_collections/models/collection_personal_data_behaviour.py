from odoo import api, fields, models

#: What is told of how somebody pays, by the names of fields.
TOLD = (
    "paid_count", "paid_amount", "pay_weighted", "late_weighted", "late_share", "trend",
    "promise_count", "promise_kept_rate", "dispute_count", "exposure", "overdue",
)  # fmt: skip


class CollectionPersonalData(models.AbstractModel):
    """How somebody pays, their rating and what is foretold of them are told, with the reasons."""

    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        known = found["cases"].env["collection.behaviour"].search(
            [("partner_id", "=", partner.id), ("company_id", "in", self.env.companies.ids)]
        )
        predictions = known.env["collection.prediction"].search(
            [("behaviour_id", "in", known.ids)]
        )
        return {**found, "behaviour": known, "predictions": predictions}

    @api.model
    def _get_sections(self):
        return super()._get_sections() | {
            "behaviour": (self.env._("Payment Behaviour"), "collection.behaviour"),
            "predictions": (self.env._("Predictions"), "collection.prediction"),
        }

    @api.model
    def _collect(self, partner):
        found = self._find(partner)
        return {
            **super()._collect(partner),
            "behaviour": [self._tell_behaviour(one) for one in found["behaviour"]],
            "predictions": [self._tell_prediction(one) for one in found["predictions"]],
        }

    @api.model
    def _tell_behaviour(self, behaviour):
        return {
            "company": behaviour.company_id.name,
            **{name: behaviour[name] for name in TOLD},
            "letter": behaviour.letter or "",
            "score": behaviour.score if behaviour.letter else "",
            "terms_text": behaviour.terms_text,
            "slower_since": fields.Date.to_string(behaviour.slower_since) or "",
        }

    @api.model
    def _tell_prediction(self, prediction):
        return {
            "company": prediction.company_id.name,
            "line_id": prediction.line_id.display_name,
            "date_p50": fields.Date.to_string(prediction.date_p50) or "",
            "date_p80": fields.Date.to_string(prediction.date_p80) or "",
            "risk_late": prediction.risk_late,
            "why": prediction.sentences,
        }
