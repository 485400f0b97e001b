from odoo import api, fields, models


class CollectionCase(models.Model):
    """What of its debts is given up or doubted."""

    _inherit = "collection.case"

    loss_ids = fields.One2many("collection.loss", "case_id", readonly=True)
    loss_count = fields.Integer(compute="_compute_loss_count")

    @api.depends("loss_ids")
    def _compute_loss_count(self):
        counts = dict(
            self.env["collection.loss"]._read_group(
                [("case_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["case_id"],
                ["__count"],
            )
        )
        for case in self:
            case.loss_count = counts.get(case, 0)

    def action_open_losses(self):
        return self._open_related("account_collections.collection_loss_action")

    @api.model
    def _get_case_references(self):
        return [*super()._get_case_references(), ("collection_loss", "case_id")]
