from odoo import api, fields, models


class CollectionCase(models.Model):
    """What the credit insurers were told of a debtor."""

    _inherit = "collection.case"

    filing_ids = fields.One2many(
        "collection.insurance.filing", "case_id", string="Declarations", readonly=True
    )
    filing_count = fields.Integer(string="Declarations Made", compute="_compute_filings")
    insurer_name = fields.Char(
        string="Collected by", compute="_compute_filings", help="The insurer who took it over."
    )
    insurer_since = fields.Date(string="Handed Over on", compute="_compute_filings")
    is_insured = fields.Boolean(compute="_compute_filings", help="A policy covers some of it.")

    @api.depends("filing_ids.state")
    def _compute_filings(self):
        filings = self.env["collection.insurance.filing"]
        counts = dict(filings._read_group([("case_id", "in", self.ids)], ["case_id"], ["__count"]))
        taken = filings._query_taken_over(self)
        insured = {
            (exposure.company_id, exposure.partner_id)
            for exposure in self.env["collection.insurance.exposure"].search(
                [("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                 ("policy_id", "!=", False)]
            )
        }  # fmt: skip
        for case in self:
            case.filing_count = counts.get(case, 0)
            case.insurer_name, case.insurer_since = taken.get(case.id, (False, False))
            case.is_insured = (case.company_id, case.partner_id.commercial_partner_id) in insured

    @api.model
    def _get_case_references(self):
        return [*super()._get_case_references(), ("collection_insurance_filing", "case_id")]

    def action_open_filings(self):
        return self._open_related(
            "account_collections_insurance.collection_insurance_filing_action"
        )
