from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestBranches(CollectionCommon):
    """Centrally or branch by branch, as the company decides and a customer may differ."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls._branch("North")
        cls.south = cls._branch("South", email=False)

    @classmethod
    def _branch(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "parent_id": cls.customer.id,
                "type": "delivery",
                "email": f"{name.lower()}@customer.example",
                **values,
            }
        )

    def _amounts(self, partner):
        self.env.invalidate_all()
        items = self.env["collection.item"].search([("case_id", "=", self._case(partner).id)])
        return sorted(items.mapped("amount"))

    def test_centrally_by_default(self):
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.customer).amount, 170)
        self.assertFalse(self._case(self.north))

    def test_each_branch_by_itself(self):
        self.company.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 70, overdue=10)
        self._invoice(self.customer, 60, overdue=10)
        self._morning()
        for partner, amount in ((self.north, 100), (self.south, 70), (self.customer, 60)):
            self.assertEqual(self._reminder(partner).amount, amount)

    def test_a_customer_differs_from_the_company(self):
        self.company.collection_split = "branch"
        self.customer.collection_split = "central"
        self._invoice(self.north, 100, overdue=10)
        self._sync_cases()
        self.assertEqual(self._amounts(self.customer), [100])

    def _defects(self, partner):
        self.env.invalidate_all()
        found = self.env["collection.defect"].search([("partner_id", "=", partner.id)])
        return {defect.kind: defect.contact_names for defect in found}

    def test_what_is_to_be_repaired_is_that_of_the_branch(self):
        """South has no address of its own: its legal entity's will do, as long as there is one."""
        self.company.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 70, overdue=10)
        self._morning()
        for branch in (self.north, self.south):
            self.assertNotIn("no_address", self._defects(branch))
        self.north.collection_bad_email = self.north.email_normalized
        self.assertEqual(self._defects(self.north)["address_bad"], self.north.display_name)
        self.assertNotIn("address_bad", self._defects(self.south))
        self.customer.email = False
        self.assertIn("no_address", self._defects(self.south))
        self.assertNotIn("no_address", self._defects(self.north))

    def test_from_the_customer_to_its_cases(self):
        self._invoice(self.other_customer, 50, overdue=10)
        self._invoice(self.north, 100, overdue=10)
        self._sync_cases()
        action = self.north.with_user(self.owner).action_open_collection_cases()
        self.assertEqual(action["res_id"], self._case(self.customer).id)
        self.company.collection_split = "branch"
        self._invoice(self.south, 70, overdue=10)
        self._sync_cases()
        action = self.customer.with_user(self.manager).action_open_collection_cases()
        cases = self.env["collection.case"].search(action["domain"])
        self.assertIn(self.north, cases.partner_id)
        self.assertIn(self.south, cases.partner_id)
        self.assertNotIn(self.other_customer, cases.partner_id)

    def test_who_is_reached(self):
        """A branch's own address, else its legal entity's; a director is the legal entity's."""
        self.company.collection_split = "branch"
        director = self.env["res.partner"].create(
            {
                "name": "Director",
                "parent_id": self.customer.id,
                "email": "director@customer.example",
                "collection_role": "director",
            }
        )
        payables = self.env["res.partner"].create(
            {
                "name": "Payables North",
                "parent_id": self.north.id,
                "email": "payables@customer.example",
                "collection_role": "invoice",
            }
        )
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 70, overdue=10)
        north, _made = self._decided(self.north)
        self.assertEqual(north.reachable["email", "invoice"], payables.id)
        self.assertEqual(north.reachable["email", "director"], director.id)
        payables.active = False
        north, _made = self._decided(self.north)
        self.assertEqual(north.reachable["email", "invoice"], self.north.id)
        south, _made = self._decided(self.south)
        self.assertEqual(south.reachable["email", "invoice"], self.customer.id)

    def test_changing_it_moves_items_and_keeps_what_was_sent(self):
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 70, overdue=10)
        self._day()
        self.customer.collection_split = "branch"
        self.assertEqual(self._amounts(self.north), [100])
        self.assertEqual(self._amounts(self.customer), [])
        for partner in (self.north, self.south):
            facts, _made = self._decided(partner, TODAY + DAY)
            self.assertEqual([item.rank for item in facts.items], [20])
        self.customer.collection_split = "central"
        self.assertEqual(self._amounts(self.customer), [70, 100])
        facts, _made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20, 20])

    def test_what_a_person_has_in_hand_moves_too(self):
        self.scenario.level_ids[0].write({"channel": "task"})
        self._invoice(self.north, 100, overdue=10)
        self._day()
        task = self._reminder(self.customer)
        self.assertEqual(task.state, "to_do")
        self.customer.collection_split = "branch"
        self.assertEqual((task.state, task.end_reason), ("cancelled", "moved"))
        _facts, made = self._decided(self.north, TODAY + DAY)
        self.assertEqual(made.outcome, "remind")

    def test_what_is_unconfirmed_stays_with_its_person(self):
        self._invoice(self.north, 100, overdue=10)
        self._morning()
        uncertain = self._reminder(self.customer)
        uncertain.sudo().write({"state": "unconfirmed"})
        self.customer.collection_split = "branch"
        self.assertEqual(uncertain.state, "unconfirmed")
        _facts, made = self._decided(self.north)
        self.assertEqual(made.reason, "unconfirmed_elsewhere")
        uncertain.with_user(self.owner).action_mark_sent()
        facts, _made = self._decided(self.north, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])

    def test_an_archived_branch_falls_back_to_its_legal_entity(self):
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._sync_cases()
        self.north.active = False
        self.assertEqual(self._amounts(self.customer), [100])

    def test_a_new_branch_is_found_by_the_next_run(self):
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._sync_cases()
        self._invoice(self._branch("West"), 50, overdue=10)
        self._morning()
        self.assertEqual(
            sorted(self.env["collection.reminder"].search([]).mapped("amount")), [50, 100]
        )

    # === CREDITS === #

    def test_a_credit_without_a_branch_covers_the_oldest_of_all(self):
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 200, overdue=30)
        self._entry(self.customer, -230)
        _facts, south = self._decided(self.south)
        self.assertEqual((south.outcome, south.reason), ("wait", "entity_credit"))
        _facts, north = self._decided(self.north)
        self.assertEqual(north.situation.overdue, Decimal(70))
        _facts, entity = self._decided(self.customer)
        self.assertEqual(entity.outcome, "clear")

    def test_a_credit_of_a_branch_is_its_own(self):
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.north, 100, overdue=5, move_type="out_refund")
        self._invoice(self.south, 200, overdue=5)
        _facts, south = self._decided(self.south)
        self.assertEqual(south.situation.overdue, Decimal(200))

    def test_the_same_whatever_the_batch(self):
        """What covers a branch does not depend on which cases are decided together."""
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.south, 200, overdue=30)
        self._entry(self.customer, -230)
        self._sync_cases()
        cases = self._case(self.north) | self._case(self.south) | self._case(self.customer)
        run = self.env["collection.run"].sudo()
        together = run._decide_batch(cases, TODAY)[1]
        for case in cases:
            alone = run._decide_batch(case, TODAY)[1][case.id]
            self.assertEqual(alone.situation.overdue, together[case.id].situation.overdue)

    def test_a_payer_of_its_own_comes_before_the_branch(self):
        self.customer.collection_split = "branch"
        payer = self._customer("Payeur", company_registry=False)
        self._invoice(
            self.north,
            100,
            overdue=10,
            collection_payer_id=payer.id,
            collection_payer_share=30,
        )
        self._sync_cases()
        self.assertEqual(self._amounts(payer), [30])
        self.assertEqual(self._amounts(self.north), [70])
        self.assertEqual(self._amounts(self.customer), [])

    def test_branches_come_before_groups(self):
        self.company.collection_group = True
        self.other_customer.company_registry = False
        self.customer.write(
            {"collection_split": "branch", "collection_head_id": self.other_customer.id}
        )
        self._invoice(self.north, 100, overdue=10)
        self._invoice(self.customer, 60, overdue=10)
        self._sync_cases()
        self.assertEqual(self._amounts(self.north), [100])
        self.assertEqual(self._amounts(self.other_customer), [60])

    def test_mail_of_a_branch_joins_its_case(self):
        self.customer.collection_split = "branch"
        self._invoice(self.north, 100, overdue=10)
        self._sync_cases()
        message = {"email_from": self.north.email, "author_id": self.north.id}
        case = self.env["collection.case"].message_new(
            message, {"company_id": self.company.id}
        )
        self.assertEqual(case, self._case(self.north))


