from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    # Stored: a run reads one column of each open invoice, not the order lines behind it.
    collection_deposit = fields.Boolean(
        compute="_compute_collection_deposit", store=True, readonly=False
    )

    @api.depends(
        "invoice_line_ids.balance",
        "invoice_line_ids.display_type",
        "invoice_line_ids.sale_line_ids.is_downpayment",
    )
    def _compute_collection_deposit(self):
        """An invoice with nothing but down payments of orders is a deposit.

        The final invoice deducts its down payments: it has other lines too, and is dunned.
        What a person says of an invoice without orders stands.
        """
        for move in self:
            products = move.invoice_line_ids.filtered(lambda one: one.display_type == "product")
            if not products.sale_line_ids:
                move.collection_deposit = move.collection_deposit
                continue
            move.collection_deposit = all(
                line.balance < 0 and line.sale_line_ids[:1].is_downpayment for line in products
            )

    @api.model
    def _mark_deposits(self):
        """Mark the invoices that were there before this add-on, in one statement."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move move
                   SET collection_deposit = TRUE
                  FROM (SELECT product.move_id
                          FROM account_move_line product
                     LEFT JOIN sale_order_line_invoice_rel link
                            ON link.invoice_line_id = product.id
                     LEFT JOIN sale_order_line sold ON sold.id = link.order_line_id
                         WHERE product.display_type = 'product'
                           AND product.move_id IN (
                               SELECT down.move_id
                                 FROM sale_order_line asked
                                 JOIN sale_order_line_invoice_rel billed
                                   ON billed.order_line_id = asked.id
                                 JOIN account_move_line down ON down.id = billed.invoice_line_id
                                WHERE asked.is_downpayment)
                      GROUP BY product.move_id
                        HAVING BOOL_AND(sold.is_downpayment IS TRUE AND product.balance < 0)
                       ) deposit
                 WHERE move.id = deposit.move_id AND move.collection_deposit IS NOT TRUE
                """
            )
        )
        self.invalidate_model(["collection_deposit"])
