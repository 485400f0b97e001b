from odoo import api, fields, models

AGENCY, LAWYER, BAILIFF, COURT, LEGAL = "agency", "lawyer", "bailiff", "court", "legal"

KINDS = [
    (AGENCY, "Collection agency"),
    (LAWYER, "Lawyer"),
    (BAILIFF, "Bailiff"),
    (COURT, "Court (order for payment)"),
    (LEGAL, "Legal department"),
]


class CollectionAgency(models.Model):
    """To whom cases are handed over, and on which conditions."""

    _name = "collection.agency"
    _description = "Agency, Lawyer or Bailiff"
    _order = "sequence, id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for all companies.", index="btree_not_null"
    )
    kind = fields.Selection(KINDS, required=True, default=AGENCY)
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    our_reference = fields.Char(string="Our Number There", help="Under which they know us.")
    fee_percent = fields.Float(string="Fee (%)", help="Of what is recovered.")
    fee_fixed = fields.Float(string="Fee per Case", help="Company currency, whatever comes in.")
    is_shown = fields.Boolean(
        string="Named to Customers",
        default=True,
        help="Customers read on their account page whom to contact.",
    )
    note = fields.Text()

    _fees = models.Constraint(
        "CHECK (fee_percent BETWEEN 0 AND 100 AND fee_fixed >= 0)",
        "A fee lies between 0 and 100 %, and is no negative amount.",
    )

    @api.depends("partner_id.display_name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for agency in self:
            agency.display_name = agency.partner_id.display_name

    @api.model
    def _search_display_name(self, operator, value):
        return [("partner_id", operator, value)]
