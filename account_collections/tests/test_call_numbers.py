from datetime import datetime

from odoo import Command
from odoo.tests import new_test_user, tagged

from .calls_common import DAY, TODAY_AT, CallCommon
from .common import TODAY


@tagged("post_install", "-at_install")
class TestCallNumbers(CallCommon):
    """Whom a caller dials, and at what hour."""

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
