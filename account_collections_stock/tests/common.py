from unittest.mock import patch

from odoo import Command
from odoo.addons.account_collections.models.res_partner_holds import CreditHold
from odoo.addons.account_collections.tests.common import TODAY, CollectionCommon

NOON = f"{TODAY} 12:00:00"


class DeliveryCommon(CollectionCommon):
    """A warehouse, a clerk who delivers, and orders to deliver."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls._user("picker", "stock.group_stock_user")
        cls.product = cls.env["product.product"].create(
            {"name": "Pump", "is_storable": True, "invoice_policy": "delivery", "taxes_id": []}
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["stock.warehouse"].create(
            {"name": "Depot", "code": "DEP", "company_id": cls.company.id}
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 1000
        )

    @classmethod
    def _order(cls, partner, quantity=3, price=100, **values):
        """Confirm an order and return it; its delivery is ready."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [],
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        order.picking_ids.action_assign()
        return order

    @classmethod
    def _delivery(cls, partner, **values):
        return cls._order(partner, **values).picking_ids

    @classmethod
    def _deliver(cls, picking, quantity=None, user=None):
        """Let the clerk validate a delivery, of ``quantity`` with a backorder for the rest."""
        picking = picking.with_user(user or cls.clerk)
        if quantity:
            picking.move_ids.write({"quantity": quantity, "picked": True})
        result = picking.button_validate()
        if isinstance(result, dict) and result.get("res_model"):
            wizard = cls.env[result["res_model"]].with_user(user or cls.clerk)
            wizard = wizard.with_context(**result["context"]).create({})
            wizard.process()
        return picking


class HeldCommon(DeliveryCommon):
    """The customer is held, as an add-on says that knows why: 500.00 have to be paid."""

    def setUp(self):
        super().setUp()
        partners = type(self.env["res.partner"])
        known = partners._get_collection_holds
        self.hold = CreditHold("test", "Late since January.", 500.0)

        def holds(records, company, fresh=False):
            found = known(records, company, fresh)
            for partner in records:
                if self.hold and partner == self.customer and company == self.company:
                    found[partner].append(self.hold)
            return found

        patcher = patch.object(partners, "_get_collection_holds", holds)
        patcher.start()
        self.addCleanup(patcher.stop)
