from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestHolds(CollectionCommon):
    """A pause has a reason, an owner and an end; when it ends, its owner hears of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.customer, 100, overdue=10)
        cls._morning()
        cls.case = cls._case(cls.customer)

    def _pause(self, until, user=None, **values):
        with self._at(f"{TODAY} 08:00:00"):
            wizard = Form(
                self.env["collection.pause"]
                .with_user(self.owner)
                .with_context(active_model="collection.case", active_ids=self.case.ids)
            )
            wizard.reason = "waiting_payment"
            wizard.date_end = until
            if user:
                wizard.user_id = user
            wizard.save().action_pause()
        self.env.invalidate_all()

    def test_a_pause_holds_until_its_end(self):
        self._pause(TODAY + 2 * DAY)
        self._noon()
        reminder = self.case.reminder_ids
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "hold"))
        self._day(TODAY + DAY)
        decision = self.case.decision_id
        self.assertEqual((decision.outcome, decision.reason), ("hold", "hold"))
        self.assertIn("payment announced", decision.sentence.lower())
        self.assertEqual(self.case.state, "paused")
        # a Friday: the first working day after the pause
        self.assertEqual(self.case.next_date, TODAY + 5 * DAY)
        self._day(TODAY + 5 * DAY)
        self.assertEqual(self.case.reminder_ids[0].state, "sent")
        self.assertEqual(self.case.state, "dunning")

    def test_its_end_is_an_activity_for_its_owner(self):
        self._pause(TODAY + DAY, user=self.manager)
        self._morning(TODAY + DAY)
        self.assertFalse(self.case.activity_ids)
        self._morning(TODAY + 2 * DAY)
        self.assertEqual(self.case.activity_ids.user_id, self.manager)
        self._morning(TODAY + 5 * DAY)
        self.assertEqual(len(self.case.activity_ids), 1, "once")

    def test_an_owner_who_may_not_see_the_case_stops_no_run(self):
        """Given to another collector, or to somebody without a role at all."""
        for number, group in enumerate(
            ("account_collections.group_collection_user", "base.group_user")
        ):
            other = new_test_user(self.env, f"outsider{number}", group)
            self._pause(TODAY + DAY, user=other)
        summary = self._morning(TODAY + 2 * DAY)
        self.assertEqual(summary["errors"], 0)
        self.assertEqual(len(self.case.activity_ids), 2)

    def test_lift(self):
        self._pause(TODAY + 20 * DAY)
        with self._at(f"{TODAY} 09:00:00"):
            self.case.with_user(self.owner).action_lift_hold()
            self.env.invalidate_all()
            self.assertFalse(self.case.current_hold_id)
        self.assertEqual(self.case.decision_id.outcome, "remind")
        self._noon()
        self.assertEqual(self.case.reminder_ids[0].state, "sent")
        self._morning(TODAY + 21 * DAY)
        self.assertFalse(self.case.activity_ids, "a person ended it: nobody needs to be told")

    def test_the_longest_of_two_pauses_holds(self):
        self._pause(TODAY + DAY)
        self._pause(TODAY + 9 * DAY)
        self._pause(TODAY + 3 * DAY)
        facts, made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual(facts.hold.end, TODAY + 9 * DAY)
        self.assertEqual(made.reason, "hold")

    def test_longest_pause(self):
        self.company.collection_max_pause_days = 30
        self._pause(TODAY + 30 * DAY)
        with self.assertRaises(ValidationError):
            self._pause(TODAY + 31 * DAY)
        self.company.collection_max_pause_days = 0
        self._pause(TODAY + 400 * DAY)

    def test_a_pause_that_ended_before_it_starts(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self._pause(TODAY - DAY)

    def test_a_pause_to_come_holds_from_its_start(self):
        self.env["collection.hold"].create(
            {
                "case_id": self.case.id,
                "reason": "other",
                "date_start": TODAY + 2 * DAY,
                "date_end": TODAY + 4 * DAY,
            }
        )
        self.assertEqual(self._decided(self.customer)[1].reason, "pending")
        self.assertEqual(self._decided(self.customer, TODAY + 2 * DAY)[1].reason, "hold")
