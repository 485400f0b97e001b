from odoo import api, models

from .stock_move import PLACES, leads_to_customer

#: What says how much of a line a customer got.
TELLING = PLACES | {"quantity", "product_uom_id", "move_id"}


class StockMoveLine(models.Model):
    """A delivery that left does not grow afterwards while the customer is held: not by more, a
    larger unit or another destination."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "done").move_id._check_collection_holds()
        return lines

    def write(self, vals):
        if not TELLING & set(vals):
            return super().write(vals)
        before = {line: line._get_delivered() for line in self if line.state == "done"}
        result = super().write(vals)
        grown = self.filtered(
            lambda line: line in before
            and line.product_id.uom_id.compare(line._get_delivered(), before[line]) > 0
        )
        grown.move_id._check_collection_holds()
        return result

    def _get_delivered(self):
        """Return the quantity that it brings to a customer, in the product's unit."""
        self.ensure_one()
        return self.quantity_product_uom if leads_to_customer(self) else 0.0
