from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from ..models.collection_interest_note import WAIVE_REASONS


class CollectionInterestWaive(models.TransientModel):
    """The 'Waive…' dialog: for claims, or notes that are not booked yet, however many."""

    _name = "collection.interest.waive"
    _description = "Waive Interest"

    claim_ids = fields.Many2many(
        "collection.interest.claim",
        default=lambda self: self.env.context.get("active_ids", []),
    )
    note_ids = fields.Many2many("collection.interest.note")
    summary = fields.Char(compute="_compute_summary")
    reason = fields.Selection(WAIVE_REASONS, required=True)
    note = fields.Char(string="Remark")

    @api.depends("claim_ids", "note_ids")
    def _compute_summary(self):
        for waive in self:
            rows = waive.claim_ids.filtered(lambda claim: not claim.problem) or waive.note_ids
            total = sum(rows.mapped("amount_company"))
            waive.summary = self.env._(
                "%(amount)s of %(count)s",
                amount=formatLang(
                    self.env, total, currency_obj=rows.company_id[:1].currency_id or None
                ),
                count=len(rows),
            )

    def action_waive(self):
        """Waive them; claims of debts in which nothing can be claimed are left alone.

        :raises AccessError: for anybody but a credit manager
        """
        self.ensure_one()
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager waives interest."))
        if self.note_ids:
            self.note_ids._waive(self.reason, self.note)
        claims = self.claim_ids.filtered(lambda claim: not claim.problem)
        if claims:
            claims._make_notes("waived", waive_reason=self.reason, note=self.note)
        return {"type": "ir.actions.act_window_close"}