@tagged("post_install", "-at_install")
class TestMonthlyStatements(CollectionCommon):
    """Customers who pay by monthly statement: one due date, one reminder."""

    def _february(self):
        for day in (3, 20):
            self._invoice(
                self.customer,
                100,
                overdue=0,
                invoice_date=date(2026, 2, day),
                invoice_date_due=date(2026, 2, day),
            )

    def test_by_invoice_by_default(self):
        self._february()
        _facts, made = self._decided(self.customer, date(2026, 3, 6))
        self.assertEqual(made.situation.overdue, Decimal(200))

    def test_levels_count_from_the_statement(self):
        self.company.write(
            {"collection_grouping": "statement", "collection_statement_days": 10}
        )
        self._february()
        _facts, made = self._decided(self.customer, date(2026, 3, 10))
        self.assertEqual(made.situation.overdue, 0)
        _facts, made = self._decided(self.customer, date(2026, 3, 13))
        self.assertEqual((made.outcome, made.level.rank), ("remind", 20))
        self.assertEqual({line.claim.due for line in made.lines}, {date(2026, 3, 10)})
        self.assertEqual(len(made.lines), 2)

    def test_on_a_day_of_the_following_month(self):
        self.company.write(
            {
                "collection_grouping": "statement",
                "collection_statement_kind": "day_of_next",
                "collection_statement_days": 15,
            }
        )
        self._february()
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual({line.claim.due for line in made.lines}, {date(2026, 3, 15)})
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual(set(reminder.item_ids.mapped("date_due")), {date(2026, 3, 15)})

    def test_a_customer_differs_from_the_company(self):
        self.company.collection_statement_days = 10
        self.customer.collection_grouping = "statement"
        self._february()
        self._invoice(self.other_customer, 100, overdue=20)
        _facts, made = self._decided(self.customer, date(2026, 3, 10))
        self.assertEqual(made.situation.overdue, 0)
        self.company.collection_grouping = "statement"
        self.other_customer.collection_grouping = "invoice"
        _facts, made = self._decided(self.other_customer)
        self.assertEqual(made.situation.overdue, Decimal(100))
