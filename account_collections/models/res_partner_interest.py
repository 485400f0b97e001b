from odoo import api, fields, models

BUSINESS, CONSUMER = "business", "consumer"


class ResPartner(models.Model):
    """Who owes interest for late payment, and at which rate."""

    _inherit = "res.partner"

    collection_legal_form = fields.Selection(
        [(BUSINESS, "Business"), (CONSUMER, "Consumer")],
        string="Business or Consumer",
        help="Consumers owe neither compensation nor interest by the law on late payment. Empty: "
        "a business where it is a company or has a VAT or registration number; nobody knows "
        "otherwise, and nothing is claimed.",
    )
    collection_interest_rate = fields.Float(
        string="Agreed Rate of Interest",
        digits=(16, 4),
        company_dependent=True,
        help="Per cent a year, for late payment, by the contract with this customer; 0 applies "
        "the company's.",
    )

    @api.constrains("collection_interest_rate")
    def _check_collection_interest_rate(self):
        for partner in self:
            self.env.company._check_agreed_rate(partner.collection_interest_rate)

    def _get_collection_legal_form(self):
        """Return whether the legal entity is a business or a consumer, False where unknown."""
        self.ensure_one()
        partner = self.commercial_partner_id
        registered = partner.is_company or partner.vat or partner.company_registry
        return partner.collection_legal_form or (BUSINESS if registered else False)
