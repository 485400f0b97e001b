from odoo import api, models


class CollectionErasure(models.AbstractModel):
    """The disputes of a case go the way of the case: words go, amounts and dates stay."""

    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        result = super()._erase_cases(cases, ground)
        disputes = self._find_disputes(cases).with_context(tracking_disable=True)
        messages = disputes.env["mail.message"].search(
            [("model", "=", disputes._name), ("res_id", "in", disputes.ids)]
        )
        self._empty_messages(messages)
        disputes.write({"description": False, "resolution": False})
        disputes.document_ids.note = False
        disputes.activity_ids.write({"note": False, "summary": False})
        return result

    @api.model
    def _find_disputes(self, cases):
        """Return the disputes of cases, for those who may hold no role in disputes."""
        disputes = self.env["collection.dispute"].sudo().with_context(active_test=False)
        return disputes.search([("case_id", "in", cases.ids)])
