from datetime import date, timedelta

from odoo import Command
from odoo.tests import new_test_user

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


class BehaviourCommon(CollectionCommon):
    @classmethod
    def _paid(cls, partner, amount, late, ago, **values):
        """Post an invoice that was paid ``late`` days after its due date, ``ago`` days ago."""
        invoice = cls._invoice(partner, amount, overdue=ago + late, **values)
        cls._pay(invoice, payment_date=TODAY - ago * DAY)
        return invoice

    def _refresh(self, today=TODAY, company=None):
        return self.env["collection.behaviour"]._refresh(company or self.company, today)

    def _of(self, partner):
        return self.env["collection.behaviour"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )


class TestBehaviour(BehaviourCommon):
    """What is computed from payments, by their value dates."""

    def test_figures(self):
        for amount, late, ago in ((1000, 0, 200), (4000, 30, 180), (5000, 15, 160), (10, 5, 150)):
            self._paid(self.customer, amount, late, ago)
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.paid_amount), (4, 10010))
        self.assertAlmostEqual(found.late_mean, 12.5)
        self.assertAlmostEqual(found.late_median, 10)
        self.assertAlmostEqual(found.late_p80, 21)
        self.assertAlmostEqual(found.late_weighted, 195.05 / 10.01, 1)
        # Invoices are dated thirty days before they fall due.
        self.assertAlmostEqual(found.pay_mean, 42.5)
        self.assertAlmostEqual(found.pay_weighted, found.late_weighted + 30)
        self.assertAlmostEqual(found.late_share, 0.75)
        months = {one.month: one for one in found.month_ids}
        self.assertEqual(sum(one.paid_count for one in months.values()), 4)
        first = months[(TODAY - 200 * DAY).replace(day=1)]
        self.assertEqual((first.paid_count, first.late_count, first.late_weighted), (1, 0, 0))

    def test_payments_in_part_count_by_their_amount(self):
        """300 on the due date and 700 twenty days later; of the second invoice a part only."""
        invoice = self._invoice(self.customer, 1000, overdue=40)
        self._pay(invoice, 300, payment_date=TODAY - 40 * DAY)
        self._pay(invoice, 700, payment_date=TODAY - 20 * DAY)
        other = self._invoice(self.customer, 1000, overdue=10)
        self._pay(other, 500, payment_date=TODAY)
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.paid_amount), (1, 1500))
        self.assertAlmostEqual(found.late_mean, 20)
        self.assertAlmostEqual(found.late_weighted, (700 * 20 + 500 * 10) / 1500)
        self.assertEqual((found.exposure, found.overdue), (500, 500))
        self.assertEqual(found.oldest_due, TODAY - 10 * DAY)

    def test_what_is_credited_is_no_payment(self):
        invoice = self._invoice(self.customer, 1000, overdue=40)
        refund = self._invoice(self.customer, 1500, overdue=0, move_type="out_refund")
        lines = (invoice | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.reconcile()
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.paid_amount, found.late_share), (0, 0, 0))
        self.assertFalse(found.month_ids)
        # The refund was larger than the invoice: the rest is the customer's.
        self.assertEqual((found.exposure, found.overdue, found.oldest_due), (-500, 0, False))

    def test_the_trend_compares_what_is_paid_lately(self):
        for ago in (300, 280, 260, 240):
            self._paid(self.customer, 100, 2, ago)
        for ago in (40, 30, 20):
            self._paid(self.customer, 100, 22, ago)
        self._paid(self.other_customer, 100, 22, 20)
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.recent_count, found.recent_late, found.trend), (3, 22, 20))
        self.assertEqual(self._of(self.other_customer).trend, 0, "one payment is no trend")

    def test_only_what_changed_is_computed_again(self):
        invoice = self._paid(self.customer, 100, 10, 50)
        self._paid(self.other_customer, 100, 10, 50)
        both = sorted((self.customer | self.other_customer).ids)
        self.assertEqual(self._refresh(), both)
        self.assertEqual(self._refresh(), [])
        self.assertEqual(self._refresh(TODAY + DAY), [], "a new day changes no payment")
        self._paid(self.customer, 100, 30, 5)
        self.assertEqual(self._refresh(), self.customer.ids)
        self.assertEqual(self._of(self.customer).late_mean, 20)
        # A payment comes back: it never was.
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._refresh(), self.customer.ids)
        self.assertEqual(self._of(self.customer).late_mean, 30)
        self.assertEqual(self._refresh(date(2026, 4, 1)), both, "periods begin with months")

    def test_what_is_odd(self):
        """No due date, paid years ago, absurd amounts, money without a document."""
        receivable = self.company_data["default_account_receivable"]
        revenue = self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": TODAY - 40 * DAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "debit": debit,
                            "credit": credit,
                        }
                    )
                    for account, debit, credit in ((receivable, 9e9, 0), (revenue, 0, 9e9))
                ],
            }
        )
        entry.action_post()
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 9e9,
                "date": TODAY - 30 * DAY,
                "payment_type": "inbound",
                "partner_type": "customer",
                "company_id": self.company.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        lines = (entry | payment.move_id).line_ids.filtered(
            lambda line: line.account_id == receivable
        )
        lines.date_maturity = False
        lines.reconcile()
        self._paid(self.other_customer, 100, 400, 900)  # three years ago
        loose = payment.copy({"partner_id": self.other_customer.id})
        loose.action_post()
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.paid_amount, found.late_mean), (1, 9e9, 10))
        other = self._of(self.other_customer)
        self.assertEqual((other.paid_count, other.late_mean, other.exposure), (0, 0, -9e9))

    def test_a_new_customer_has_no_behaviour(self):
        self._invoice(self.customer, 100, overdue=5)
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.late_weighted, found.exposure), (0, 0, 100))
        self.assertEqual(found.action_open_months()["domain"], [("behaviour_id", "in", found.ids)])

    def test_a_merge_leaves_no_figures_of_two(self):
        self._paid(self.customer, 100, 10, 50)
        self._paid(self.other_customer, 100, 30, 50)
        self._refresh()
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((self.customer | self.other_customer).ids, self.customer)
        self._refresh()
        found = self._of(self.customer)
        self.assertEqual((found.paid_count, found.late_mean), (2, 20))


