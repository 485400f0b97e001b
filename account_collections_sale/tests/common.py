from odoo import Command
from odoo.addons.account_collections.tests.common import TODAY, CollectionCommon

NOON = f"{TODAY} 12:00:00"


class OrderCommon(CollectionCommon):
    """A salesperson, and a customer whom a rule holds: 500.00 overdue for 40 days."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.product = cls.env["product.product"].create(
            {
                "name": "Pump", "type": "service", "invoice_policy": "order", "taxes_id": [],
                "list_price": 300,
            }  # fmt: skip
        )
        cls.env["collection.credit.rule"].search([]).active = False
        cls.rule = cls._rule("Overdue for 30 days", "orders", min_days=30)
        cls.late = cls._invoice(cls.customer, 500, overdue=40)
        cls._sync_cases()

    @classmethod
    def _rule(cls, name, action, **conditions):
        return cls.env["collection.credit.rule"].create(
            {"name": name, "action": action, "company_id": cls.company.id, **conditions}
        )

    @classmethod
    def _quotation(cls, partner=None, price=300, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "user_id": cls.seller.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.product.id, "price_unit": price, "tax_ids": []}
                    )
                ],
                **values,
            }
        )

    def _hold(self, order, user=None):
        """Return what a salesperson sees of the hold: (kind, payment that releases it)."""
        self.env.flush_all()
        self.env.invalidate_all()
        seen = order.with_user(user or self.seller)
        return seen.collection_hold, seen.collection_release_amount
