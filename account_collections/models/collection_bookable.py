from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class CollectionBookable(models.AbstractModel):
    """What is drafted from the ledger, approved by a credit manager, booked by an accountant.

    It is never made or moved by hand: states have one transition, whose allowed sources stand in
    ``_transitions``, and each is proved in the customer's case as ``<_event_prefix>_<state>``.
    """

    _name = "collection.bookable"
    _description = "Drafted, Approved, Booked"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "id desc"

    #: {target state: states it may come from}
    _transitions = {}
    #: What people write, and in which states.
    _editable = frozenset({"date", "note"})
    _editable_states = frozenset({"draft"})
    _event_prefix = _action_xmlid = None

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="case_id.user_id", string="Owner")
    date = fields.Date(required=True, help="Of the entry.")
    note = fields.Text(string="Remark")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: when it is made by hand"""
        if not self.env.su:
            raise UserError(self.env._("It is drafted from the ledger, not made by hand."))
        return super().create(vals_list)

    def write(self, vals):
        """:raises UserError: when more is written than may be, or too late"""
        if not self.env.su and not self._may_write(vals):
            raise UserError(self.env._("It is not changed by hand any more: use the buttons."))
        return super().write(vals)

    def _may_write(self, vals):
        """Return whether people may write that, as these stand."""
        states = set(self.mapped("state"))
        return set(vals) <= self._editable and states <= self._editable_states

    # === STATES === #

    def _set_state(self, state, **values):
        """Move them to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        # Of two who decide at once the second is refused, or sees what the first decided.
        self._lock()
        self._check_transition(state, self._transitions[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})
        for record in self:
            self.env["collection.evidence"]._record(
                record.case_id, f"{self._event_prefix}_{state}", record._get_proof()
            )

    def _get_proof(self):
        """Return the facts that prove a decision on it."""
        raise NotImplementedError

    def _check_manager(self):
        """:raises AccessError: for anybody but a credit manager"""
        self.check_access("write")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager decides on it."))

    def _check_unlocked(self, journal, has_tax=False):
        """:raises UserError: the accounting of its day is closed"""
        self.ensure_one()
        locks = self.company_id._get_violated_lock_dates(self.date, has_tax, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The accounting of %(date)s is locked until %(lock)s: change the day.",
                    date=format_date(self.env, self.date),
                    lock=format_date(self.env, locks[-1][0]),
                )
            )

    # === ACTIONS === #

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def _open(self):
        """Return the action that shows these."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(self._action_xmlid)
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}
