from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    # EXTENDS 'base'
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Covers are computed again; a customer who would be two buyers stays the first one's.

        The other buyer waits to be matched, where people see it.
        """
        partners = src_partners | dst_partner
        # Partners are merged over all companies, whatever the user's own are.
        exposures = self.env["collection.insurance.exposure"].sudo()
        exposures._mark(self.env["res.company"].sudo().search([]), partners)
        exposures.search([("partner_id", "in", src_partners.ids)]).unlink()
        self.env["collection.insurance.history"].sudo()._merge(partners, dst_partner)
        self.env["collection.insurance.request"].sudo()._merge(partners)
        buyers = self.env["collection.insurance.buyer"].sudo().with_context(active_test=False)
        buyers = buyers.search([("partner_ids", "in", partners.ids)], order="id")
        for _policy, known in buyers.grouped("policy_id").items():
            for buyer in known[1:]:
                buyer.partner_ids -= partners
        return super()._update_foreign_keys(src_partners, dst_partner)
