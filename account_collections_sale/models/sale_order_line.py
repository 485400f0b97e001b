from odoo import api, models

#: What may make an order larger.
GROWING = {"product_uom_qty", "price_unit", "discount", "tax_ids", "product_id", "product_uom_id"}


class SaleOrderLine(models.Model):
    """An order that was confirmed does not grow afterwards while the customer is held.

    What Odoo adds with all rights, such as expenses to bill again, is owed already.
    """

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            grown = lines.filtered(lambda line: line.state == "sale" and line.price_total > 0)
            grown.order_id._check_collection_holds()
        return lines

    def write(self, vals):
        if self.env.su or not GROWING & set(vals):
            return super().write(vals)
        confirmed = self.order_id.filtered(lambda order: order.state == "sale")
        before = {order: order.amount_total for order in confirmed}
        result = super().write(vals)
        confirmed.filtered(
            lambda order: order.currency_id.compare_amounts(order.amount_total, before[order]) > 0
        )._check_collection_holds()
        return result
