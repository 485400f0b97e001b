from odoo import api, fields, models
from odoo.tools import SQL


class CollectionItem(models.Model):
    """When items will probably be paid, beside them."""

    _inherit = "collection.item"

    prediction_id = fields.Many2one("collection.prediction", readonly=True)
    date_p50 = fields.Date("Expected", readonly=True)
    date_p80 = fields.Date("Expected at 80 %", readonly=True)
    risk_late = fields.Float("Risk Late", readonly=True, aggregator="avg")

    @api.model
    def _select(self):
        return SQL(
            """%s, prediction.id AS prediction_id, prediction.date_p50, prediction.date_p80,
               prediction.risk_late""",
            super()._select(),
        )

    @api.model
    def _joins(self):
        return SQL(
            "%s LEFT JOIN collection_prediction prediction ON prediction.line_id = line.id",
            super()._joins(),
        )

    def action_why_expected(self):
        """Show what the prediction rests on."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("When Will It Be Paid?"),
            "res_model": "collection.prediction",
            "res_id": self.prediction_id.id,
            "views": [(False, "form")],
            "target": "new",
        }
