from odoo import fields, models


class CollectionUndertaking(models.AbstractModel):
    """What a customer undertook to pay: a promise, or a plan of several. Somebody follows it."""

    _name = "collection.undertaking"
    _description = "Undertaking of a Customer"
    _inherit = "collection.stateful"

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="case_id.partner_id", string="Customer", store=True, index=True
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    amount_company = fields.Monetary(
        string="Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    def write(self, vals):
        """:raises UserError: when it is given to somebody who cannot follow it"""
        result = super().write(vals)
        if vals.get("user_id"):
            self.user_id._check_at_work()
        return result

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()
