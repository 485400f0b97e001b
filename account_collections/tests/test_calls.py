from datetime import date, datetime, timedelta

from markupsafe import Markup
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
WEEK = 7 * DAY
TODAY_AT = f"{TODAY} %s:00"


class CallCommon(CollectionCommon):
    """A first level that is a phone call, to a customer in Paris with a landline."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.level = cls.scenario.level_ids.sorted("rank")[0]
        cls.level.write(
            {
                "channel": "call",
                "script_id": cls.env.ref("account_collections.mail_template_call_script").id,
            }
        )
        cls.france = cls.env.ref("base.fr")
        cls.customer.write({"phone": "01 40 00 00 12", "country_id": cls.france.id})

    def _called(self, partner=None):
        """Return the call that a customer is to get, handed over today."""
        partner = partner or self.customer
        self._invoice(partner, 100, overdue=10)
        self._day()
        return self._reminder(partner)

    def _note(self, reminder, result, when=None, user=None, **values):
        """Note the result of a call in the form, as a person does."""
        with self._at(when or TODAY_AT % "15:00"):
            action = reminder.with_user(user or self.owner).action_call_result()
            note = Form(
                self.env["collection.call.note"]
                .with_user(user or self.owner)
                .with_context(**action["context"])
            )
            note.result = result
            for name, value in values.items():
                setattr(note, name, value)
            note.save().action_note()
        return reminder.case_id.call_ids[:1]

    def _events(self, record):
        return (
            self.env["collection.evidence"]
            .search([("reminder_id", "=", record.id)], order="id")
            .mapped("event")
        )


@tagged("post_install", "-at_install")
class TestCalls(CallCommon):
    """A level that is a phone call: handed over, made, noted."""

    # === HANDED OVER === #

    def test_a_call_is_an_activity_of_the_owner_until_a_result_is_given(self):
        reminder = self._called()
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

    # === NUMBERS === #

    def _number(self, phone, country=None):
        self.customer.write({"phone": phone, "country_id": (country or self.france).id})
        return self.env["collection.phone"]._get_number(self.customer)

    def test_numbers_are_read_and_some_are_not_dialled(self):
        germany = self.env.ref("base.de")
        for typed, country, shown, link, problem in (
            ("0140000012", None, "+33 1 40 00 00 12", "tel:+33-1-40-00-00-12", None),
            ("06 12 34 56 78", None, "+33 6 12 34 56 78", "tel:+33-6-12-34-56-78", None),
            (
                "01 40 00 00 12 ext. 34",
                None,
                "+33 1 40 00 00 12 ext. 34",
                "tel:+33-1-40-00-00-12;ext=34",
                None,
            ),
            ("+49 30 123456", None, "+49 30 123456", "tel:+49-30-123456", None),
            ("030 123456", germany, "+49 30 123456", "tel:+49-30-123456", None),
            ("0899 12 34 56", None, "+33 899 12 34 56", None, "premium"),
            ("0700123456", None, "0700123456", None, "invalid"),
            ("ask Anne", None, "ask Anne", None, "invalid"),
        ):
            with self.subTest(typed=typed):
                number = self._number(typed, country)
                self.assertEqual(
                    (number.shown, number.link, number.problem), (shown, link, problem)
                )

    def test_who_has_the_role_is_called_first(self):
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": self.customer.id,
                    "phone": phone,
                    "collection_role": role,
                }
                for name, phone, role in (
                    ("Finance", "0140000001", "finance"),
                    ("Payables", "0140000002", "invoice"),
                    ("Mute", False, "finance"),
                )
            ]
        )
        self._sync_cases()
        self._invoice(self.customer, 100, overdue=10)
        self._sync_cases()
        case = self._case(self.customer)
        names = [contact.name for contact, _number in case._get_call_numbers("finance")]
        self.assertEqual(names, ["Finance", "Payables", "Dupont"])
        names = [contact.name for contact, _number in case._get_call_numbers("invoice")]
        self.assertEqual(names, ["Payables", "Dupont"])
        contacts[0].active = False
        names = [contact.name for contact, _number in case._get_call_numbers("finance")]
        self.assertEqual(names, ["Payables", "Dupont"])

    def test_the_salesperson_is_called_at_their_own_number(self):
        seller = new_test_user(self.env, "seller", "base.group_user", phone="0140000055")
        self.customer.user_id = seller
        case = self._called().case_id
        [(contact, number)] = case._get_call_numbers("salesperson")
        self.assertEqual(contact, seller.partner_id)
        self.assertTrue(number.shown.endswith("55"))

    def test_hostile_names_stay_names(self):
        reminder = self._called()
        self.customer.write({"name": "<script>alert(1)</script>", "phone": "<img src=x>"})
        sheet = reminder.call_sheet
        self.assertNotIn("<script>", sheet)
        self.assertNotIn("<img", sheet)
        self.assertIn("&lt;script&gt;", sheet)

    def test_without_any_number_the_sheet_says_so(self):
        reminder = self._called()
        self.assertNotIn("no number to dial", reminder.call_sheet)
        self.customer.phone = False
        reminder.invalidate_recordset(["call_sheet"])
        self.assertIn("no number to dial", reminder.call_sheet)

    def test_a_level_without_a_number_takes_its_next_channel(self):
        self.level.other_channel_ids = [
            Command.create({"channel": "email", "joins": "else", "sequence": 1})
        ]
        self.level.template_id = self.template
        for phone, wrong, cause in (
            (False, False, "has no phone number"),
            ("ask Anne", False, "is not valid"),
            ("0899 12 34 56", False, "premium-rate"),
            ("01 40 00 00 12", "01 40 00 00 12", "to be wrong"),
        ):
            with self.subTest(phone=phone), self.env.cr.savepoint() as savepoint:
                self.customer.write({"phone": phone, "collection_wrong_phone": wrong})
                reminder = self._called()
                self.assertEqual((reminder.channel, reminder.state), ("email", "sent"))
                why = self._case(self.customer).decision_id.why
                self.assertIn(cause, why)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_without_a_number_nor_another_channel_a_person_takes_over(self):
        self.customer.phone = False
        reminder = self._called()
        self.assertEqual((reminder.channel, reminder.state), ("task", "to_do"))
        self.assertEqual(self._case(self.customer).decision_id.reason, "level_called_no_address")

    # === HOURS === #

    def test_hours_are_those_of_the_debtor(self):
        reminder = self._called()
        for moment, words in (
            ("09:30", "Now"),
            ("12:30", "From 3/18/26, 1:00 PM (3/18/26, 2:00 PM in Europe/Paris)"),
            ("20:00", "From 3/19/26, 9:00 AM (3/19/26, 10:00 AM in Europe/Paris)"),
        ):
            with self.subTest(moment=moment), self._at(TODAY_AT % moment):
                reminder.invalidate_recordset(["call_sheet"])
                self.assertIn(words, reminder.with_context(tz="UTC").call_sheet)

    def test_zones_of_the_number_then_of_the_country_then_ours(self):
        phones = self.env["collection.phone"]
        case = self._called().case_id
        tokyo = phones._read_number("+81 3-1234-5678", None)
        self.assertEqual(phones._get_zones(case, tokyo), ("Asia/Tokyo",))
        self.customer.write({"country_id": self.env.ref("base.us").id, "tz": "Europe/Paris"})
        self.assertIn("America/New_York", phones._get_zones(case))
        self.assertGreater(len(phones._get_zones(case)), 5)
        self.customer.tz = "America/Chicago"
        self.assertEqual(phones._get_zones(case), ("America/Chicago",))
        self.customer.write({"country_id": False, "tz": False})
        self.assertEqual(phones._get_zones(case), ("UTC",))

    def test_the_hours_are_a_setting(self):
        self.company.collection_call_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Mornings",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {"name": "Thu", "dayofweek": "3", "hour_from": 8, "hour_to": 9.5}
                    ),
                ],
            }
        )
        with self._at(TODAY_AT % "12:00"):
            self.assertFalse(self.company._collection_may_call(["Europe/Paris"]))
            self.assertEqual(
                self.company._collection_next_call(["Europe/Paris"]), datetime(2026, 3, 19, 7, 0)
            )

    def test_where_no_hour_is_common_the_caller_is_told(self):
        case = self._called().case_id
        with self._at(TODAY_AT % "12:00"):
            text = case._explain_call_window(["Europe/Paris", "Australia/Sydney"])
        self.assertIn("No hour suits", text)

    # === MY DAY === #

    def _my_day(self, moment):
        self.env.flush_all()
        with self._at(moment):
            todo = self.env["collection.todo"].with_user(self.owner)
            todo.invalidate_model()
            found = todo.search([("kind", "=", "4_call")])
            return [(one.case_id.display_name, one.is_callable) for one in found]

    def test_calls_that_may_be_made_now_come_first(self):
        self.other_customer.write(
            {"phone": "+1 212-555-0123", "country_id": self.env.ref("base.us").id}
        )
        self._invoice(self.other_customer, 900, overdue=10)
        reminder = self._called()
        self.assertEqual(
            self._my_day(TODAY_AT % "09:30"), [("Dupont", True), ("Martin", False)]
        )
        self.assertEqual(
            self._my_day(TODAY_AT % "15:00"), [("Martin", True), ("Dupont", True)]
        )
        self.assertEqual(
            self._my_day(TODAY_AT % "22:00"), [("Martin", True), ("Dupont", False)]
        )
        self.assertFalse(self.env["collection.todo"].search([("kind", "=", "4_task")]))
        todo = self.env["collection.todo"].search([("reminder_id", "=", reminder.id)])
        self.assertEqual(todo.call_number, "+33 1 40 00 00 12")
        self.assertEqual(todo.action_call_result()["res_model"], "collection.call.note")

    def test_a_call_put_off_comes_back_on_its_day_and_hour(self):
        reminder = self._called()
        back = datetime(2026, 3, 20, 10, 30)
        self._note(reminder, "call_back", call_back_at=back)
        self.assertEqual(self._my_day(f"{TODAY + DAY} 10:00:00"), [])
        self.assertEqual(self._my_day("2026-03-20 10:00:00"), [("Dupont", False)])
        self.assertEqual(self._my_day("2026-03-20 10:31:00"), [("Dupont", True)])

    # === RESULTS === #

    def test_reached_is_a_reminder_that_went_out(self):
        reminder = self._called()
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
        reminder = self._called()
        call = self._note(reminder, "will_pay", promised_date=date(2026, 3, 27))
        self.assertEqual((call.promised_amount, call.promised_date), (100, date(2026, 3, 27)))
        self.assertEqual(reminder.state, "sent")
        evidence = self.env["collection.evidence"].search([("event", "=", "called")], limit=1)
        self.assertEqual(evidence.facts["promised_date"], "2026-03-27")

    def test_who_contests_says_why(self):
        reminder = self._called()
        with self.assertRaises(AssertionError), self.env.cr.savepoint():
            self._note(reminder, "contests")  # the form asks for it
        call = self._note(reminder, "contests", note="Goods came broken")
        self.assertEqual((call.result, reminder.state), ("contests", "sent"))
        self.assertFalse(call.promised_amount)

    def test_no_answer_is_tried_again_and_in_the_end_counts_as_gone_out(self):
        reminder = self._called()
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
        reminder = self._called()
        self._note(reminder, "no_answer", when="2026-03-20 15:00:00")
        self.assertEqual(reminder.activity_id.date_deadline, date(2026, 3, 23))
        self.assertEqual(reminder.state, "to_do")

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

    def test_a_wrong_number_flags_the_contact_and_makes_work(self):
        reminder = self._called()
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
        reminder = self._called()
        with self.assertRaises(UserError):
            self._note(reminder, "call_back", call_back_at=datetime(2026, 3, 18, 9))
        activity = reminder.activity_id
        self._note(reminder, "call_back", call_back_at=datetime(2026, 3, 20, 9, 15))
        self.assertFalse(activity.active)
        self.assertEqual(reminder.activity_id.date_deadline, date(2026, 3, 20))
        self.assertIn("09:15", reminder.activity_id.summary)
        self.assertEqual(reminder.state, "to_do")

    def test_a_call_of_the_customer_is_the_call_that_was_to_be_made(self):
        reminder = self._called()
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
        case = self._called().case_id
        for result in ("no_answer", "wrong_number"):
            with self.subTest(result=result), self.assertRaises(UserError):
                self.env["collection.call"]._note(case, result=result, direction="inbound")

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

    def test_done_in_the_chatter_is_a_result_too(self):
        reminder = self._called()
        with self._at(TODAY_AT % "15:00"):
            reminder.activity_id.with_user(self.owner).action_feedback(feedback="Pays on Friday")
        self.assertEqual(reminder.state, "sent")
        [call] = reminder.call_ids
        self.assertEqual((call.result, call.note), ("reached", "Pays on Friday"))
        self.assertEqual(call.user_id, self.owner)

    def test_paid_before_anybody_called(self):
        reminder = self._called()
        self._pay(reminder.item_ids.move_id)
        self._morning(TODAY + DAY)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "paid"))
        self.assertFalse(reminder.case_id.activity_ids)

    def test_a_result_of_an_add_on_has_its_place(self):
        labels = dict(self.env["collection.call"]._get_results())
        for result in labels:
            with self.subTest(result=result):
                self.assertTrue(
                    callable(getattr(self.env["collection.call"], f"_apply_{result}", None))
                )

    # === ROLES === #

    def test_who_may_note_a_call(self):
        reminder = self._called()
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
        reminder = self._called()
        self._invoice(self.other_customer, 100, overdue=1)
        self._sync_cases()
        with self.assertRaises(UserError):
            self.env["collection.call"]._note(
                self._case(self.other_customer), result="reached", reminder_id=reminder.id
            )

    def test_calls_move_with_their_case(self):
        reminder = self._called()
        call = self._note(reminder, "reached")
        self._invoice(self.other_customer, 100, overdue=1)
        self._sync_cases()
        self.env["collection.case"].sudo()._merge_partners(self.customer, self.other_customer)
        self.assertEqual(call.case_id, self._case(self.other_customer))
