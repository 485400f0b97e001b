from odoo import api, models

#: What is told of how somebody pays, by the names of fields.
TOLD = (
    "paid_count", "paid_amount", "pay_weighted", "late_weighted", "late_share", "trend",
    "promise_count", "promise_kept_rate", "dispute_count", "exposure", "overdue",
)  # fmt: skip


class CollectionPersonalData(models.AbstractModel):
    """How somebody pays is computed from the ledger: it is told, and goes when the ledger does."""

    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        known = found["cases"].env["collection.behaviour"].search(
            [("partner_id", "=", partner.id), ("company_id", "in", self.env.companies.ids)]
        )
        return {**found, "behaviour": known}

    @api.model
    def _get_sections(self):
        behaviour = (self.env._("Payment Behaviour"), "collection.behaviour")
        return super()._get_sections() | {"behaviour": behaviour}

    @api.model
    def _collect(self, partner):
        collected = super()._collect(partner)
        known = self._find(partner)["behaviour"]
        return {
            **collected,
            "behaviour": [
                {"company": one.company_id.name, **{name: one[name] for name in TOLD}}
                for one in known
            ],
        }
