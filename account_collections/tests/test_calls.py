from datetime import date, datetime

from markupsafe import Markup
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .calls_common import DAY, TODAY_AT, WEEK, CallCommon
from .common import TODAY


@tagged("post_install", "-at_install")
class TestCalls(CallCommon):
    """A level that is a phone call: handed over, made, noted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls._called()

    # === HANDED OVER === #

    def test_a_call_is_an_activity_of_the_owner_until_a_result_is_given(self):
        reminder = self.reminder
        activity = reminder.activity_id
        self.assertEqual((reminder.channel, reminder.state), ("call", "to_do"))
        self.assertEqual((activity.user_id, activity.date_deadline), (self.owner, TODAY))
        self.assertEqual(
            activity.activity_type_id, self.env.ref("mail.mail_activity_data_call")
        )
        self.assertEqual(reminder.call_zones, "Europe/Paris")
        self._day(TODAY + WEEK)
        case = self._case(self.customer)
        self.assertEqual((case.decision_id.reason, case.max_rank), ("task_open", 0))

    # === RESULTS === #

    def test_reached_is_a_reminder_that_went_out(self):
        reminder = self.reminder
        activity = reminder.activity_id
        call = self._note(reminder, "reached", note="Will <b>look</b> into it")
        self.assertEqual((reminder.state, reminder.sent_at), ("sent", call.called_at))
        self.assertFalse(activity.active)
        self.assertFalse(self._case(self.customer).activity_ids)
        self.assertEqual((call.user_id, call.contact_id), (self.owner, self.customer))
        self.assertEqual((call.number, call.is_reached), ("+33 1 40 00 00 12", True))
        self.assertEqual(self._events(reminder)[-2:], ["called", "said_sent"])
        notes = " ".join(reminder.case_id.message_ids.mapped("body"))
        self.assertIn("Reached", notes)
        self.assertIn("&lt;b&gt;look", notes)
        self._day(TODAY + WEEK)
        self.assertEqual(reminder.case_id.reminder_ids[0].rank, 30)

    def test_what_was_promised_is_kept(self):
        reminder = self.reminder
        call = self._note(reminder, "will_pay", promised_date=date(2026, 3, 27))
        self.assertEqual((call.promised_amount, call.promised_date), (100, date(2026, 3, 27)))
        self.assertEqual(reminder.state, "sent")
        evidence = self.env["collection.evidence"].search([("event", "=", "called")], limit=1)
        self.assertEqual(evidence.facts["promised_date"], "2026-03-27")

    def test_who_contests_says_why(self):
        reminder = self.reminder
        with self.assertRaises(AssertionError), self.env.cr.savepoint():
            self._note(reminder, "contests")  # the form asks for it
        call = self._note(reminder, "contests", note="Goods came broken")
        self.assertEqual((call.result, reminder.state), ("contests", "sent"))
        self.assertFalse(call.promised_amount)

    def test_no_answer_is_tried_again_and_in_the_end_counts_as_gone_out(self):
        reminder = self.reminder
        days = [TODAY, TODAY + DAY, TODAY + 2 * DAY]
        for attempt, day in enumerate(days, start=1):
            self.assertEqual(reminder.activity_id.date_deadline, day)
            call = self._note(reminder, "no_answer", when=f"{day} 15:00:00")
            self.assertEqual((call.attempt, call.is_reached), (attempt, False))
        self.assertEqual(reminder.state, "sent")
        self.assertFalse(reminder.case_id.activity_ids)
        self._day(TODAY + 9 * DAY)
        self.assertEqual(reminder.case_id.reminder_ids[0].rank, 30)

    def test_no_answer_on_a_friday_is_tried_again_on_monday(self):
        reminder = self.reminder
        self._note(reminder, "no_answer", when="2026-03-20 15:00:00")
        self.assertEqual(reminder.activity_id.date_deadline, date(2026, 3, 23))
        self.assertEqual(reminder.state, "to_do")

    def test_a_wrong_number_flags_the_contact_and_makes_work(self):
        reminder = self.reminder
        self._note(reminder, "wrong_number")
        self.assertEqual(self.customer.collection_wrong_phone, "01 40 00 00 12")
        self.assertEqual(reminder.state, "to_do")
        summaries = reminder.case_id.activity_ids.mapped("summary")
        self.assertEqual(len(summaries), 2)
        self.assertTrue(any("Wrong number: find the one of Dupont" in one for one in summaries))
        self.assertEqual(reminder.case_id.activity_ids.user_id, self.owner)
        reminder.invalidate_recordset(["call_sheet"])
        self.assertIn("no number to dial", reminder.call_sheet)
        # mended, it is dialled again
        self.customer.phone = "01 40 00 00 13"
        reminder.invalidate_recordset(["call_sheet"])
        self.assertIn("tel:+33-1-40-00-00-13", reminder.call_sheet)

    def test_call_back_asks_for_a_moment_ahead(self):
        reminder = self.reminder
        with self.assertRaises(UserError):
            self._note(reminder, "call_back", call_back_at=datetime(2026, 3, 18, 9))
        activity = reminder.activity_id
        self._note(reminder, "call_back", call_back_at=datetime(2026, 3, 20, 9, 15))
        self.assertFalse(activity.active)
        self.assertEqual(reminder.activity_id.date_deadline, date(2026, 3, 20))
        self.assertIn("09:15", reminder.activity_id.summary)
        self.assertEqual(reminder.state, "to_do")

    def test_a_call_of_the_customer_is_the_call_that_was_to_be_made(self):
        reminder = self.reminder
        with self._at(TODAY_AT % "15:00"):
            action = reminder.case_id.with_user(self.owner).action_note_call()
            note = Form(
                self.env["collection.call.note"]
                .with_user(self.owner)
                .with_context(**action["context"])
            )
            note.direction = "inbound"
            note.result = "reached"
            note.save().action_note()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.case_id.call_ids.direction, "inbound")

    def test_what_only_a_call_of_ours_can_come_to(self):
        case = self.reminder.case_id
        for result in ("no_answer", "wrong_number"):
            with self.subTest(result=result), self.assertRaises(UserError):
                self.env["collection.call"]._note(case, result=result, direction="inbound")

    def test_done_in_the_chatter_is_a_result_too(self):
        reminder = self.reminder
        with self._at(TODAY_AT % "15:00"):
            reminder.activity_id.with_user(self.owner).action_feedback(feedback="Pays on Friday")
        self.assertEqual(reminder.state, "sent")
        [call] = reminder.call_ids
        self.assertEqual((call.result, call.note), ("reached", "Pays on Friday"))
        self.assertEqual(call.user_id, self.owner)

    def test_paid_before_anybody_called(self):
        reminder = self.reminder
        self._pay(reminder.item_ids.move_id)
        self._morning(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))
        self.assertFalse(reminder.case_id.activity_ids)

    # === ROLES === #

    def test_who_may_note_a_call(self):
        reminder = self.reminder
        company = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        reader = new_test_user(
            self.env, "reader", "account_collections.group_collection_readonly", **company
        )
        colleague = new_test_user(
            self.env, "colleague", "account_collections.group_collection_user", **company
        )
        for user in (reader, colleague):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._note(reminder, "reached", user=user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["collection.call"].with_user(user)._note(
                    reminder.case_id.with_user(user), result="reached"
                )
        call = self._note(reminder, "reached")
        self.env.flush_all()
        self.assertEqual(self.env["collection.call"].with_user(reader).search([]), call)
        self.assertFalse(self.env["collection.call"].with_user(colleague).search([]))
        for user in (self.owner, self.manager, reader):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                call.with_user(user).write({"result": "will_pay"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                call.with_user(user).unlink()

    def test_a_reminder_of_another_case_is_refused(self):
        reminder = self.reminder
        self._invoice(self.other_customer, 100, overdue=1)
        self._sync_cases()
        with self.assertRaises(UserError):
            self.env["collection.call"]._note(
                self._case(self.other_customer), result="reached", reminder_id=reminder.id
            )

    def test_calls_move_with_their_case(self):
        reminder = self.reminder
        call = self._note(reminder, "reached")
        self._invoice(self.other_customer, 100, overdue=1)
        self._sync_cases()
        self.env["collection.case"].sudo()._merge_partners(self.customer, self.other_customer)
        self.assertEqual(call.case_id, self._case(self.other_customer))


@tagged("post_install", "-at_install")
class TestOtherCalls(CallCommon):
    """Calls that are prepared, planned or noted in another way."""

    def test_the_script_has_amounts_invoices_and_last_exchanges(self):
        self._invoice(self.customer, 100, overdue=10)
        self._sync_cases()
        self._case(self.customer).message_post(
            body=Markup("<p>They <b>promised</b> for Monday</p>"), message_type="comment"
        )
        self._day()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.subject, "Call Dupont")
        self.assertIn(reminder.item_ids.move_name, reminder.body)
        self.assertIn("100.00", reminder.body)
        self.assertIn("promised", reminder.body)
        self.assertIn(reminder.item_ids.move_name, reminder.activity_id.note)

    def test_without_a_script_the_instructions_are_what_the_caller_gets(self):
        self.level.write({"script_id": False, "task_note": "Ask for a date."})
        self.assertIn("Ask for a date.", self._called().body)

    def test_a_caller_on_leave_is_substituted(self):
        self.env["collection.substitution"].create(
            {
                "user_id": self.owner.id,
                "substitute_id": self.manager.id,
                "date_from": TODAY,
                "date_to": TODAY + DAY,
            }
        )
        reminder = self._called()
        self.assertEqual(reminder.activity_id.user_id, self.manager)
        # back at work, they call again
        self._note(reminder, "no_answer", when=f"{TODAY + DAY} 15:00:00", user=self.manager)
        self.assertEqual(reminder.activity_id.user_id, self.manager)
        self._note(reminder, "no_answer", when=f"{TODAY + 2 * DAY} 15:00:00")
        self.assertEqual(reminder.activity_id.user_id, self.owner)

    def test_the_attempts_are_a_setting_and_start_again_after_an_answer(self):
        self.company.collection_call_attempts = 2
        reminder = self._called()
        self._note(reminder, "no_answer")
        friday = datetime(2026, 3, 20, 9)
        self._note(reminder, "call_back", when=f"{TODAY + DAY} 09:00:00", call_back_at=friday)
        call = self._note(reminder, "no_answer", when="2026-03-20 10:00:00")
        self.assertEqual((call.attempt, reminder.state), (1, "to_do"))
        self._note(reminder, "no_answer", when="2026-03-23 10:00:00")
        self.assertEqual(reminder.state, "sent")

    def test_a_call_that_nobody_planned_is_noted(self):
        self._invoice(self.other_customer, 100, overdue=1)
        self._sync_cases()
        case = self._case(self.other_customer)
        calls = self.env["collection.call"].with_user(self.owner)
        calls._note(case.with_user(self.owner), result="no_answer")
        self.assertFalse(case.activity_ids)
        later = datetime(2030, 1, 2, 10)
        calls._note(case.with_user(self.owner), result="call_back", call_back_at=later)
        [activity] = case.activity_ids
        self.assertEqual(activity.date_deadline, later.date())
        # its result, from the activity
        action = activity.with_user(self.owner).action_collection_call_result()
        note = Form(self.env["collection.call.note"].with_context(**action["context"]))
        note.result = "reached"
        note.save().action_note()
        self.assertFalse(activity.active)

    def test_a_result_of_an_add_on_has_its_place(self):
        labels = dict(self.env["collection.call"]._get_results())
        for result in labels:
            with self.subTest(result=result):
                self.assertTrue(
                    callable(getattr(self.env["collection.call"], f"_apply_{result}", None))
                )
