from odoo import api, fields, models


class CollectionPromiseItem(models.Model):
    """An item as it stood when it was promised: the snapshot outlives the ledger line."""

    _name = "collection.promise.item"
    _description = "Promised Item"
    _order = "date_due, id"
    _log_access = False

    COLUMNS = {
        "promise_id": "int4",
        "line_id": "int4",
        "move_id": "int4",
        "move_name": "text",
        "date_due": "date",
        "currency_id": "int4",
        "amount_currency": "numeric",
        "amount": "numeric",
        "open_currency": "numeric",
        "open_amount": "numeric",
        "settled_currency": "numeric",
        "credited_currency": "numeric",
        "before_currency": "numeric",
    }

    promise_id = fields.Many2one(
        "collection.promise", required=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one("account.move.line", ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null")
    company_id = fields.Many2one(related="promise_id.company_id")
    company_currency_id = fields.Many2one(
        related="promise_id.company_id.currency_id", string="Company Currency"
    )
    move_name = fields.Char(string="Document")
    date_due = fields.Date(string="Due Date")
    currency_id = fields.Many2one("res.currency")
    amount_currency = fields.Monetary(
        string="Promised", currency_field="currency_id", help="Part of it that was promised."
    )
    amount = fields.Monetary(string="Promised (Company)", currency_field="company_currency_id")
    open_currency = fields.Monetary(
        string="Open Then", currency_field="currency_id", help="Open when it was promised."
    )
    open_amount = fields.Monetary(
        string="Open Then (Company)", currency_field="company_currency_id"
    )
    settled_currency = fields.Monetary(
        string="Paid Then", currency_field="currency_id", help="Paid when it was promised."
    )
    credited_currency = fields.Monetary(
        string="Credited Then",
        currency_field="currency_id",
        help="Credited or written off when it was promised.",
    )
    before_currency = fields.Monetary(
        string="Promised before",
        currency_field="currency_id",
        help="Part of it that earlier instalments of the same plan promised.",
    )

    # What is left of lines that were deleted since, by their invoice.
    _orphans = models.Index("(move_id) WHERE line_id IS NULL")

    @api.model
    def _insert(self, vals_list):
        """Write snapshots, of thousands of items in one statement."""
        self.env["collection.apply"]._insert_rows(self._table, self.COLUMNS, vals_list)
        self.env["collection.promise"].invalidate_model(["item_ids"])
