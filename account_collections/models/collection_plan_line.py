from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionPlanLine(models.Model):
    """An instalment: a day and an amount; once the plan is accepted, a promise."""

    _name = "collection.plan.line"
    _description = "Instalment"
    _order = "date, id"

    plan_id = fields.Many2one("collection.plan", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="plan_id.company_id")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    promise_id = fields.Many2one(
        "collection.promise", readonly=True, copy=False, ondelete="set null"
    )
    check_date = fields.Date(related="promise_id.check_date")
    received = fields.Monetary(related="promise_id.received")
    promise_state = fields.Selection(related="promise_id.state", string="State")

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "An instalment is of an amount above zero."
    )
    _day_unique = models.UniqueIndex(
        "(plan_id, date)", "Two instalments of a plan cannot be due on the same day."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_of_draft(self):
        self._check_draft()

    def _check_draft(self):
        """Instalments are arranged while the plan is a draft; a change needs a new approval.

        :raises UserError: afterwards
        """
        if self.env.su:
            return
        if any(plan.state != "draft" for plan in self.plan_id):
            raise UserError(
                self.env._("Only the draft of a plan can be changed: renegotiate it instead.")
            )
        # The approval was of other instalments; it is a protected field.
        self.plan_id.sudo().write({"approved_by_id": False, "approval_asked": False})
