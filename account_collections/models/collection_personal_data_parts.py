from odoo import api, fields, models


class CollectionPersonalData(models.AbstractModel):
    """Calls, promises and plans of a contact, or of a customer's cases."""

    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        domain = [
            ("company_id", "in", self.env.companies.ids),
            "|",
            ("contact_id", "=", partner.id),
            ("case_id", "in", found["cases"].ids),
        ]
        return found | self.env["collection.erasure"]._find_parts(domain, found["cases"].env)

    @api.model
    def _get_contact_fields(self):
        """An address that failed is an address, and a wrong number may be somebody's."""
        return (
            *super()._get_contact_fields(),
            "collection_bad_email",
            "collection_bad_mobile",
            "collection_bad_address",
            "collection_wrong_phone",
        )

    @api.model
    def _get_sections(self):
        return super()._get_sections() | {
            "calls": (self.env._("Calls"), "collection.call"),
            "promises": (self.env._("Promises"), "collection.promise"),
            "plans": (self.env._("Instalment plans"), "collection.plan"),
        }

    @api.model
    def _collect(self, partner):
        data = super()._collect(partner)
        found = self._find(partner)
        return data | {
            "calls": [
                {
                    "date": fields.Datetime.to_string(call.called_at),
                    "number": call.number or "",
                    "contact": call.contact_id.name or "",
                    "result": call.result,
                    "note": call.note or "",
                }
                for call in found["calls"]
            ],
            "promises": [
                {
                    "given": fields.Date.to_string(promise.date_made),
                    "for": fields.Date.to_string(promise.date),
                    "amount": promise.amount,
                    "contact": promise.contact_id.name or "",
                    "said": promise.sentence or "",
                    "note": promise.note or "",
                    "state": promise.state,
                }
                for promise in found["promises"]
            ],
            "plans": [
                {
                    "amount": plan.amount,
                    "contact": plan.contact_id.name or "",
                    "note": plan.note or "",
                    "until": fields.Date.to_string(plan.date_end) or "",
                    "state": plan.state,
                }
                for plan in found["plans"]
            ],
        }

    @api.model
    def _empty(self, found):
        result = super()._empty(found)
        names = ("calls", "promises", "plans")
        self.env["collection.erasure"]._empty_parts(**{name: found[name] for name in names})
        return result
