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

    def action_request_limit(self):
        """Open the form of a new request for a limit of the customer's legal entity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Limit Request"),
            "res_model": "collection.insurance.request",
            "view_mode": "form",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def action_open_cover_history(self):
        """Show what was owed and covered over time."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_history_action"
        )
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)]}

    def _compute_collection_decision_ids(self):
        for partner in self:
            partner.collection_decision_ids = partner.collection_buyer_ids.decision_ids
