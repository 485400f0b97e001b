from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

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

    def test_what_is_soon_due_is_no_part_of_a_claim(self):
        """Overdue today, announced tomorrow: two messages, each with its own amounts."""
        self.scenario.level_ids = [
            self._level(10, -5, "Announcement", trigger="before_due", min_amount=500)
        ]
        late = self._invoice(self.customer, 100, overdue=10)
        soon = self._invoice(self.customer, 900, overdue=-4)
        with self._at("2026-03-18 06:00:00"):
            self._run()
        self._depart("2026-03-18 12:00:00")
        with self._at("2026-03-19 06:00:00"):
            self._run(TODAY + timedelta(days=1))
        announced, claimed = self._case(self.customer).reminder_ids
        self.assertEqual((claimed.kind, claimed.item_ids.move_id), ("dunning", late))
        self.assertEqual((announced.kind, announced.item_ids.move_id), ("preventive", soon))

    def test_decided_again_is_written_at_once(self):
        self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"):
            self.env["collection.debtor"]._sync(self.company)
            case = self._case(self.customer)
            self.env["collection.portfolio"]._assign(case)
            case.with_user(self.owner).action_decide_again()
        self.assertEqual(case.reminder_ids.subject, "Reminder for Dupont")

    def test_figures_that_fail_keep_no_reminder(self):
        """The log says what failed; the day goes on, with the other figures."""
        self._invoice(self.customer, 100, overdue=10)
        predictions = type(self.env["collection.prediction"])

        def fail(records, _company, _day):
            records.env.cr.execute("SELECT 1 / 0")

        logger = "odoo.addons.account_collections.models.collection_run_figures"
        with (
            patch.object(predictions, "_refresh", fail),
            self._at("2026-03-18 06:00:00"),
            self.assertLogs(logger, "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            summary = self._run()
        self.assertEqual((summary["reminders"], summary["errors"]), (1, 0))
        behaviour = self.env["collection.behaviour"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", self.customer.id)]
        )
        self.assertTrue(behaviour, "the others were computed")
