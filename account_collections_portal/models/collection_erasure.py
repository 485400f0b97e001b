from odoo import api, models


class CollectionErasure(models.AbstractModel):
    _inherit = "collection.erasure"

    # EXTENDS 'account_collections'
    @api.model
    def _erase_cases(self, cases, ground):
        """What was sent opens nothing any more, and nobody knows when the account was seen."""
        result = super()._erase_cases(cases, ground)
        ours = cases.sudo().with_context(active_test=False)  # as the erasure itself
        ours._revoke_links()
        ours.write({"portal_first_seen": False, "portal_last_seen": False})
        return result
