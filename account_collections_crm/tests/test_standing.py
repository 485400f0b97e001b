from odoo.addons.account_collections.tests.common import CollectionCommon


class TestStandingOnOpportunities(CollectionCommon):
    def test_a_salesperson_sees_where_the_customer_stands(self):
        """In one query for all opportunities of a screen, without rights in accounting."""
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        self._invoice(self.customer, 1000, overdue=12)
        leads = self.env["crm.lead"].sudo().create(
            [
                {"name": "New machine", "partner_id": partner.id, "user_id": seller.id}
                for partner in (self.customer, self.other_customer)
            ]
        )
        self.env.invalidate_all()
        mine, other = leads.with_user(seller)
        self.assertIn("1,000.00", mine.collection_standing)
        self.assertFalse(other.collection_standing)
        self.assertFalse(self.env["collection.case"].with_user(seller).has_access("read"))
