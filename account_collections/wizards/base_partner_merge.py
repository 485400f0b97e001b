from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # EXTENDS 'base'
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the cases first, in every company: the wizard would delete what is in its way."""
        # Partners are merged over all companies, whatever the user's own are.
        (src_partners | dst_partner).sudo()._part_from_each_other()
        self.env["collection.case"].sudo()._merge_partners(src_partners, dst_partner)
        self.env["collection.behaviour"].sudo()._forget(src_partners | dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    # EXTENDS 'base'
    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Who is dunned for the partner that stays is looked at anew."""
        known = self.env["res.partner"].browse(partner_ids).exists()
        before = known._get_mapped_together()
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        left = (before | known).exists()
        self.env["collection.debtor"]._remap(left._get_mapped_together())
        return result
