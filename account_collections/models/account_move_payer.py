from odoo import api, fields, models


class AccountMove(models.Model):
    """A payer of its own, for one invoice."""

    _inherit = "account.move"

    collection_payer_id = fields.Many2one(
        "res.partner",
        string="Third-Party Payer",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="Pays this invoice: reminders go to the payer and name the customer. Empty: the "
        "customer, or its own payer.",
    )
    collection_payer_share = fields.Float(
        string="Payer's Share (%)",
        digits=(5, 2),
        copy=False,
        help="Percent that the payer pays, the rest stays with the customer. 0 or 100: all.",
    )

    _collection_share = models.Constraint(
        "CHECK (collection_payer_share BETWEEN 0 AND 100)",
        "The share of a payer is between 0 and 100 percent.",
    )

    @api.onchange("collection_payer_id")
    def _onchange_collection_payer_id(self):
        if self.collection_payer_id and not self.collection_payer_share:
            self.collection_payer_share = 100

    @api.constrains("collection_payer_id", "partner_id", "company_id")
    def _check_collection_payer(self):
        for move in self.filtered("collection_payer_id"):
            move.collection_payer_id._check_pays_for(move.partner_id, move.company_id)

    def write(self, vals):
        """Who is dunned follows the payer of an invoice at once."""
        result = super().write(vals)
        if {"collection_payer_id", "collection_payer_share"} & set(vals):
            self._remap_debtors()
        return result

    # EXTENDS 'account'
    def _post(self, soft=True):
        posted = super()._post(soft)
        posted.filtered("collection_payer_id")._remap_debtors()
        return posted

    def _remap_debtors(self):
        """Map the customers of these invoices anew."""
        open_moves = self.filtered(lambda move: move.state == "posted")
        self.env["collection.debtor"]._remap(open_moves.commercial_partner_id)
