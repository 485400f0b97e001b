from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from ..models.collection_loss import KINDS, REASONS


class CollectionLossOpen(models.TransientModel):
    """The 'Write Off…' dialog of open items, however many."""

    _name = "collection.loss.open"
    _description = "Propose a Loss"

    item_ids = fields.Many2many(
        "collection.item", default=lambda self: self.env.context.get("active_ids", [])
    )
    summary = fields.Char(compute="_compute_summary")
    kind = fields.Selection(KINDS, required=True, default="small")
    reason = fields.Selection(REASONS, required=True, default="difference")
    note = fields.Char(string="Remark")

    @api.depends("item_ids")
    def _compute_summary(self):
        for wizard in self:
            items = wizard.item_ids
            wizard.summary = self.env._(
                "%(amount)s of %(count)s items",
                amount=formatLang(
                    self.env,
                    sum(items.mapped("amount")),
                    currency_obj=items.company_currency_id[:1] or None,
                ),
                count=len(items),
            )

    def action_propose(self):
        """Propose them: a credit manager approves, an accountant books.

        :raises AccessError: for anybody but a collector
        """
        self.ensure_one()
        if not self.env.user.has_group("account_collections.group_collection_user"):
            raise AccessError(self.env._("A collector proposes losses."))
        losses = self.env["collection.loss"]._make(
            self.item_ids, self.kind, self.reason, note=self.note
        )
        return losses._open()
