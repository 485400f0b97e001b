"""A company that also sells and delivers goods, from inside Odoo with Sales and Inventory."""

import base64
import io

from odoo import Command
from PIL import Image


def deliver_and_invoice(env, name, due):
    """Goods for 100.00 are ordered, delivered against a signature, and invoiced.

    :return: number of the invoice, of its order and of the delivery
    """
    quiet = env(context={**env.context, "tracking_disable": True})
    customer = quiet["res.partner"].search([("name", "=", name)])
    goods = quiet["product.product"].create(
        {"name": "Goods", "type": "consu", "taxes_id": [Command.clear()]}
    )
    order = quiet["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [Command.create({"product_id": goods.id, "price_unit": 100})],
        }
    )
    order.action_confirm()
    delivery = order.picking_ids
    delivery.move_ids.write({"quantity": 1, "picked": True})
    delivery.button_validate()
    delivery.signature = _scribble()
    invoice = order._create_invoices()
    invoice.write({"invoice_date": due, "invoice_payment_term_id": False})
    invoice.invoice_date_due = due
    invoice.is_move_sent = True
    invoice.action_post()
    return [invoice.name, order.name, delivery.name]


def _scribble():
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(picture, "PNG")
    return base64.b64encode(picture.getvalue())
