from odoo import api, models
from odoo.tools import SQL


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    # EXTENDS 'account_collections'
    @api.model
    def _get_item_marks(self):
        """An invoice with nothing but down payments of orders is a deposit.

        The final invoice deducts its down payments: it has other lines too, and is dunned.
        """
        marks = super()._get_item_marks()
        marks["deposit"] = SQL(
            """(%s OR EXISTS (
                SELECT FROM account_move_line product
                       LEFT JOIN sale_order_line_invoice_rel link
                              ON link.invoice_line_id = product.id
                       LEFT JOIN sale_order_line sold ON sold.id = link.order_line_id
                 WHERE product.move_id = move.id AND product.display_type = 'product'
                HAVING COUNT(*) > 0
                   AND BOOL_AND(sold.is_downpayment IS TRUE AND product.balance < 0)))""",
            marks["deposit"],
        )
        return marks
