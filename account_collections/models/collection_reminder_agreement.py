from odoo import api, fields, models
from odoo.exceptions import UserError

from .collection_plan import AGREEMENT


class CollectionReminder(models.Model):
    """The agreement on instalments leaves as reminders do: claimed, asked again, recorded."""

    _inherit = "collection.reminder"

    kind = fields.Selection(
        selection_add=[(AGREEMENT, "Instalment agreement")], ondelete={AGREEMENT: "cascade"}
    )
    plan_id = fields.Many2one(
        "collection.plan", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )

    def _set_state(self, state, **values):
        """What is not proposed to the customer goes back to be arranged."""
        result = super()._set_state(state, **values)
        ended = state in ("withdrawn", "cancelled")
        # Whoever may withdraw the agreement need not be the one who proposed the plan.
        plans = self.sudo().plan_id.filtered(lambda plan: ended and plan.state == "proposed")
        if plans:
            plans._set_state("draft", proposed_on=False)
        return result


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _ask_again(self, reminder):
        if reminder.kind == AGREEMENT:
            return self._ask_agreement_again(reminder)
        return super()._ask_again(reminder)

    @api.model
    def _ask_agreement_again(self, reminder):
        """A person decided it, no scenario: only what it proposes still has to be owed."""
        plan = reminder.plan_id
        if plan.state != "proposed":
            reminder._cancel("no_longer_called")
            return False
        try:
            plan._check_debt(plan._get_open_items())
        except UserError as problem:
            reminder._set_state("failed", failure=str(problem)[:500])
            self.env["collection.evidence"]._record(reminder, "failed", {"why": str(problem)[:500]})
            return False
        return True
