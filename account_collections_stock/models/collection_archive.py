from odoo import api, models


class CollectionArchive(models.AbstractModel):
    """The slips of what was delivered for the invoices: ``deliveries/`` in the file."""

    _inherit = "collection.archive"

    @api.model
    def _get_documents(self, moves):
        yield from super()._get_documents(moves)
        clean = self.env["collection.pack"]._clean
        orders = moves.invoice_line_ids.sale_line_ids.order_id
        for picking in orders.picking_ids.filtered(
            lambda one: one.state == "done" and one.picking_type_code == "outgoing"
        ):
            if content := self._print("stock.action_report_delivery", picking):
                yield f"deliveries/{clean(picking.name)}-{picking.id}.pdf", content
