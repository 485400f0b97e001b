from odoo import api, fields, models
from odoo.tools import SQL


class CollectionItem(models.Model):
    _inherit = "collection.item"

    promised_until = fields.Date(readonly=True, help="Day for which it is promised.")

    @api.model
    def _select(self):
        return SQL("%s, promised.until AS promised_until", super()._select())

    @api.model
    def _joins(self):
        return SQL(
            """%s
            LEFT JOIN LATERAL (
                SELECT MAX(promise.date) AS until
                  FROM collection_promise_item part
                  JOIN collection_promise promise ON promise.id = part.promise_id
                 WHERE part.line_id = line.id AND part.amount_currency > 0
                   AND promise.state = 'open'
            ) promised ON TRUE""",
            super()._joins(),
        )
