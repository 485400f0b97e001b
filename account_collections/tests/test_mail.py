from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY
from .gateway import GatewayCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestMail(GatewayCommon):
    """What leaves, as the debtor gets it, and what comes back to the case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)

    # === WHAT LEAVES === #

    def test_one_mail_from_the_one_address_with_the_owner_s_name(self):
        self._case_with_a_follower()
        with self.mock_mail_gateway():
            reminder = self._sent()
        [mail] = self._mails
        self.assertEqual(mail["email_to"], [f'"Dupont" <{self.customer.email}>'])
        self.assertEqual(mail["message_id"], reminder.message_id)
        message = reminder.mail_message_id
        self.assertEqual(message.email_from, f'"{self.owner.name}" <{self.address}>')
        self.assertIn(self.address, message.reply_to)
        self.assertEqual(message.message_id, reminder.message_id)
        self.assertEqual(message.notification_ids.res_partner_id, self.customer)
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
        self.assertEqual(mails.mapped("state"), ["sent"], "Odoo's own queue finds nothing")
        self.assertEqual(message.res_id, reminder.case_id.id)

    def _case_with_a_follower(self):
        self._sync_cases()
        self._case(self.customer).message_subscribe(self.other_customer.ids)

    def _sent(self):
        self._day()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "sent")
        return reminder

    # === WHAT COMES BACK === #

    def test_a_reply_joins_the_case_and_waits_for_an_answer(self):
        reminder = self._sent()
        case = reminder.case_id
        text = "We will pay on Friday <b>really</b>."
        self._receive(self.customer.email, references=reminder.message_id, text=text)
        answer = case.message_ids[0]
        self.assertEqual(answer.author_id, self.customer)
        self.assertNotIn("<b>really", answer.body)
        self.assertTrue(case.unanswered_since)
        self.assertEqual(self._todo(self.owner, "1_reply").case_id, case)
        evidence = self.env["collection.evidence"].search([("case_id", "=", case.id)])
        self.assertIn("answered", evidence.mapped("event"))
        since = case.unanswered_since
        self._receive(self.customer.email, references=reminder.message_id)
        self.assertEqual(case.unanswered_since, since, "since the first of them")
        case.with_user(self.owner).action_answered()
        self.assertFalse(self._todo(self.owner, "1_reply"))

    def test_a_reply_from_another_address_joins_the_case_too(self):
        reminder = self._sent()
        self._receive("accounts@elsewhere.example", references=reminder.message_id)
        self.assertTrue(reminder.case_id.unanswered_since)

    def test_our_own_answer_by_mail_waits_for_nobody(self):
        reminder = self._sent()
        self._receive(self.owner.email, references=reminder.message_id)
        self.assertEqual(reminder.case_id.message_ids[0].author_id, self.owner.partner_id)
        self.assertFalse(reminder.case_id.unanswered_since)

    def test_unprompted_mail_of_a_contact_joins_the_company_s_case(self):
        self._sync_cases()
        contact = self.env["res.partner"].create(
            {"name": "Anne", "parent_id": self.customer.id, "email": "anne@customer.example"}
        )
        self._receive(contact.email)
        case = self._case(self.customer)
        self.assertEqual(case.message_ids[0].author_id, contact)
        self.assertTrue(case.unanswered_since)

    def test_an_archived_case_takes_its_mail(self):
        self._sync_cases()
        self._pay(self.invoice)
        case = self._case(self.customer)
        case.active = False
        self._receive(self.customer.email)
        self.assertTrue(case.unanswered_since)

    def test_an_unknown_sender_gets_a_case_that_somebody_looks_at(self):
        self._receive('"New One" <new@unknown.example>')
        case = self.env["collection.case"].search(
            [("company_id", "=", self.company.id), ("partner_id.email", "=", "new@unknown.example")]
        )
        self.assertEqual(len(case), 1)
        self.assertTrue(case.unanswered_since)
        self.assertEqual(case.portfolio_id, self.portfolio)
        self.assertEqual(self._todo(self.owner, "1_reply").case_id, case)

    # === BEFORE IT LEAVES === #

    def test_an_edited_text_leaves_as_it_was_edited(self):
        self._morning()
        reminder = self._reminder(self.customer)
        with self._at(f"{TODAY} 08:00:00"):
            reminder.with_user(self.owner).write(
                {"subject": "My words", "body": "<p>My words</p><script>alert(1)</script>"}
            )
        self.assertTrue(reminder.is_edited)
        self._noon()
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.mail_message_id.subject, "My words")
        self.assertIn("My words", reminder.mail_message_id.body)
        self.assertNotIn("script", reminder.mail_message_id.body)

    def test_edited_before_the_template_had_its_turn(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.sudo().write({"is_prepared": False, "subject": False, "body": False})
        reminder.with_user(self.owner).write({"subject": "Mine", "body": "<p>Mine</p>"})
        self._noon()
        self.assertEqual(reminder.mail_message_id.subject, "Mine")

    def test_another_amount_after_an_edit_goes_back_to_be_approved(self):
        self._morning()
        reminder = self._reminder(self.customer)
        reminder.with_user(self.owner).body = "<p>You owe 100</p>"
        self._pay(reminder.item_ids.move_id, 20)
        self._noon()
        self.assertEqual((reminder.state, reminder.amount), ("to_approve", 80))
        self.assertIn("amounts changed", reminder.failure)
        self.assertIn("You owe 100", reminder.body)
        self.assertEqual(self._todo(self.manager, "3_approve").reminder_id, reminder)
        with self._at(f"{TODAY} 13:00:00"):
            reminder.with_user(self.manager).write({"body": "<p>You owe 80</p>"})
            reminder.with_user(self.manager).action_approve()
        self._depart(f"{TODAY} 14:00:00")
        self.assertEqual(reminder.state, "sent")
        self.assertIn("You owe 80", reminder.mail_message_id.body)

    def test_another_amount_without_an_edit_is_written_anew(self):
        self._morning()
        reminder = self._reminder(self.customer)
        self._pay(reminder.item_ids.move_id, 20)
        self._noon()
        self.assertEqual((reminder.state, reminder.amount), ("sent", 80))
        self.assertIn("80.0", reminder.mail_message_id.body)
        events = self.env["collection.evidence"].search([("reminder_id", "=", reminder.id)])
        self.assertIn("rewritten", events.mapped("event"))

    def test_send_now(self):
        self._morning()
        reminder = self._reminder(self.customer)
        self._depart(f"{TODAY} 07:00:00")
        self.assertEqual(reminder.state, "scheduled", "its hour has not come")
        with self._at(f"{TODAY} 07:00:00"):
            reminder.with_user(self.manager).action_send_now()
        self._depart(f"{TODAY} 07:01:00")
        self.assertEqual(reminder.state, "sent")

    # === MY DAY AND TO REPAIR === #

    def test_my_day_shows_what_waits_for_whom(self):
        self._invoice(self.other_customer, 900, overdue=10)
        self._morning()
        mine, theirs = self._reminder(self.customer), self._reminder(self.other_customer)
        theirs.case_id.user_id = self.manager
        for state, kind in (
            ("failed", "2_repair"),
            ("unconfirmed", "2_unconfirmed"),
            ("to_approve", "3_approve"),
            ("to_do", "4_task"),
        ):
            (mine | theirs).sudo().state = state
            with self.subTest(state=state):
                self.assertEqual(self._todo(self.owner, kind).reminder_id, mine)
                todo = self._todo(self.manager, kind)
                self.assertEqual(todo.reminder_id, mine | theirs)
                self.assertEqual(todo[0].reminder_id, theirs, "the most money first")
                self.assertEqual(todo[0].action_open()["res_id"], theirs.id)
        (mine | theirs).sudo().state = "sent"
        self.env.flush_all()
        self.assertFalse(self.env["collection.todo"].with_user(self.owner).search([]))

    def test_activities_and_ending_pauses_are_in_my_day(self):
        self._sync_cases()
        case = self._case(self.customer)
        today = self.env.cr.now().date()
        case.activity_schedule("mail.mail_activity_data_todo", today, summary="Look")
        case.activity_schedule("mail.mail_activity_data_todo", today + DAY, summary="Later")
        self.env["collection.hold"].create(
            [
                {
                    "case_id": case.id,
                    "reason": "other",
                    "note": note,
                    "date_start": today,
                    "date_end": today + days * DAY,
                }
                for note, days in (("soon", 3), ("far", 4))
            ]
        )
        self.assertEqual(self._todo(self.owner, "5_activity").mapped("text"), ["Look"])
        pauses = self._todo(self.owner, "6_pause")
        self.assertEqual(pauses.mapped("text"), ["soon"])
        case.hold_ids.note = False
        self.env["res.lang"]._activate_lang("fr_FR")
        self.owner.lang = "fr_FR"
        self.env.flush_all()
        self.env.invalidate_all()
        french = pauses.with_user(self.owner).with_context(lang="fr_FR")
        self.assertEqual(french.text, "Autre", "without a note, the reason says why")
        for action in (pauses.action_withdraw, pauses.action_approve):
            with self.assertRaisesRegex(UserError, "None of these is a reminder"):
                action()

    def test_the_day_is_the_reader_s(self):
        """In the evening of Paris it is tomorrow in Auckland: there, what is due today is late."""
        due_today = self._invoice(self.customer, 100, overdue=0)
        self._sync_cases()
        case = self._case(self.customer)
        case.activity_schedule("mail.mail_activity_data_todo", TODAY + DAY, summary="Look")
        self.env.flush_all()
        for zone, is_later in (("Europe/Paris", False), ("Pacific/Auckland", True)):
            with self.subTest(zone=zone), self._at(f"{TODAY} 20:00:00"):
                self.env.invalidate_all()
                env = self.env(user=self.owner, context={"tz": zone})
                item = env["collection.item"].search([("move_id", "=", due_today.id)])
                self.assertEqual((item.is_overdue, item.days_overdue), (is_later, int(is_later)))
                todo = env["collection.todo"].search([("kind", "=", "5_activity")])
                self.assertEqual(bool(todo), is_later)

    def test_to_repair_names_what_is_missing(self):
        self.customer.write({"company_registry": False, "email": False})
        self._morning()
        self._case(self.customer).user_id = False
        self.env.flush_all()
        defects = (
            self.env["collection.defect"]
            .with_user(self.owner)
            .search([("partner_id", "=", self.customer.id)])
        )
        self.assertEqual(set(defects.mapped("kind")), {"no_address", "no_owner", "no_registration"})
        self.assertEqual(set(defects.mapped("amount")), {100})
        self.assertEqual(defects[0].action_open_case()["res_id"], self._case(self.customer).id)
