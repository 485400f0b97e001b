from datetime import timedelta

from odoo.tests import tagged

from .common import TODAY, CollectionCommon


@tagged("post_install", "-at_install")
class TestDailyRun(CollectionCommon):
    def test_reminder_leaves_once(self):
        """An item ten days late is reminded at the first level, leaves, then waits a week."""
        self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"):
            summary = self._run()
        self.assertEqual(summary["reminders"], 1)
        reminder = self._case(self.customer).reminder_ids
        self.assertEqual(reminder.state, "scheduled")
        self.assertEqual(reminder.subject, "Reminder for Dupont")
        self.assertEqual(reminder.rank, 20, "progressive: never skip a level")
        self._depart("2026-03-18 12:00:00")
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.mail_message_id.partner_ids, self.customer)
        with self._at("2026-03-19 06:00:00"):
            summary = self._run(TODAY + timedelta(days=1))
        self.assertEqual(summary["held_by_reason"], {"too_soon": 1})
        self.assertEqual(self._case(self.customer).max_rank, 20)
        with self._at("2026-03-25 06:00:00"):
            self._run(TODAY + timedelta(days=7))
        self.assertEqual(self._case(self.customer).reminder_ids[0].rank, 30)

    def test_run_twice_changes_nothing(self):
        self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"):
            self._run()
            first = self._case(self.customer).reminder_ids.ids
            self._run()
        case = self._case(self.customer)
        self.assertEqual(case.reminder_ids.ids, first)
        self.assertEqual(len(case.decision_ids), 1)
        self.assertEqual(case.decision_id.outcome, "remind")

    def test_paid_between_run_and_departure(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"):
            self._run()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": TODAY})._create_payments()
        self._depart("2026-03-18 12:00:00")
        reminder = self._case(self.customer).reminder_ids
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))

    def test_simulation_sends_nothing(self):
        self.portfolio.action_simulate()
        self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"):
            summary = self._run()
        self.assertEqual((summary["reminders"], summary["simulated"]), (0, 1))
        self.assertIn("Simulation", self._case(self.customer).decision_sentence)