class TestScore(BehaviourCommon):
    """One letter, and what it is made of."""

    def test_the_terms_are_told(self):
        for ago in (60, 90, 120, 150):
            self._paid(self.customer, 1000, 30, ago)
            self._paid(self.other_customer, 1000, 0, ago)
        self._refresh()
        slow, prompt = self._of(self.customer), self._of(self.other_customer)
        self.assertEqual((prompt.score, prompt.letter), (100, "A"))
        self.assertEqual((slow.score, slow.letter), (56, "C"))
        self.assertIn("Punctuality: 44 of 88 points", slow.terms_text)
        self.assertIn("4,000.00", slow.terms_text)
        self.other_customer.with_company(self.company).trust = "bad"
        self._refresh()
        self.assertEqual((prompt.score, prompt.letter), (80, "A"))
        self.company.collection_weight_punctuality = 0
        self._refresh()
        self.assertEqual((prompt.score, prompt.letter), (33, "D"))
        with self._refused("0 to 100"):
            self.company.collection_weight_trend = -1

    def test_scenarios_ask_for_it(self):
        for ago in (60, 90, 120, 150):
            self._paid(self.customer, 1000, 58, ago)
            self._paid(self.other_customer, 1000, 0, ago)
        for customer in (self.customer, self.other_customer):
            self._invoice(customer, 1000, overdue=5)
        self.env["collection.scenario"].create(
            {"name": "Bad", "rating": "bad", "level_ids": [self._level(20, 3, "At once")]}
        )
        self._sync_cases()
        self._refresh()
        taken = []
        for customer in (self.customer, self.other_customer):
            fact, _made = self._decided(customer)
            taken.append(self.env["collection.scenario"].browse(fact.scenario.key).name)
        self.assertEqual(taken, ["Bad", "Test"])

    def test_nothing_known_is_no_letter(self):
        self._invoice(self.customer, 50, overdue=0, move_type="out_refund")
        self._refresh()
        self.assertFalse(self._of(self.customer).letter)


class TestBehaviourRoles(BehaviourCommon):
    def test_who_sees_it(self):
        """A collector sees the customers of the own cases, managers and auditors all of them."""
        self._paid(self.customer, 100, 10, 50)
        for customer in (self.customer, self.other_customer):
            self._invoice(customer, 100, overdue=5)
        self._sync_cases()
        auditor = self._user("auditor7", "account_collections.group_collection_readonly")
        colleague = self._user("colleague7", "account_collections.group_collection_user")
        self._case(self.other_customer).user_id = colleague
        self._refresh()
        self._case(self.customer).user_id = self.owner
        model = self.env["collection.behaviour"]
        known = self._of(self.customer) | self._of(self.other_customer)
        for user, expected in (
            (self.owner, self._of(self.customer)),
            (colleague, self._of(self.other_customer)),
            (self.manager, known),
            (auditor, known),
        ):
            seen = model.with_user(user).search([("id", "in", known.ids)])
            self.assertEqual(seen, expected.sorted(lambda one: (-one.exposure, one.id)), user.name)
            self.assertFalse(seen.has_access("write"))
            self.assertFalse(seen.has_access("unlink"))
        months = self.env["collection.behaviour.month"]
        self.assertTrue(months.with_user(self.owner).search([("behaviour_id", "in", known.ids)]))
        self.assertFalse(months.with_user(colleague).search([("behaviour_id", "in", known.ids)]))
        case = self._case(self.customer).with_user(self.owner)
        self.assertEqual(case.days_late, 10)
        self.assertEqual(case.action_open_behaviour()["res_id"], self._of(self.customer).id)

    def test_another_company_sees_nothing(self):
        self._paid(self.customer, 100, 10, 50)
        self._refresh()
        stranger = new_test_user(
            self.env, "stranger7", "account_collections.group_collection_manager",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        model = self.env["collection.behaviour"].with_user(stranger)
        self.assertFalse(model.search([("partner_id", "=", self.customer.id)]))
