from odoo import api, fields, models


class CollectionCase(models.Model):
    """Late-payment interest that a customer may be asked for, by the last run."""

    _inherit = "collection.case"

    interest_claimable = fields.Monetary(
        string="Interest to Claim",
        readonly=True,
        copy=False,
        help="Late-payment interest and compensation that are neither booked nor waived.",
    )
    interest_claim_ids = fields.One2many("collection.interest.claim", "case_id", readonly=True)
    interest_note_ids = fields.One2many("collection.interest.note", "case_id", readonly=True)
    interest_note_count = fields.Integer(compute="_compute_interest_note_count")

    @api.depends("interest_note_ids")
    def _compute_interest_note_count(self):
        counts = dict(
            self.env["collection.interest.note"]._read_group(
                [("case_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["case_id"],
                ["__count"],
            )
        )
        for case in self:
            case.interest_note_count = counts.get(case, 0)

    def action_open_interest(self):
        return self._open_related("account_collections.collection_interest_claim_action")

    def action_open_interest_notes(self):
        return self._open_related("account_collections.collection_interest_note_action")

    def _get_interest_to_tell(self, as_of):
        """Return what a statement of ``as_of`` says of interest, company currency: 0.0 nothing."""
        self.ensure_one()
        company = self.company_id
        if not company.collection_interest_on_statement or as_of < company._collection_today():
            return 0.0
        return self.interest_claimable

    @api.model
    def _get_case_references(self):
        return [
            *super()._get_case_references(),
            ("collection_interest_claim", "case_id"),
            ("collection_interest_note", "case_id"),
        ]
