from odoo.addons.account_collections.tests.common import CollectionCommon


class TestStandingOnQuotations(CollectionCommon):
    def test_a_salesperson_sees_where_the_customer_stands(self):
        """Without rights in accounting, before anything is sold."""
        seller = self._user("seller", "sales_team.group_sale_salesman")
        self._invoice(self.customer, 1000, overdue=12)
        order = self.env["sale.order"].sudo().create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "user_id": seller.id}
        )
        self.env.invalidate_all()
        order = order.with_user(seller)
        self.assertIn("1,000.00", order.collection_standing)
        self.assertFalse(self.env["collection.case"].with_user(seller).has_access("read"))
