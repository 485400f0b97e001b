from re import search
from unittest import SkipTest

from odoo import Command
from odoo.tests import tagged

try:
    from odoo.addons.account_collections_portal.tests.payment_common import PaymentCommon
except ImportError:  # the account page is another add-on
    PaymentCommon = None


@tagged("post_install", "-at_install")
class TestPaidOnline(PaymentCommon or object):
    """Held order → payment link → paid with Odoo's demo provider → released → delivered.

    The seller works in a browser, and so does the customer.
    """

    @classmethod
    def setUpClass(cls):
        if PaymentCommon is None:
            raise SkipTest("There is no account page.")
        super().setUpClass()
        if "stock.picking" not in cls.env:
            raise SkipTest("There is no Inventory.")
        cls.seller = cls._user(
            "seller", "sales_team.group_sale_salesman_all_leads,stock.group_stock_user"
        )
        cls.env["collection.credit.rule"].search([]).active = False
        cls.rule = cls.env["collection.credit.rule"].create(
            {"name": "Overdue", "action": "both", "company_id": cls.company.id, "min_overdue": 1}
        )
        product = cls.env["product.product"].create(
            {"name": "Pump", "is_storable": True, "taxes_id": [], "list_price": 300}
        )
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["stock.warehouse"].create(
            {"name": "Depot", "code": "DEP", "company_id": cls.company.id}
        )
        cls.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 10)
        cls.order = cls.env["sale.order"].sudo().create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "warehouse_id": warehouse.id,
                "user_id": cls.seller.id,
                "order_line": [Command.create({"product_id": product.id, "tax_ids": []})],
            }
        )

    def _tour(self, name):
        self.env.flush_all()
        url = f"/odoo/action-sale.action_quotations/{self.order.id}"
        self.start_tour(url, name, login="seller")
        self.env.invalidate_all()

    def test_from_held_to_delivered(self):
        self._tour("account_collections_sale_held")
        release = self.env["collection.order.release"].search([("order_id", "=", self.order.id)])
        self.assertEqual((self.order.state, release.state), ("draft", "asked"))
        mail = self.order.message_ids.filtered(lambda one: "Pay now" in one.body)
        self.assertEqual(mail.partner_ids, self.customer)
        link = search(r'href="([^"]*/letter/[^"]*)"', mail.body).group(1)

        self._leave()
        self._open()
        self._paid(self.first, self.second)
        self.env.invalidate_all()
        self.assertEqual((release.state, self.order.state), ("asked", "draft"), "paid in part")
        self._leave()
        self.third.name = "HELD/2026/3"
        address = link.removeprefix(self.case.get_base_url())
        self.assertNotIn(self.third.name, self.url_open(address).text, "the link opens nothing")
        self._leave()
        self.env.flush_all()
        self.start_tour(address, "account_collections_sale_paid", login=None)
        self.env.invalidate_all()
        self.assertEqual(release.state, "paid")
        self.assertEqual(self.order.activity_ids.user_id, self.seller)

        self._tour("account_collections_sale_delivered")
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.order.picking_ids.state, "done")
