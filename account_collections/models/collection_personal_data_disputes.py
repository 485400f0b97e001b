from odoo import api, fields, models


class CollectionPersonalData(models.AbstractModel):
    """What a customer contested."""

    _inherit = "collection.personal.data"

    @api.model
    def _find(self, partner):
        found = super()._find(partner)
        disputes = self.env["collection.erasure"]._find_disputes(found["cases"])
        return found | {"disputes": disputes}

    @api.model
    def _collect(self, partner):
        return super()._collect(partner) | {
            "disputes": [
                {
                    "number": dispute.name,
                    "opened": fields.Date.to_string(dispute.date_opened),
                    "reason": dispute.reason_id.name,
                    "said": dispute.description or "",
                    "state": dispute.state,
                    "resolution": dispute.resolution or "",
                }
                for dispute in self._find(partner)["disputes"]
            ]
        }
