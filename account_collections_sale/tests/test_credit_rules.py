from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import NOON, TODAY, OrderCommon


@tagged("post_install", "-at_install")
class TestCreditRules(OrderCommon):
    """From the ledger, the case and the orders to what is held; live."""

    def test_what_the_rules_ask_about(self):
        order = self._quotation()
        case = self._case(self.customer)
        tag = self.env["res.partner.category"].create({"name": "Key account"})
        with self._at(NOON):
            self.assertEqual(self._hold(order), ("hold", 500))
            self.assertIn("$\xa0500.00 is overdue, the oldest since 02/06/2026",
                          order.with_user(self.seller).collection_hold_reason)  # fmt: skip
            # contested, it is not asked for; excluded by accounting neither
            dispute = case._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=self.late.line_ids.filtered("date_maturity"), amount=200, description="?",
            )  # fmt: skip
            self.assertEqual(self._hold(order), ("hold", 300))
            dispute.action_withdraw()
            # money that nobody has allocated counts
            self._entry(self.customer, -100)
            self.assertEqual(self._hold(order), ("hold", 400))
            # a promise that is kept open may exclude; the tag of another customer does nothing
            exclusion = self._rule("Key accounts", "exclude", category_ids=[Command.link(tag.id)])
            self.assertEqual(self._hold(order), ("hold", 400))
            self.customer.category_id = tag
            self.assertEqual(self._hold(order), (False, 0))
            exclusion.active = False
            self.rule.write({"min_days": 0, "min_rank": 30})
            self.assertEqual(self._hold(order), (False, 0))
            case.sudo().max_rank = 30
            self.assertEqual(self._hold(order), ("hold", 400))
            self.rule.write({"min_rank": 0, "case_state": "legal"})
            self.assertEqual(self._hold(order), (False, 0))
            case.with_user(self.manager).action_set_legal()
            self.assertEqual(self._hold(order), ("hold", 0), "no payment ends it")
            self.rule.action = "warn"
            self.assertEqual(self._hold(order), ("warn", 0))
            order.with_user(self.seller).action_confirm()
        self.assertEqual(order.state, "sale", "a warning holds nothing")
        # another company's ledger is another one
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(self.customer._get_collection_holds(elsewhere)[self.customer])

    def test_a_broken_promise(self):
        self.rule.write({"min_days": 0, "is_broken_promise": True})
        order = self._quotation()
        case = self._case(self.customer)
        with self._at(NOON):
            case._promise_quick(500, TODAY)
            self.assertEqual(self._hold(order), (False, 0))
        with self._at("2026-03-28 12:00:00"):
            self.env["collection.promise"].sudo()._judge(self.company, TODAY.replace(day=28))
            self.assertEqual(self._hold(order), ("hold", 500))

    def test_the_order_counts_against_the_limit(self):
        """Limit 1,000, 500 open, 300 ordered: 200 more may be ordered; in euros too."""
        self.rule.write({"min_days": 0, "limit": "internal"})
        self.customer.with_company(self.company).credit_limit = 1_000
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": 0.5, "currency_id": euro.id,
             "company_id": self.company.id}
        )  # fmt: skip
        euros = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id, "company_id": self.company.id}
        )
        with self._at(NOON):
            self._quotation(price=300).with_user(self.seller).action_confirm()
            allowed, too_much = self._quotation(price=200), self._quotation(price=201)
            self.assertEqual(self._hold(allowed), (False, 0))
            self.assertEqual(self._hold(too_much), ("hold", 1))
            self.assertIn("1,001.00 against a limit of $\xa01,000.00",
                          too_much.with_user(self.seller).collection_hold_reason)  # fmt: skip
            in_euros = self._quotation(price=150, pricelist_id=euros.id)
            self.assertEqual(in_euros.currency_id, euro)
            self.assertEqual(self._hold(in_euros), ("hold", 100), "300 in our currency")
            self.assertEqual(self._hold(self._quotation(price=5_000)), ("hold", 0))
            with self.assertRaisesRegex(UserError, "A payment of .*100.00 releases it"):
                in_euros.with_user(self.seller).action_confirm()
            self._pay(self.late, 100)
            in_euros.with_user(self.seller).action_confirm()
        self.assertEqual(in_euros.state, "sale")

    def test_who_writes_rules_and_that_they_say_something(self):
        with self._refused("at least one condition"):
            self.rule.min_days = 0
        for user in (self.seller, self.owner):
            with self.assertRaises(AccessError):
                self.rule.with_user(user).write({"active": False})
        self.rule.with_user(self.manager).active = False
        order = self._quotation()
        self.assertEqual(self._hold(order), (False, 0), "the cache of rules is fresh")

    def test_reads_next_to_nothing(self):
        """Without rules no query more for a screen of orders; with rules one, however many."""
        partners = self.env["res.partner"].create([{"name": f"No {n}"} for n in range(40)])
        orders = self.env["sale.order"].union(*(self._quotation(one) for one in partners))
        orders |= self._quotation()
        stored = {
            name
            for name, field in self.env["sale.order"]._fields.items()
            if name.startswith("collection_") and field.store
        }
        self.assertFalse(stored, "installing changes no order")

        customers = orders.partner_invoice_id

        def count():
            """Customers, company, currency and rule are on the screen, or cached."""
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            customers._get_rule_holds(self.company)
            return self.env.cr.sql_log_count - before

        with self._at(NOON):
            customers._get_rule_holds(self.company)
            self.assertEqual(count(), 1)
            self.rule.active = False
            customers._get_rule_holds(self.company)
            self.assertEqual(count(), 0)
