from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CollectionDisputeResolve(models.TransientModel):
    """The dialog that decides a dispute, for an owner who may know nothing of the books."""

    _name = "collection.dispute.resolve"
    _description = "Decide a Dispute"

    dispute_id = fields.Many2one("collection.dispute", required=True, ondelete="cascade")
    outcome = fields.Selection(
        [
            ("accepted", "Accept all of it"),
            ("partly_accepted", "Accept a part"),
            ("rejected", "Reject it"),
            ("withdrawn", "The customer withdrew it"),
        ],
        required=True,
        default="accepted",
    )
    cause_id = fields.Many2one("collection.dispute.cause", string="Root Cause")
    note = fields.Text(string="Why", help="Stands in the dispute, for everybody who sees it.")
    level_id = fields.Many2one(
        "collection.level",
        string="Dunning Resumes at",
        groups="account_collections.group_collection_user",
        help="Empty: as its reason says, else where it stood.",
    )
    line_ids = fields.One2many("collection.dispute.resolve.line", "wizard_id")

    @api.model
    def default_get(self, fields_list):
        """Start from what is disputed and the cause that is known already."""
        values = super().default_get(fields_list)
        dispute = self.env["collection.dispute"].browse(values.get("dispute_id"))
        if dispute:
            values["cause_id"] = dispute.cause_id.id
            values["line_ids"] = [
                Command.create(
                    {"dispute_line_id": line.id, "accepted_currency": line.amount_currency}
                )
                for line in dispute.line_ids
            ]
        return values

    def action_resolve(self):
        """Decide; the accountant, dunning and the figures follow.

        :raises UserError: when it was decided in the meantime
        """
        self.ensure_one()
        dispute = self.dispute_id
        if self.line_ids.dispute_line_id - dispute.line_ids:
            raise UserError(self.env._("An amount belongs to another dispute."))
        level = (
            self.level_id
            if self.env.user.has_group("account_collections.group_collection_user")
            else None
        )
        dispute._resolve(
            self.outcome,
            accepted={line.dispute_line_id: line.accepted_currency for line in self.line_ids},
            note=self.note or "",
            cause=self.cause_id,
            level=level,
        )
        return {"type": "ir.actions.act_window_close"}


class CollectionDisputeResolveLine(models.TransientModel):
    """What is accepted of one disputed amount."""

    _name = "collection.dispute.resolve.line"
    _description = "Accepted Part of a Disputed Amount"

    wizard_id = fields.Many2one("collection.dispute.resolve", required=True, ondelete="cascade")
    dispute_line_id = fields.Many2one(
        "collection.dispute.line", required=True, ondelete="cascade"
    )
    move_name = fields.Char(related="dispute_line_id.move_name")
    description = fields.Char(related="dispute_line_id.description")
    currency_id = fields.Many2one(related="dispute_line_id.currency_id")
    amount_currency = fields.Monetary(
        related="dispute_line_id.amount_currency", currency_field="currency_id"
    )
    accepted_currency = fields.Monetary(string="Accepted", currency_field="currency_id")
