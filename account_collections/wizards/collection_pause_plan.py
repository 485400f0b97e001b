from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import promises


class CollectionPause(models.TransientModel):
    """An instalment plan: how many, how often, from when; its draft opens to be arranged."""

    _inherit = "collection.pause"

    plan_count = fields.Integer(
        string="Instalments", default=3, help="With the first payment, if there is one."
    )
    plan_every = fields.Selection(
        [(promises.MONTHLY, "Month"), (promises.WEEKLY, "Week")],
        string="Every",
        default=promises.MONTHLY,
    )
    plan_first = fields.Date(string="First on", default=lambda self: self._default_date_promised())
    plan_first_payment = fields.Monetary(
        string="First Payment", help="Amount of the first instalment; 0 makes all of them equal."
    )

    @api.model
    def _get_kinds(self):
        kinds = super()._get_kinds()
        place = [code for code, _label in kinds].index("paid")
        return [*kinds[:place], ("plan", self.env._("Instalment plan")), *kinds[place:]]

    def _apply_plan(self):
        """Draft the plan, and open it."""
        if len(self.case_ids) != 1:
            raise UserError(self.env._("A plan is of one customer: these items are of several."))
        if not self.plan_first:
            raise UserError(self.env._("When is the first instalment due?"))
        plan = self.env["collection.plan"]._make(
            self.case_ids,
            self.item_ids or None,
            {
                "count": self.plan_count,
                "first": self.plan_first,
                "every": self.plan_every,
                "first_payment": self.plan_first_payment,
            },
            user_id=self.user_id.id,
            note=self.note,
            **({"contact_id": self.contact_id.id} if self.contact_id else {}),
        )
        return {**plan.get_formview_action(), "target": "current"}
