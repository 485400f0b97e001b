from odoo.addons.account_collections_insurance.tests.common import DAY, TODAY, InsuranceCommon
from odoo.addons.account_collections_stock.tests.common import DeliveryCommon


class InsuredDeliveryCommon(DeliveryCommon, InsuranceCommon):
    """A buyer with a limit, and a warehouse that delivers to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.company_registry = False  # one legal entity each
        cls.buyer = cls._buyer(cls.customer, insurer_ref="AT-77")
        cls._decide(cls.buyer, "full", 1000)

    @classmethod
    def _refresh(cls, day=TODAY):
        with cls._at(f"{day} 12:00:00"):
            cls.env["collection.insurance.exposure"]._refresh(cls.company)

    def _exposure(self, partner):
        return self.env["collection.insurance.exposure"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def _figures(self, partner, day=TODAY):
        self._refresh(day)
        one = self._exposure(partner)
        return one.amount, one.unbilled, one.covered, one.headroom

    @classmethod
    def _sell(cls, partner, day=TODAY, quantity=3, delivered=None, **values):
        """Confirm an order and deliver it, or a part of it, on a day; return the order."""
        with cls._at(f"{day} 10:00:00"):
            order = cls._order(partner, quantity, **values)
            if delivered != 0:
                cls._deliver(order.picking_ids, delivered)
            cls.env.flush_all()
        return order

    @classmethod
    def _bill(cls, order, day=TODAY, post=True):
        with cls._at(f"{day} 11:00:00"):
            invoice = order._create_invoices()
            invoice.invoice_date = day
            if post:
                invoice.action_post()
            cls.env.flush_all()
        return invoice


__all__ = ["DAY", "TODAY", "InsuredDeliveryCommon"]
