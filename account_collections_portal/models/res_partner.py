from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # EXTENDS 'account_collections'
    def _get_collection_pay_url(self, company):
        """Return the address that letters show: it opens the account after a confirmation only,
        so that people who sell may send it on, and see nothing by it."""
        case = self.env["collection.debtor"].sudo()._find_case(company, self)
        return case._get_letter_url() if case else super()._get_collection_pay_url(company)
