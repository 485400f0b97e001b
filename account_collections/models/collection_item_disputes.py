from odoo import api, fields, models
from odoo.tools import SQL


class CollectionItem(models.Model):
    _inherit = "collection.item"

    disputed_currency = fields.Monetary(
        string="Disputed", currency_field="currency_id", readonly=True
    )
    disputed = fields.Monetary(
        string="Disputed (Company)", currency_field="company_currency_id", readonly=True
    )
    is_disputed = fields.Boolean(readonly=True)

    @api.model
    def _select(self):
        return SQL(
            """%s, LEAST(COALESCE(held.amount_currency, 0), GREATEST(part.amount_currency, 0))
                       AS disputed_currency,
               LEAST(COALESCE(held.amount, 0), GREATEST(part.amount, 0)) AS disputed,
               held.line_id IS NOT NULL AS is_disputed""",
            super()._select(),
        )

    @api.model
    def _joins(self):
        return SQL(
            """%s LEFT JOIN (%s) held ON held.line_id = line.id
                                    AND debtor.case_id = ANY(held.cases)""",
            super()._joins(),
            self.env["collection.dispute"]._held_sql(),
        )

    def action_dispute(self):
        """Open the dialog that opens a dispute on these items."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_dispute_open_action"
            ),
            "context": {
                "default_case_id": self.case_id[:1].id,
                "dispute_item_ids": self.line_id.ids,
            },
        }
