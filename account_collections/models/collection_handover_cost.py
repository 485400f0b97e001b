from odoo import api, fields, models
from odoo.exceptions import UserError

from .collection_handover import COUNTING


class CollectionHandoverCost(models.Model):
    """What collecting costs us beside the fee."""

    _name = "collection.handover.cost"
    _description = "Cost of a Hand-Over"
    _order = "date desc, id desc"
    _check_company_auto = True

    handover_id = fields.Many2one(
        "collection.handover", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=lambda self: self.env.company._collection_today())
    kind = fields.Selection(
        [
            ("court", "Court"),
            ("bailiff", "Bailiff"),
            ("lawyer", "Lawyer"),
            ("enquiry", "Enquiry"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    amount = fields.Monetary(required=True)
    is_claimable = fields.Boolean(
        string="Claimable", help="The customer has to repay it: court costs, mostly."
    )
    move_id = fields.Many2one(
        "account.move",
        string="Vendor Bill",
        check_company=True,
        domain="[('move_type', 'in', ('in_invoice', 'in_receipt')),"
        " ('company_id', '=', company_id)]",
        index="btree_not_null",
    )
    note = fields.Char()

    _positive = models.Constraint("CHECK (amount > 0)", "A cost is more than nothing.")

    @api.model_create_multi
    def create(self, vals_list):
        costs = super().create(vals_list)
        costs._follow()
        return costs

    def write(self, vals):
        """:raises UserError: when it would move to another hand-over"""
        if "handover_id" in vals:
            raise UserError(self.env._("Delete it, and enter it anew."))
        self._check()
        result = super().write(vals)
        self._follow()
        return result

    def unlink(self):
        self._check()
        handovers = self.handover_id
        result = super().unlink()
        handovers._sum_costs()
        return result

    def _follow(self):
        self._check()
        self.handover_id._sum_costs()

    def _check(self):
        """:raises UserError: before it is handed over; bills may come long after its end"""
        for handover in self.handover_id:
            handover.case_id.check_access("write")
            if handover.state not in COUNTING:
                raise UserError(self.env._("Hand it over before you note what it costs."))


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    cost_ids = fields.One2many("collection.handover.cost", "handover_id")
    step_ids = fields.One2many("collection.handover.step", "handover_id")
    claimable = fields.Monetary(
        string="Claimable Costs", readonly=True, copy=False, help="Of the costs."
    )

    def _sum_costs(self):
        for handover in self:
            costs = handover.cost_ids
            # Sums are the product's, of costs that the user may enter.
            handover.sudo().write(
                {
                    "cost": sum(costs.mapped("amount")),
                    "claimable": sum(costs.filtered("is_claimable").mapped("amount")),
                }
            )
