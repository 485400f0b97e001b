from odoo.tests import Form, tagged

from .common import DAY, TODAY, InsuredDeliveryCommon


@tagged("post_install", "-at_install")
class TestUnbilled(InsuredDeliveryCommon):
    """What is delivered and not invoiced is exposed, and what is ordered where the policy says."""

    def test_from_the_order_to_the_invoice(self):
        """600.00 are open, 300.00 delivered, 500.00 ordered, within a limit of 1,000.00."""
        self._invoice(self.customer, 600, overdue=10)
        order = self._sell(self.customer)
        ordered = self._sell(self.customer, quantity=5, delivered=0)
        self.assertEqual(self._figures(self.customer), (900, 300, 900, 100))
        lines = self.env["collection.insurance.cover"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(lines.mapped("amount"), [600], "items are those of the ledger")

        self.policy.count_orders = True
        self.assertEqual(self._figures(self.customer), (1400, 800, 1000, -400))
        # half of what was ordered leaves: the sum is the same
        with self._at(f"{TODAY} 15:00:00"):
            self._deliver(ordered.picking_ids, 2)
        self.assertEqual(self._figures(self.customer), (1400, 800, 1000, -400))
        self.policy.count_orders = False
        self.assertEqual(self._figures(self.customer), (1100, 500, 1000, -100))

        draft = self._bill(order, post=False)
        self.assertEqual(self._figures(self.customer)[1], 500, "a draft is no invoice")
        draft.action_post()
        self.assertEqual(self._figures(self.customer), (1100, 200, 1000, -100))
        # what comes back is not owed
        with self._at(f"{TODAY} 16:00:00"):
            delivery = ordered.picking_ids.filtered(lambda one: one.state == "done")
            form = Form(
                self.env["stock.return.picking"].with_context(
                    active_id=delivery.id, active_ids=delivery.ids, active_model="stock.picking"
                )
            )
            wizard = form.save()
            wizard.product_return_moves.write({"quantity": 2, "to_refund": True})
            back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
            back.move_ids.write({"quantity": 2, "picked": True})
            back.button_validate()
        self.assertEqual(self._figures(self.customer), (900, 0, 900, 100))

    def test_who_owes_nothing_else_and_who_is_billed(self):
        """A customer with deliveries alone has an exposure; it is the one who will be billed."""
        self._sell(self.other_customer, partner_invoice_id=self.customer.id)
        self._sell(self.other_customer, delivered=0)  # ordered alone, which does not count
        self.assertEqual(self._figures(self.customer), (300, 300, 300, 700))
        self.assertFalse(self._exposure(self.other_customer))
        computed = self.env["collection.insurance.exposure"]
        with self._at(f"{TODAY} 13:00:00"):
            self.assertFalse(computed._refresh(self.company), "nothing changed")

    def test_currency_units_and_as_of_a_day(self):
        """A dozen at 1,200.00 EUR, 2 EUR to the dollar; six are delivered, invoiced next day."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id, "company_id": self.company.id}
        )
        with self._at(f"{TODAY} 10:00:00"):
            order = self._order(self.customer, 1, 1200, pricelist_id=pricelist.id)
            order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
            order.order_line.price_unit = 1200
            order.picking_ids.action_assign()
            self._deliver(order.picking_ids, 6)
            self.env.flush_all()
        self.assertEqual(self._figures(self.customer), (300, 300, 300, 700))
        invoice = self._bill(order, TODAY + DAY)
        self.assertEqual(invoice.amount_total, 600)
        self.assertEqual(self._figures(self.customer, TODAY + DAY), (300, 0, 300, 700))
        as_of = self.env["collection.insurance.exposure"]._get_covers_as_of
        found = {
            offset: [(one.exposure, one.item.stage) for one in as_of(
                self.company, TODAY + offset * DAY).values()]
            for offset in (-1, 0, 1)
        }  # fmt: skip
        self.assertEqual(found, {-1: [], 0: [(300, "delivered")], 1: [(300, "billed")]})
        day = self.env["collection.insurance.day"].create(
            {"company_id": self.company.id, "date": TODAY}
        )
        [line] = self.env["collection.insurance.day.line"].search(day.action_show()["domain"])
        self.assertEqual((line.amount, line.line_id.ids), (300, []))
        self.assertEqual(line.action_open_document()["res_model"], "res.partner")

    def test_invoiced_late_and_past_no_deadline(self):
        """Delivered 40 days ago: no cover where it had to be invoiced within 30, and no overdue."""
        self.policy.term_ids.write({"invoicing_days": 30, "credit_days": 20})
        self._sell(self.customer, TODAY - 100 * DAY)
        self.assertEqual(self._figures(self.customer), (300, 300, 0, 700))
        self.assertFalse(self._exposure(self.customer).date_stopped)
        self.policy.term_ids.invoicing_days = 0
        self.assertEqual(self._figures(self.customer)[2], 300)
