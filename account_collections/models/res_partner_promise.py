from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_promised_until = fields.Date(
        string="Promised until",
        compute="_compute_collection_promised_until",
        search="_search_collection_promised_until",
        groups="account.group_account_readonly,account.group_account_invoice",
        help="Last day of the customer's open promises to pay.",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_collection_promised_until(self):
        # An accountant sees that there is a promise, and nothing else of the case.
        cases = (
            self.env["collection.case"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self._origin.ids),
                    ("company_id", "in", self.env.companies.ids),
                    ("promised_until", "!=", False),
                ]
            )
        )
        found = cases.grouped("partner_id")
        for partner in self:
            days = found.get(partner._origin, cases.browse()).mapped("promised_until")
            partner.collection_promised_until = max(days, default=False)

    @api.model
    def _search_collection_promised_until(self, operator, value):
        return self._search_by_cases("promised_until", operator, value)
