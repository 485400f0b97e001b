from datetime import timedelta

from markupsafe import Markup
from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
WEEK = 7 * DAY


@tagged("post_install", "-at_install")
class TestTasks(CollectionCommon):
    """Steps given to a person, and deliveries that a person repairs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls.scenario.level_ids.sorted("rank")[0]
        first.write({"channel": "task", "task_note": "Ask for a date of payment."})
        cls._invoice(cls.customer, 100, overdue=10)

    def test_a_task_is_given_at_departure_and_advances_when_done(self):
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.activity_id.id), ("scheduled", False))
        self._noon()
        activity = reminder.activity_id
        self.assertEqual((reminder.state, activity.user_id), ("to_do", self.owner))
        self.assertIn("Ask for a date", activity.note)
        # while it is open the ladder waits, whatever the day
        self._day(TODAY + WEEK)
        case = self._case(self.customer)
        self.assertEqual((case.decision_id.reason, case.max_rank), ("task_open", 0))
        with self._at(f"{TODAY + WEEK} 15:00:00"):
            activity.with_user(self.owner).action_feedback(feedback="Pays on Friday")
        self.assertEqual(reminder.state, "sent")
        self._day(TODAY + WEEK + DAY)
        self.assertEqual((case.decision_id.reason, case.max_rank), ("too_soon", 20))
        self._day(TODAY + 2 * WEEK)
        self.assertEqual(case.reminder_ids[0].rank, 30)
        evidence = self.env["collection.evidence"].search([("reminder_id", "=", reminder.id)])
        self.assertIn("said_sent", evidence.mapped("event"))

    def test_a_colleague_on_leave_is_substituted_and_nothing_stops(self):
        stand_in = new_test_user(
            self.env,
            "stand-in",
            "account_collections.group_collection_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env["collection.substitution"].create(
            {
                "user_id": self.owner.id,
                "substitute_id": stand_in.id,
                "date_from": TODAY,
                "date_to": TODAY + WEEK,
            }
        )
        self._day()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.activity_id.user_id, stand_in)
        with self._at(f"{TODAY} 15:00:00"):
            todo = self.env["collection.todo"].with_user(stand_in).search([])
            self.assertEqual(todo.reminder_id, reminder)
            reminder.activity_id.with_user(stand_in).action_feedback(feedback="Pays on Friday")
        self.assertEqual(reminder.state, "sent")
        self._day(TODAY + 2 * WEEK)
        case = reminder.case_id
        self.assertEqual(case.reminder_ids.mapped("rank"), [30, 20])
        self.assertEqual(case.user_id, self.owner, "the case stays its owner's")

    def test_a_task_for_anyone(self):
        """The salesperson has no right in collections: their task comes to them, and is done."""
        seller = new_test_user(
            self.env, "seller", "base.group_user", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        level = self.scenario.level_ids.sorted("rank")[0]
        case = self._sync_cases()
        for task_for, person in (
            ("owner", self.owner), ("manager", self.owner), ("salesperson", self.owner)
        ):
            level.task_for = task_for
            self.assertEqual(level._get_worker(case), person, "there is nobody else")
        self.company.collection_manager_id = self.manager
        level.task_for = "manager"
        self.assertEqual(level._get_worker(case), self.manager)
        with self.assertRaisesRegex(ValidationError, "Say who does the task"):
            level.task_for = "user"
        level.write({"task_for": "user", "task_user_id": self.manager.id})
        self.assertEqual(level._get_worker(case), self.manager)
        self.customer.user_id = seller
        level.task_for = "salesperson"
        self._day()
        task = self._reminder(self.customer)
        self.assertEqual(task.activity_id.user_id, seller)
        todo = self.env["collection.todo"].search([("reminder_id", "=", task.id)])
        self.assertEqual((todo.kind, todo.user_id), ("4_task", seller))
        with self._at(f"{TODAY} 15:00:00"):
            task.activity_id.with_user(seller).action_feedback(feedback="Spoke to them")
        self.assertEqual(task.state, "sent")
        # what is no task by its level stays the owner's
        level.write({"channel": "email", "template_id": self.template.id})
        self.assertEqual(level._get_worker(case), self.owner)

    def test_it_went_out_without_the_activity(self):
        self._day()
        reminder = self._reminder(self.customer)
        activity = reminder.activity_id
        with self._at(f"{TODAY} 15:00:00"):
            reminder.with_user(self.owner).action_mark_sent()
        self.assertEqual(reminder.state, "sent")
        self.assertFalse(activity.exists())

    def test_a_task_withdrawn_is_decided_anew(self):
        self._day()
        reminder = self._reminder(self.customer)
        reminder.with_user(self.owner).action_withdraw()
        self.assertFalse(self._case(self.customer).activity_ids)
        self._morning(TODAY + DAY)
        self.assertEqual(self._reminder(self.customer).rank, 20)
        self.assertNotEqual(self._reminder(self.customer), reminder)

    def test_a_deleted_activity_leaves_the_step_with_its_owner(self):
        self._day()
        reminder = self._reminder(self.customer)
        reminder.activity_id.unlink()
        self.assertEqual(reminder.state, "to_do")
        todo = self.env["collection.todo"].search([("reminder_id", "=", reminder.id)])
        self.assertEqual(todo.kind, "4_task")

    def test_paid_while_a_person_has_it(self):
        self._day()
        reminder = self._reminder(self.customer)
        self._pay(reminder.item_ids.move_id)
        self._morning(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))
        self.assertFalse(self._case(self.customer).activity_ids)

    def test_partly_paid_while_a_person_has_it(self):
        """The task says what is left; what a person wrote into it stays."""
        self._invoice(self.customer, 70, overdue=20)
        self._day()
        reminder = self._reminder(self.customer)
        first, second = reminder.item_ids.sorted("amount")
        self.assertEqual(reminder.amount, 170)
        self._pay(second.move_id, 60)
        self._morning(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.amount, reminder.item_count), ("to_do", 110, 2))
        self.assertEqual(second.amount_currency, 40)
        self.assertIn("40.00", reminder.activity_id.note)
        self.assertNotIn("100.00", reminder.activity_id.note)
        reminder.activity_id.note = Markup("<p>Ask for Paul</p>") + reminder.activity_id.note
        self._pay(first.move_id)
        self._morning(TODAY + 2 * DAY)
        self.assertEqual((reminder.amount, reminder.item_ids), (40, second))
        left, asked, _before = reminder.activity_id.note.partition("Ask for Paul")
        self.assertIn("40.00", left)
        self.assertTrue(asked, "what a person wrote stays")
        evidence = self.env["collection.evidence"].search([("reminder_id", "=", reminder.id)])
        self.assertEqual(evidence.mapped("event").count("rewritten"), 2)
        # a day on which nothing was paid writes nothing
        self._morning(TODAY + 3 * DAY)
        self.assertEqual(
            self.env["collection.evidence"].search_count([("reminder_id", "=", reminder.id)]),
            len(evidence),
        )

    def test_a_payers_part_is_paid_while_a_person_has_it(self):
        """Of a shared invoice that is partly paid, a person claims the payer's part of the rest."""
        self.customer.write(
            {"collection_payer_id": self.other_customer.id, "collection_payer_share": 60}
        )
        self._day()
        reminder = self._reminder(self.other_customer)
        self.assertEqual((reminder.state, reminder.amount), ("to_do", 60))
        self._pay(reminder.item_ids.move_id, 40)
        self._morning(TODAY + DAY)
        self.assertEqual(reminder.amount, 36)

    def test_its_items_are_paid_and_others_are_owed(self):
        self._day()
        reminder = self._reminder(self.customer)
        self._invoice(self.customer, 500, overdue=-20)
        self._pay(reminder.item_ids.move_id)
        self._morning(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))
        self.assertEqual(reminder.item_ids.amount, 100, "what it was about stays")
        self.assertFalse(self._case(self.customer).activity_ids)

    # === FAILED AND UNCONFIRMED === #

    def _failed(self, state):
        """The second level by e-mail, whose delivery a person has to repair."""
        self.scenario.level_ids.sorted("rank")[0].channel = "email"
        self._day()
        reminder = self._reminder(self.customer)
        reminder.sudo().write({"state": state, "sent_at": False})
        return reminder

    def test_the_ladder_waits_for_the_repair(self):
        for state in ("failed", "unconfirmed"):
            with self.subTest(state=state), self.env.cr.savepoint() as savepoint:
                self._failed(state)
                self._day(TODAY + 30 * DAY)
                case = self._case(self.customer)
                self.assertEqual(len(case.reminder_ids), 1)
                self.assertEqual(case.decision_id.reason, "stuck")
                self.assertIn(state, case.decision_sentence)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_person_says_that_it_went_out(self):
        reminder = self._failed("unconfirmed")
        with self._at(f"{TODAY} 15:00:00"):
            reminder.with_user(self.owner).action_mark_sent()
        self._day(TODAY + WEEK)
        self.assertEqual(self._case(self.customer).reminder_ids[0].rank, 30)

    def test_a_person_sends_it_again(self):
        reminder = self._failed("unconfirmed")
        with self._at(f"{TODAY + DAY} 09:00:00"):
            reminder.with_user(self.owner).action_send_again()
        self._noon(TODAY + DAY)
        self.assertEqual(reminder.state, "sent")
        events = (
            self.env["collection.evidence"]
            .search([("reminder_id", "=", reminder.id)], order="id")
            .mapped("event")
        )
        self.assertEqual(events[-3:], ["resent", "claimed", "sent"])

    def test_a_failed_one_that_was_paid_is_not_sent_again(self):
        reminder = self._failed("failed")
        self._pay(reminder.item_ids.move_id)
        with self._at(f"{TODAY + DAY} 09:00:00"):
            reminder.action_send_again()
        self._noon(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))

    def test_what_left_does_not_go_back(self):
        reminder = self._failed("sent")
        for action in ("action_send_again", "action_withdraw", "action_mark_sent"):
            with self.subTest(action=action), self.assertRaises(UserError):
                getattr(reminder, action)()
        with self.assertRaises(UserError):
            reminder.subject = "Other"

    # === TO APPROVE === #

    def test_approved_on_a_sunday_it_leaves_on_monday(self):
        level = self.scenario.level_ids.sorted("rank")[0]
        level.write({"channel": "email", "approval": True})
        self._day()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "to_approve", "it did not leave")
        sunday = TODAY + 4 * DAY
        with self._at(f"{sunday} 15:00:00"):
            reminder.with_user(self.manager).action_approve()
        self._depart(f"{sunday} 16:00:00")
        self.assertEqual(reminder.state, "scheduled")
        self._noon(sunday + DAY)
        self.assertEqual(reminder.state, "sent")

    def test_approved_in_the_afternoon_it_leaves_at_once(self):
        level = self.scenario.level_ids.sorted("rank")[0]
        level.write({"channel": "email", "approval": True})
        self._day()
        reminder = self._reminder(self.customer)
        with self._at(f"{TODAY} 15:00:00"):
            reminder.with_user(self.manager).action_approve()
        self._depart(f"{TODAY} 15:05:00")
        self.assertEqual(reminder.state, "sent")
