from odoo import api, fields, models

from .collection_dispute_line import LEDGER


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_disputed = fields.Monetary(
        string="Disputed",
        compute="_compute_collection_disputed",
        search="_search_collection_disputed",
        groups=LEDGER,
        help="What the customer contests, and is not asked for meanwhile, in this company.",
    )

    @api.depends_context("company")
    def _compute_collection_disputed(self):
        # An accountant sees how much is disputed, and nothing else of the case.
        cases = self.env["collection.case"].sudo()
        ours = [("company_id", "=", self.env.company.id), ("partner_id", "in", self._origin.ids)]
        amounts = dict(cases._read_group(ours, ["partner_id"], ["disputed:sum"]))
        for partner in self:
            partner.collection_disputed = amounts.get(partner._origin, 0.0)

    @api.model
    def _search_collection_disputed(self, operator, value):
        return self._search_by_cases("disputed", operator, value)
