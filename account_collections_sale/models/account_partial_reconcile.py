from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # EXTENDS 'account'
    @api.model_create_multi
    def create(self, vals_list):
        """What is paid releases the orders that wait for it."""
        partials = super().create(vals_list)
        # Whoever books payments needs no rights on orders.
        releases = self.env["collection.order.release"].sudo()
        lines = partials.debit_move_id.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        for company, paid in lines.grouped("company_id").items():
            releases._follow_safely(company, paid.partner_id.commercial_partner_id)
        return partials
