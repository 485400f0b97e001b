from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY
from .gateway import GatewayCommon
from .test_recipients import ReachCommon

BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mail.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain; charset=utf-8

The mail system: your message could not be delivered.

--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} {diagnosis}

--XX
Content-Type: message/rfc822

From: {to}
To: {recipient}
Subject: Reminder
Message-ID: {message_id}

You owe us.
--XX--
"""


@tagged("post_install", "-at_install")
class TestBounces(ReachCommon, GatewayCommon):
    """What Odoo's mail gateway brings back, and what changes by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first.other_channel_ids = [Command.create({"joins": "else", "channel": "letter"})]
        cls.numbers = iter(range(1000))

    def _sent(self):
        self._invoice(self.customer, 500, 20)
        with self.mock_mail_gateway():
            self._day()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "sent")
        return reminder

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def _bounce(self, message_id, recipient=None, action="failed", status="5.1.1"):
        mail = BOUNCE.format(
            to="bounce@collections.example",
            number=next(self.numbers),
            recipient=recipient or self.customer.email,
            action=action,
            status=status,
            diagnosis="Nobody of that name here",
            message_id=message_id,
        )
        self.env["mail.thread"].sudo().message_process(False, mail)
        self.env.invalidate_all()

    def _events(self, case):
        evidence = self.env["collection.evidence"].search([("case_id", "=", case.id)])
        return evidence.mapped("event")

    def test_a_bounce_takes_the_next_channel_and_tells_the_owner(self):
        reminder = self._sent()
        case = reminder.case_id
        self._bounce(reminder.message_id)
        self.assertEqual(reminder.state, "returned")
        self.assertIn("Nobody of that name here", reminder.failure)
        self.assertTrue(self.customer.collection_bounced)
        self.assertEqual(self._events(case)[0], "returned")
        [activity] = case.activity_ids
        self.assertEqual(activity.user_id, self.owner)
        self.assertIn("Dupont", activity.summary)
        facts, made = self._decided(self.customer)
        self.assertEqual([item.rank for item in facts.items], [0], "nobody was reminded")
        self.assertFalse(facts.last_contact)
        self.assertEqual((made.outcome, made.channel, made.level.rank), ("remind", "letter", 20))
        self.assertIn(
            ["passed_over", True, {"channel": "email", "cause": "email_bounced"}], made.trace
        )

    def test_without_another_channel_a_person_takes_over(self):
        self.first.other_channel_ids.unlink()
        reminder = self._sent()
        self._bounce(reminder.message_id)
        _facts, made = self._decided(self.customer)
        self.assertEqual((made.reason, made.channel), ("level_called_no_address", "task"))

    def test_a_corrected_address_is_used_again(self):
        reminder = self._sent()
        self._bounce(reminder.message_id)
        self.customer.email = "accounts@customer.example"
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.channel, "email")
        self.customer.email = "dupont@customer.example"
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.channel, "letter", "that one still does not work")

    def test_who_writes_from_the_address_has_it(self):
        reminder = self._sent()
        self._bounce(reminder.message_id)
        mail = (
            f"From: {self.customer.email}\nTo: dunning@collections.example\n"
            "Subject: Moved\nMessage-ID: <m1@customer.example>\n\nWe are back."
        )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].sudo().message_process(False, mail)
        self.env.invalidate_all()
        self.assertFalse(self.customer.collection_bounced)

    def test_a_delay_is_no_bounce(self):
        reminder = self._sent()
        self._bounce(reminder.message_id, action="delayed", status="4.4.1")
        self.assertEqual(reminder.state, "sent")
        self.assertFalse(self.customer.collection_bounced)

    def test_a_bounce_of_another_address_behind_ours(self):
        """Forwarded: the address that bounces is none that we know; the message is ours."""
        reminder = self._sent()
        self._bounce(reminder.message_id, recipient="forwarded@elsewhere.example")
        self.assertEqual(reminder.state, "returned")
        self.assertTrue(self.customer.collection_bounced)

    def test_a_bounce_twice_is_one(self):
        reminder = self._sent()
        self._bounce(reminder.message_id)
        self._bounce(reminder.message_id)
        self.assertEqual(self._events(reminder.case_id).count("returned"), 1)
        self.assertEqual(len(reminder.case_id.activity_ids), 1)

    def test_an_unconfirmed_one_that_bounces_had_left(self):
        reminder = self._sent()
        # as a worker that died leaves it: no message, but the Message-Id is known
        reminder.sudo().write({"state": "unconfirmed", "mail_message_id": False})
        self._bounce(reminder.message_id)
        self.assertEqual(reminder.state, "returned")

    def test_a_bounce_of_another_message_changes_nothing(self):
        reminder = self._sent()
        self._bounce("<unknown@collections.example>")
        self.assertEqual(reminder.state, "sent")
        self.assertFalse(self.customer.collection_bounced)

    def test_hostile_diagnosis(self):
        reminder = self._sent()
        self._bounce(reminder.message_id, status="5.1.1 <img src=x onerror=alert(1)>")
        [activity] = reminder.case_id.activity_ids
        self.assertNotIn("<img", str(activity.note))

    def test_what_came_back_is_listed_to_repair(self):
        reminder = self._sent()
        self._bounce(reminder.message_id)
        self.env.flush_all()
        defects = self.env["collection.defect"].with_user(self.owner).search(
            [("kind", "=", "address_bad")]
        )
        self.assertEqual(defects.case_id, reminder.case_id)
        self.assertEqual(defects.contact_names, "Dupont")
        self.customer.email = "accounts@customer.example"
        self.env.flush_all()
        self.assertFalse(self.env["collection.defect"].search([("kind", "=", "address_bad")]))

    def test_a_copy_that_bounces_leaves_the_reminder_alone(self):
        self.first.copy_manager = True
        self.company.collection_manager_id = self.manager
        reminder = self._sent()
        copies = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("res_id", "=", reminder.case_id.id)]
        )
        self.assertEqual(copies.notified_partner_ids, self.manager.partner_id)
        self._bounce(copies.message_id, recipient=self.manager.email)
        self.assertEqual(reminder.state, "sent")

    def test_both_colleagues_get_a_copy_and_the_recipient_does_not(self):
        self.first.write({"copy_manager": True, "copy_salesperson": True})
        self.company.collection_manager_id = self.manager
        self.customer.user_id = self.owner
        self._invoice(self.customer, 500, 20)
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder._get_copied(), self.manager | self.owner)
        reminder.sudo().recipient_id = self.owner.partner_id
        self.assertEqual(reminder._get_copied(), self.manager)

    def test_the_day_after_a_letter_leaves(self):
        reminder = self._sent()
        self._bounce(reminder.message_id)
        self._morning(TODAY.replace(day=19))
        letter = self._reminder(self.customer)
        self.assertEqual((letter.channel, letter.state), ("letter", "scheduled"))
        self.assertIn("You owe", letter.body)
