from datetime import timedelta

from .common import TODAY
from .test_behaviour import DAY, BehaviourCommon


class TestPrediction(BehaviourCommon):
    """When open items will be paid: stored by the run, shown beside them, told in words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(8):
            cls._paid(cls.customer, 100, 20, 60 + 11 * number)
            cls._paid(cls.other_customer, 100, 0, 60 + 11 * number)

    def _predict(self, today=TODAY):
        self._refresh(today)
        self.env["collection.prediction"]._refresh(self.company, today)

    def _prediction(self, invoice):
        lines = invoice.line_ids
        return self.env["collection.prediction"].search([("line_id", "in", lines.ids)])

    def test_the_run_predicts_what_is_open(self):
        slow = self._invoice(self.customer, 500, overdue=-5)
        prompt = self._invoice(self.other_customer, 500, overdue=-5)
        refund = self._invoice(self.customer, 50, overdue=0, move_type="out_refund")
        self._morning()
        late, early = self._prediction(slow), self._prediction(prompt)
        self.assertFalse(self._prediction(refund), "nobody waits for a credit note to be paid")
        self.assertLessEqual(abs((late.date_p50 - TODAY).days - 25), 2)
        self.assertEqual(early.date_p50, TODAY + 5 * DAY)
        self.assertGreater(late.risk_late, 0.7)
        self.assertLess(early.risk_late, 0.5)
        self.assertGreaterEqual(late.date_p80, late.date_p50)
        self.assertLessEqual(sum(late.weeks), 1)
        item = self.env["collection.item"].search([("move_id", "=", slow.id)])
        self.assertEqual((item.date_p50, item.date_p80), (late.date_p50, late.date_p80))
        self.assertEqual(item.action_why_expected()["res_id"], late.id)
        self.assertIn("usually pays 20 days after the due date", late.sentences)
        self.assertIn("Week until", late.weeks_text)
        self._speak_french()
        french = late.with_context(lang="fr_FR")
        self.assertIn("20 jours après l'échéance", french.sentences)
        # What is paid waits for nothing any more.
        self._pay(slow)
        self._predict(TODAY + DAY)
        self.assertFalse(late.exists())

    def test_a_promise_and_a_dispute_come_first(self):
        promised = self._invoice(self.customer, 500, overdue=10)
        contested = self._invoice(self.other_customer, 500, overdue=10)
        self._sync_cases()
        friday = TODAY + 2 * DAY
        items = self.env["collection.item"].search([("move_id", "=", promised.id)])
        with self._at(f"{TODAY} 08:00:00"):
            self._case(self.customer)._promise_quick(500, friday, items=items)
            reason = self.env["collection.dispute.reason"].search([], limit=1)
            dispute = self._case(self.other_customer)._dispute_quick(
                reason=reason, lines=contested.line_ids.filtered("date_maturity")
            )
        dispute.deadline = TODAY + timedelta(days=30)
        self._predict()
        self.assertEqual(self._prediction(promised).date_p50, friday)
        self.assertIn("promised", self._prediction(promised).sentences)
        self.assertGreater(self._prediction(contested).date_p50, dispute.deadline)
        self.assertIn("contested", self._prediction(contested).sentences)

    def test_without_any_history(self):
        stranger = self._customer("Nouveau")
        invoice = self._invoice(stranger, 500, overdue=-5)
        self._predict()
        found = self._prediction(invoice)
        self.assertIn("has paid nothing yet", found.sentences)
        self.assertTrue(0 < found.risk_late < 1)

    def test_classes_and_who_is_asked_because_of_them(self):
        """A good payer is spared a level; only what is probably late is announced."""
        self.scenario.level_ids = [
            self._level(5, -7, "Only if late", trigger="before_due", min_risk=0.6),
            self._level(25, 3, "Not for good payers", never_class="good_payer"),
        ]
        invoices = [
            self._invoice(customer, 500, overdue=-5)
            for customer in (self.customer, self.other_customer)
        ]
        self._sync_cases()
        self._predict()
        slow, prompt = self._of(self.customer), self._of(self.other_customer)
        self.assertTrue(slow.is_chronic_late and slow.is_predicted_late)
        self.assertFalse(slow.is_good_payer or prompt.is_predicted_late)
        self.assertTrue(prompt.is_good_payer)
        self.assertAlmostEqual(slow.risk_ahead, self._prediction(invoices[0]).risk_late)
        self.assertIn("Chronic late payer", slow.classes_text)
        self.assertIn("20 days late", slow.classes_text)
        for customer, reason, spared in (
            (self.customer, "late_predicted", False),
            (self.other_customer, "not_yet", True),
        ):
            fact, made = self._decided(customer)
            self.assertEqual(made.reason, reason)
            self.assertEqual(25 not in [level.rank for level in fact.scenario.levels], spared)
        self._morning()
        case = self._case(self.customer)
        self.assertIn("will be paid late with a probability of", case.decision_sentence)
        self.env["collection.scenario"].create(
            {
                "name": "Chronic",
                "payer_class": "chronic_late",
                "level_ids": [self._level(20, 3, "At once")],
            }
        )
        fact, _made = self._decided(self.customer)
        self.assertEqual([level.rank for level in fact.scenario.levels], [20])
        # Where a class begins is the company's to say, and what makes no sense is refused.
        self.company.collection_class_chronic = 30
        self._predict()
        self.assertFalse(slow.is_chronic_late)
        with self._refused("later than a usual good payer"):
            self.company.collection_class_good = 30
        with self._refused("before the due date"):
            self.scenario.level_ids[-1].min_risk = 0.5

    def test_who_begins_to_break_promises_is_told_of(self):
        self._invoice(self.customer, 500, overdue=5)
        self._sync_cases()
        case = self._case(self.customer)
        case.user_id = self.owner
        self._predict()
        found = self._of(self.customer)
        self.assertFalse(found.breaks_promises)
        self.env["collection.promise"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "amount": 100,
                    "currency_id": self.company.currency_id.id,
                    "channel": "call",
                    "date_made": TODAY - 40 * DAY,
                    "date": TODAY - 20 * DAY,
                    "check_date": TODAY - 20 * DAY,
                    "state": "broken",
                }
                for _promise in range(2)
            ]
        )
        self._predict()
        self.assertEqual((found.breaks_promises, found.breaking_since), (True, TODAY))
        self.assertIn("breaks promises: 2 were not kept", case.activity_ids.summary)
        self.assertEqual(case.activity_ids.user_id, self.owner)
        self._predict(TODAY + DAY)
        self.assertEqual((len(case.activity_ids), found.breaking_since), (1, TODAY))

    def test_who_sees_it(self):
        invoice = self._invoice(self.customer, 500, overdue=5)
        self._sync_cases()
        colleague = self._user("colleague8", "account_collections.group_collection_user")
        self._case(self.customer).user_id = self.owner
        self._predict()
        found = self._prediction(invoice)
        self.assertTrue(found.with_user(self.owner).has_access("read"))
        self.assertFalse(found.with_user(self.owner).has_access("write"))
        self.assertFalse(found.with_user(colleague).has_access("read"))
        self.assertTrue(found.with_user(self.manager).has_access("read"))
        # Its own owner reads it with its documents and reasons.
        self.assertTrue(found.with_user(self.owner).sentences)

    def test_who_begins_to_delay_is_told_of(self):
        """Weekly payments two days late, then three weeks late: a task for the owner, once."""
        self.customer.name = "<b>Dupont</b>"
        self._sync_cases()
        for number in range(14):
            self._paid(self.customer, 100, 0, 100 + 7 * number)
        for number in range(4):
            self._paid(self.customer, 100, 21, 10 + 7 * number)
        self._invoice(self.customer, 500, overdue=-5)
        self._sync_cases()
        case = self._case(self.customer)
        case.user_id = self.owner
        # Nobody had watched before this day: whoever was slow by then is no news.
        self._predict(TODAY - 40 * DAY)
        self.assertFalse(self._of(self.customer).slower_since)
        self._predict()
        found = self._of(self.customer)
        self.assertEqual((found.slower_since, found.slower_lately), (TODAY, 21))
        self.assertIn("days later than before", case.activity_ids.summary)
        self.assertEqual(case.activity_ids.user_id, self.owner)
        # What a name brings along stays text: what is told of it is no markup anywhere.
        self.assertIn("<b>Dupont</b>", case.activity_ids.summary)
        self.assertFalse(case.activity_ids.note)
        self._predict(TODAY + DAY)
        self.assertEqual(found.slower_since, TODAY)
        self.assertEqual(len(case.activity_ids), 1)
        self.assertFalse(self._of(self.other_customer).slower_since)
        # Found by the first look of all, it is shown and makes no task.
        self.env["collection.prediction"].sudo().search([]).unlink()
        found.sudo().slower_since = False
        self._predict(TODAY + DAY)
        self.assertEqual(found.slower_since, TODAY + DAY)
        self.assertEqual(len(case.activity_ids), 1)
        # Nothing late for months: the warning goes.
        self._predict(TODAY + 200 * DAY)
        self.assertFalse(found.slower_since)
