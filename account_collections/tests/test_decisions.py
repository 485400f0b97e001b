from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDecisions(CollectionCommon):
    """Why was this customer (not) reminded on that day? There is one row to read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env["ir.module.module"]._load_module_terms(["account_collections"], ["fr_FR"])
        cls.invoice = cls._invoice(cls.customer, 100, overdue=1)

    def _on(self, day):
        """Return the decision that a person reads for a day."""
        return self.env["collection.decision"].search(
            [
                ("case_id.partner_id", "=", self.customer.id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ],
            limit=1,
        )

    def test_a_row_lasts_as_long_as_its_answer(self):
        for offset in range(3):
            self._morning(TODAY + offset * DAY)
        decisions = self._case(self.customer).decision_ids.sorted("date_from")
        self.assertEqual(
            [(one.date_from, one.date_to, one.reason) for one in decisions],
            [
                (TODAY, TODAY + DAY, "not_yet"),
                (TODAY + 2 * DAY, TODAY + 2 * DAY, "level_called"),
            ],
        )
        self.assertEqual(self._on(TODAY + DAY).reason, "not_yet")
        self.assertEqual(self._case(self.customer).decision_id, decisions[-1])

    def test_the_last_answer_of_a_day_stands_until_a_reminder_came_of_one(self):
        self._morning()
        self._invoice(self.customer, 80, overdue=5)
        self._morning()
        [decision] = self._case(self.customer).decision_ids
        self.assertEqual((decision.outcome, decision.overdue), ("remind", 180))
        self._morning()
        self._pay(self.invoice)
        self._morning()
        [decision] = self._case(self.customer).decision_ids
        self.assertEqual(decision.outcome, "remind", "it says why the reminder was made")

    def test_another_trace_is_another_row(self):
        """The answer is the same, what the guards saw is not: 'Why?' tells the new story."""
        self._morning()
        self._invoice(self.customer, 70, overdue=30).no_followup = True
        self._morning(TODAY + DAY)
        first, second = self._case(self.customer).decision_ids.sorted("date_from")
        self.assertEqual(first.reason, second.reason)
        self.assertNotIn("70.00", first.why)
        self.assertIn("70.00", second.why)

    def test_why_names_every_guard_in_order(self):
        self._morning()
        decision = self._on(TODAY)
        codes = [code for code, *_rest in decision.trace]
        guards = self.env["collection.run"]._get_guards()
        self.assertEqual(
            codes, [g.code for g in guards.items] + ["credit"] + [g.code for g in guards.cases]
        )
        labels = self.env["collection.reason"]
        positions = [str(decision.why).find(labels._get_label(code)) for code in codes]
        self.assertEqual(positions, sorted(positions))
        self.assertNotIn(-1, positions)

    def test_every_code_has_a_label_and_a_sentence_in_both_languages(self):
        guards = self.env["collection.run"]._get_guards()
        codes = {guard.code for guard in (*guards.items, *guards.cases)}
        reasons = self.env["collection.reason"]
        self.assertLessEqual(codes, set(reasons._get_reasons()))
        english, french = reasons.with_context(lang="en_US"), reasons.with_context(lang="fr_FR")
        same = [
            code
            for code in reasons._get_reasons()
            if english._get_label(code) == french._get_label(code)
        ]
        # words that both languages share
        self.assertLessEqual(set(same), {"intercompany", "not_live"})

    def test_why_today_and_on_a_past_day_in_two_languages(self):
        self._morning()
        self.invoice.no_followup = True
        self._morning(TODAY + DAY)
        past, today = self._on(TODAY), self._on(TODAY + DAY)
        self.assertEqual(self._case(self.customer).action_why()["res_id"], today.id)
        self.assertIn("The next reminder is due on 03/20/2026.", past.sentence)
        self.assertIn("The accountant excluded it", today.why)
        self.assertIn("1 items, $", today.why)
        french = today.with_context(lang="fr_FR")
        self.assertNotEqual(french.sentence, today.sentence)
        self.assertIn("comptable", french.why)
        self.assertIn("20/03/2026", past.with_context(lang="fr_FR").sentence)
        self.assertNotIn("What it saw", french.why)

    def test_sentences(self):
        self._morning()
        case = self._case(self.customer)

        def sentence(**values):
            fact, made = self._decided(self.customer)
            for name, value in values.items():
                setattr(made, name, value)
            self.env["collection.apply"].sudo()._apply({case.id: fact}, {case.id: made}, TODAY)
            self.env.invalidate_all()
            return case.decision_sentence

        table = [
            (
                {
                    "outcome": "hold",
                    "reason": "low_total",
                    "seen": {"total": "20", "threshold": "50"},
                },
                "$\xa020.00 overdue is below the scenario's threshold of $\xa050.00.",
            ),
            (
                {
                    "outcome": "hold",
                    "reason": "too_soon",
                    "seen": {"last": "2026-03-17", "min_days": 7},
                },
                "The last reminder left on 03/17/2026; at least 7 days are left between.",
            ),
            (
                {"outcome": "hold", "reason": "state", "seen": {"state": "insolvency"}},
                "The case is insolvency.",
            ),
            (
                {"outcome": "hold", "reason": "pending", "seen": {"state": "to_approve"}},
                "A reminder waits to leave (to approve).",
            ),
            ({"outcome": "hold", "reason": "of_an_add_on"}, "of_an_add_on"),
            (
                {
                    "outcome": "error",
                    "reason": "error",
                    "seen": {"error": "100 % <b>wrong</b> %(x)s"},
                },
                "100 % <b>wrong</b> %(x)s",
            ),
        ]
        for values, expected in table:
            with self.subTest(reason=values["reason"]):
                self.assertIn(
                    expected.replace("\xa0", " "), sentence(**values).replace("\xa0", " ")
                )
        self.assertNotIn("<b>wrong", case.decision_id.why)

    def test_decisions_are_kept_as_they_were_taken(self):
        self._morning()
        decision = self._on(TODAY).sudo()
        for values in ({"reason": "paid"}, {"outcome": "clear"}, {"date_to": TODAY + DAY}):
            with self.subTest(values=values), self.assertRaises(UserError):
                decision.write(values)

    def test_no_run_yet(self):
        self._sync_cases()
        with self.assertRaises(UserError):
            self._case(self.customer).action_why()
