from odoo import Command
from odoo.addons.account_collections.tests.common import TODAY, CollectionCommon
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDownPayment(CollectionCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("sales_team.group_sale_manager")

    def test_only_the_final_invoice_is_dunned(self):
        """A down payment of 30 % is not dunned; the final invoice, which deducts it, is."""
        order = self._order()
        deposit = self._bill(order, advance_payment_method="percentage", amount=30)
        final = self._bill(order, advance_payment_method="delivered")
        with self._at("2026-03-18 06:00:00"):
            summary = self._run()
        self.assertEqual(summary["excluded_by_reason"], {"deposit": 1})
        items = self._case(self.customer).reminder_ids.item_ids
        self.assertEqual(items.move_id, final)
        self.assertEqual(items.amount, 700)
        self.assertEqual(deposit.amount_residual, 300)

    def test_invoices_from_before_are_marked(self):
        """Installing, or upgrading, finds the deposits that are there; a person's mark stands."""
        order = self._order()
        deposit = self._bill(order, advance_payment_method="percentage", amount=20)
        final = self._bill(order, advance_payment_method="delivered")
        by_hand = self._invoice(self.customer, 300, overdue=10)
        by_hand.collection_deposit = True
        moves = deposit | final | by_hand
        deposit.collection_deposit = False
        self.env["account.move"]._mark_deposits()
        self.assertEqual(moves.mapped("collection_deposit"), [True, False, True])

    def _order(self):
        product = self.env["product.product"].create(
            {"name": "Machine", "type": "service", "invoice_policy": "order", "taxes_id": []}
        )
        line = {"product_id": product.id, "price_unit": 1000, "tax_ids": []}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        return order

    def _bill(self, order, **values):
        """Invoice the order, as sent and due ten days before ``TODAY``."""
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": [Command.set(order.ids)], **values}
        )
        invoice = wizard._create_invoices(order)
        due = TODAY.replace(day=TODAY.day - 10)
        invoice.write(
            {
                "invoice_payment_term_id": False,
                "invoice_date": due,
                "invoice_date_due": due,
                "is_move_sent": True,
            }
        )
        invoice.action_post()
        return invoice
