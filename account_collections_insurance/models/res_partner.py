from odoo import api, fields, models

READERS = "account_collections.group_collection_readonly,account_collections.group_collection_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_buyer_ids = fields.Many2many(
        "collection.insurance.buyer",
        string="Credit Insurance",
        readonly=True,
        groups=READERS,
        help="The customer as its insurers know it, a line for each policy.",
    )
    collection_decision_ids = fields.One2many(
        "collection.insurance.decision",
        string="Decisions of Insurers",
        compute="_compute_collection_decision_ids",
        groups=READERS,
    )

    collection_exposure_ids = fields.One2many(
        "collection.insurance.exposure",
        "partner_id",
        string="Cover of What Is Open",
        readonly=True,
        groups=READERS,
    )

    collection_hold_reason = fields.Text(compute="_compute_collection_hold_reason", groups=READERS)

    @api.depends_context("company", "lang")
    def _compute_collection_hold_reason(self):
        for partner in self:
            partner.collection_hold_reason = partner._get_collection_hold_reason(self.env.company)

    def _compute_collection_decision_ids(self):
        for partner in self:
            partner.collection_decision_ids = partner.collection_buyer_ids.decision_ids
