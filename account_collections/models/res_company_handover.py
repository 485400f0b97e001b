from odoo import fields, models


class ResCompany(models.Model):
    """Hand-overs and prescription: who approves, by which law, how early people are warned."""

    _inherit = "res.company"

    collection_handover_approval_amount = fields.Float(
        string="Hand-Overs an Administrator Approves",
        help="Company currency, principal. Above it a credit manager is not enough; 0 sets no "
        "limit.",
    )
    collection_prescription_country_id = fields.Many2one(
        "res.country",
        string="Law of Prescription",
        help="Empty: the law of the company's country, as contracts of sale mostly follow the "
        "seller's.",
    )
    collection_prescription_days = fields.Integer(
        string="Warn of Prescription before",
        default=180,
        help="Days before a debt is prescribed; 0 warns nobody.",
    )

    _collection_handover_terms = models.Constraint(
        "CHECK (collection_handover_approval_amount >= 0 AND collection_prescription_days >= 0)",
        "Amounts and days of hand-overs are zero or more.",
    )

    def _get_prescription_country(self):
        self.ensure_one()
        return self.collection_prescription_country_id or self.country_id
