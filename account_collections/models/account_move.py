from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_assigned = fields.Boolean(
        string="Assigned to a Factor",
        copy=False,
        help="The claim was sold or assigned: its new owner collects it, we do not.",
    )
    collection_deposit = fields.Boolean(
        string="Deposit or Prepayment",
        copy=False,
        help="It asks for a deposit of an order that is not delivered: it is not dunned.",
    )
    collection_situation = fields.Html(
        compute="_compute_collection_situation",
        sanitize=False,
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    @api.depends("partner_id", "move_type")
    @api.depends_context("lang")
    def _compute_collection_situation(self):
        for move in self:
            shown = move.is_sale_document(include_receipts=True) and move.state == "posted"
            partner = move.commercial_partner_id.with_context(
                allowed_company_ids=move.company_id.ids
            )
            move.collection_situation = shown and partner.collection_situation
