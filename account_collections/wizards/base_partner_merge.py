from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # EXTENDS 'base'
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the cases first, in every company: the wizard would delete what is in its way."""
        # Partners are merged over all companies, whatever the user's own are.
        self.env["collection.case"].sudo()._merge_partners(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
