from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from .common import TODAY
from .gateway import GatewayCommon

DAY = timedelta(days=1)


REPORT = """Return-Path: <>
From: {sender}
To: {to}
Subject: Report
Message-ID: <report@customer.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="XX"

--XX
Content-Type: text/plain; charset=utf-8

What became of your message.

--XX
Content-Type: message/{kind}

Final-Recipient: rfc822; {sender}

--XX
Content-Type: message/rfc822

Subject: Reminder
Message-ID: {message_id}

You owe us.
--XX--
"""


@tagged("post_install", "-at_install")
class TestReplies(GatewayCommon):
    """A customer's message pauses automatic reminders; what a machine sends does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.customer, 100, overdue=10)
        cls._day()
        cls.reminder = cls._reminder(cls.customer)
        cls.case = cls.reminder.case_id

    def _write(self, when=TODAY, sender=None, **headers):
        """The customer answers what they got, on a day at two o'clock."""
        with self._at(f"{when} 14:00:00"):
            self._receive(
                sender or self.customer.email, references=self.reminder.message_id, **headers
            )

    def _activities(self):
        kind = self.env.ref("account_collections.mail_activity_type_reply")
        return self.case.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def _holds(self):
        """[(first day, last day, lifted)] of the pauses of a reply."""
        return [
            (hold.date_start, hold.date_end, hold.lifted_on)
            for hold in self.case.hold_ids.sorted("id")
            if hold.reason == "reply"
        ]

    def test_a_message_pauses_for_three_days_with_an_owner(self):
        self._write()
        [hold] = self.case.hold_ids
        self.assertEqual((hold.reason, hold.user_id), ("reply", self.owner))
        self.assertEqual(self._holds(), [(TODAY, TODAY + 3 * DAY, False)])
        facts, made = self._decided(self.customer, TODAY + 3 * DAY)
        self.assertEqual((made.outcome, made.reason, facts.hold.reason), ("hold", "hold", "reply"))
        self.assertIsNone(self._decided(self.customer, TODAY + 4 * DAY)[0].hold)

    def test_the_next_level_waits_for_the_pause(self):
        later = TODAY + 7 * DAY
        self._write(later - DAY)
        self._day(later)
        self.assertEqual(self.case.decision_id.reason, "hold")
        self.assertIn("Message of the customer", self.case.decision_sentence)
        self.assertEqual(self.case.state, "paused")
        # the pause ends on a Saturday
        self._day(date(2026, 3, 30))
        self.assertEqual(self._reminder(self.customer).rank, 30)

    def test_the_days_are_a_setting_and_zero_pauses_nothing(self):
        self.company.collection_reply_pause_days = 0
        self._write()
        self.assertFalse(self.case.hold_ids)
        self.assertTrue(self.case.unanswered_since)
        self.company.collection_reply_pause_days = 10
        self._write()
        self.assertEqual(self._holds(), [(TODAY, TODAY + 10 * DAY, False)])

    def test_another_message_prolongs_it_and_gives_no_second_work(self):
        self._write()
        self._write(TODAY + 2 * DAY)
        self.assertEqual(self._holds(), [(TODAY, TODAY + 5 * DAY, False)])
        self.assertEqual(len(self._activities()), 1)
        self._write(TODAY + DAY)
        self.assertEqual(self._holds(), [(TODAY, TODAY + 5 * DAY, False)], "it never shrinks")

    def test_a_pause_does_not_outgrow_the_longest(self):
        self.company.collection_max_pause_days = 4
        self._write()
        self._write(TODAY + 2 * DAY)
        second = TODAY + 2 * DAY
        self.assertEqual(
            self._holds(),
            [(TODAY, TODAY + 3 * DAY, second), (second, second + 3 * DAY, False)],
        )
        self.company.collection_max_pause_days = 2
        self.case.hold_ids._lift(TODAY)
        self._write(TODAY + 9 * DAY)
        self.assertEqual(self._holds()[2:], [(TODAY + 9 * DAY, TODAY + 11 * DAY, False)])

    def test_it_is_the_owner_s_work_until_answered(self):
        self._write()
        [activity] = self._activities()
        self.assertEqual((activity.user_id, activity.date_deadline), (self.owner, TODAY))
        self.assertIn("About my invoices", activity.note)
        self.assertEqual(self._todo(self.owner, "1_reply").case_id, self.case)
        self.assertFalse(self._todo(self.owner, "5_activity"), "it is listed once")
        with self._at(f"{TODAY} 16:00:00"):
            self.case.with_user(self.owner).action_answered()
        self.assertFalse(self._activities())
        self.assertEqual(self._holds(), [(TODAY, TODAY + 3 * DAY, TODAY)])
        self.assertFalse(self.case.current_hold_id)
        # the next message is work again
        self._write(TODAY + DAY)
        self.assertEqual(len(self._activities()), 1)

    def test_the_activity_done_is_an_answer(self):
        self._write()
        with self._at(f"{TODAY} 16:00:00"):
            self._activities().with_user(self.owner).action_feedback(feedback="Called her")
        self.assertFalse(self.case.unanswered_since)
        self.assertEqual(self._holds(), [(TODAY, TODAY + 3 * DAY, TODAY)])

    def test_answering_leaves_other_pauses_alone(self):
        hold = self.env["collection.hold"].create(
            {
                "case_id": self.case.id,
                "reason": "internal",
                "date_start": TODAY,
                "date_end": TODAY + DAY,
            }
        )
        self._write()
        with self._at(f"{TODAY} 16:00:00"):
            self.case.action_answered()
        self.assertFalse(hold.lifted_on)

    def test_what_waits_to_leave_is_marked_and_held(self):
        invoice = self._invoice(self.other_customer, 100, overdue=10)
        self._morning(TODAY + DAY)
        waiting = self._reminder(self.other_customer)
        self.assertFalse(waiting.unanswered_since)
        with self._at(f"{TODAY + DAY} 07:00:00"):
            self._receive(self.other_customer.email)
        self.assertTrue(waiting.unanswered_since)
        marked = self.env["collection.reminder"].search(
            [("unanswered_since", "!=", False), ("is_waiting", "=", True)]
        )
        self.assertEqual(marked, waiting)
        self._noon(TODAY + DAY)
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "hold"))
        # answered the same day: decided anew
        with self._at(f"{TODAY + DAY} 13:00:00"):
            self._case(self.other_customer).action_answered()
        self.assertEqual(self._reminder(self.other_customer).state, "scheduled")
        self.assertEqual(self._reminder(self.other_customer).item_ids.move_id, invoice)

    def test_an_automatic_answer_is_filed_and_changes_nothing(self):
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"X_Autoreply": "yes"},
            {"Precedence": "bulk", "subject": "Automatic reply: About my invoices"},
        ):
            with self.subTest(headers=headers):
                before = len(self.case.message_ids)
                self._write(**headers)
                self.assertFalse(self.case.unanswered_since)
                self.assertFalse(self.case.hold_ids)
                self.assertFalse(self._activities())
                note, answer = self.case.message_ids[:2]
                self.assertEqual(len(self.case.message_ids), before + 2)
                self.assertEqual(answer.author_id, self.customer)
                self.assertIn("automatic", note.body)
        self.assertEqual(self._events(self.case).count("auto_reply"), 3)
        self.assertNotIn("answered", self._events(self.case))

    def test_an_absence_sent_where_bounces_come_is_no_bounce(self):
        """Machines answer the envelope's sender, which is where failed deliveries come back."""
        bounces = self.company.alias_domain_id.bounce_email
        self.assertTrue(bounces)
        self._write(to=bounces, Auto_Submitted="auto-replied", Return_Path="<>")
        self.assertEqual(self.reminder.state, "sent")
        self.assertFalse(self.customer.collection_bounced)
        self.assertIn("auto_reply", self._events(self.case))
        self.assertEqual(self.customer.message_bounce, 0)
        # who read it got it, and says so without naming it as what they answer
        receipt = REPORT.format(
            to=bounces,
            sender=self.customer.email,
            kind="disposition-notification",
            message_id=self.reminder.message_id,
        )
        self.env["mail.thread"].sudo().message_process(False, receipt)
        self.assertEqual(self.reminder.state, "sent")
        # a report of the mail server, which nobody wrote either, does mean that it came back
        self.env["mail.thread"].sudo().message_process(
            False,
            receipt.replace("disposition-notification", "delivery-status")
            .replace("<report@", "<bounce@")
            .replace(f"From: {self.customer.email}", "From: MAILER-DAEMON@mail.example"),
        )
        self.assertEqual(self.reminder.state, "returned")

    def test_a_person_s_mail_program_may_say_no(self):
        self._write(Auto_Submitted="no")
        self.assertTrue(self.case.unanswered_since)

    def test_an_absence_after_a_message_does_not_prolong(self):
        self._write()
        self._write(TODAY + 2 * DAY, Auto_Submitted="auto-replied")
        self.assertEqual(self._holds(), [(TODAY, TODAY + 3 * DAY, False)])

    def test_our_own_mail_pauses_nothing(self):
        self._write(sender=self.owner.email)
        self.assertFalse(self.case.hold_ids)
        self.assertFalse(self._activities())

    def test_hostile_words_stay_words(self):
        self._write(subject="<script>alert(1)</script>")
        self.assertNotIn("<script>", self._activities().note)

    def test_a_collector_on_leave_is_substituted(self):
        self.env["collection.substitution"].create(
            {
                "user_id": self.owner.id,
                "substitute_id": self.manager.id,
                "date_from": TODAY,
                "date_to": TODAY + DAY,
            }
        )
        self._write()
        self.assertEqual(self._activities().user_id, self.manager)
        self.assertEqual(self.case.hold_ids.user_id, self.manager)

    def test_a_chain_of_substitutes_ends_and_a_circle_comes_back(self):
        third = self.env["res.users"].browse(self.env.uid)
        substitutions = self.env["collection.substitution"]
        for user, substitute in ((self.owner, self.manager), (self.manager, third)):
            substitutions |= substitutions.create(
                {
                    "user_id": user.id,
                    "substitute_id": substitute.id,
                    "date_from": TODAY,
                    "date_to": TODAY,
                }
            )
        with self._at(f"{TODAY} 14:00:00"):
            self.assertEqual(self.case._get_person_at_work(), third)
            substitutions[1].substitute_id = self.owner
            self.assertEqual(self.case._get_person_at_work(), self.owner)
        with self._at(f"{fields.Date.to_string(TODAY + DAY)} 14:00:00"):
            self.assertEqual(self.case._get_person_at_work(), self.owner)
