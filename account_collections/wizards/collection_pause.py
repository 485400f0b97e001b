from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_hold import HOLD_REASONS

DEFAULT_DAYS = 7


class CollectionPause(models.TransientModel):
    """'Pause…': the one way to say why a customer, or a part of what it owes, is left alone.

    What happened is a kind. To add one: extend :meth:`_get_kinds`, add its fields, show them in
    the form where ``kind`` is yours, and write ``_apply_<kind>(self)``, which writes down what the
    form says, raises ``UserError`` when it cannot be, and may return an action to open next.
    """

    _name = "collection.pause"
    _description = "Pause Collection Cases"

    kind = fields.Selection(
        lambda self: self._get_kinds(), string="What Happened", required=True, default="other"
    )
    case_ids = fields.Many2many(
        "collection.case", required=True, default=lambda self: self._default_cases()
    )
    case_id = fields.Many2one("collection.case", "The Case", compute="_compute_case_id")
    item_ids = fields.Many2many(
        "collection.item",
        "collection_pause_item_rel",
        string="Items",
        default=lambda self: self._default_items(),
        domain="[('case_id', 'in', case_ids), ('is_credit', '=', False)]",
        help="Left empty: everything that is overdue.",
    )
    note = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Who hears of it when it ends.",
    )
    reason = fields.Selection(HOLD_REASONS)
    date_end = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=DEFAULT_DAYS),
    )

    @api.model
    def _get_kinds(self):
        """Return the kinds as a selection, in the order in which the form offers them."""
        return [
            ("paid", self.env._("Paid already, says the customer")),
            ("other", self.env._("Something else")),
        ]

    def _default_cases(self):
        """The cases, or those of the items, from which the form was opened."""
        if self.env.context.get("active_model") == "collection.item":
            return self._default_items().case_id
        return self.env["collection.case"].browse(self.env.context.get("active_ids", []))

    def _default_items(self):
        is_from_items = self.env.context.get("active_model") == "collection.item"
        ids = self.env.context.get("active_ids", []) if is_from_items else []
        return self.env["collection.item"].search([("id", "in", ids)])

    @api.depends("case_ids")
    def _compute_case_id(self):
        """The one case that the form is about, none when there are several."""
        for pause in self:
            pause.case_id = pause.case_ids if len(pause.case_ids) == 1 else False

    # === APPLY === #

    def action_pause(self):
        """Write down what happened, and decide again on the cases at once."""
        self.ensure_one()
        self.case_ids.check_access("write")
        self.user_id._check_at_work()
        action = getattr(self, f"_apply_{self.kind}")()
        self.case_ids._decide_again()
        return action or {"type": "ir.actions.act_window_close"}

    def _apply_other(self):
        if not self.reason:
            raise UserError(self.env._("Choose why dunning waits."))
        self._hold(self.reason)

    def _apply_paid(self):
        """Leave the customer alone until the money should be seen; then its owner looks."""
        self._hold("paid")

    def _hold(self, reason):
        """Pause the cases; what waited to leave is asked again at departure and held."""
        self.env["collection.hold"].create(
            [
                {
                    "case_id": case.id,
                    "reason": reason,
                    "note": self.note,
                    "user_id": self.user_id.id,
                    "date_end": self.date_end,
                }
                for case in self.case_ids
            ]
        )
