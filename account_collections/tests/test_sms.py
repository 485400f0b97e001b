from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from .common import TODAY
from .service import SILENCE, expect_failures, serving
from .test_recipients import ReachCommon

NOON = f"{TODAY} 12:00:00"


def accept(path, params):
    return _say(params, "success")


def _say(params, state):
    return [
        {"uuid": number["uuid"], "state": state}
        for message in params["messages"]
        for number in message["numbers"]
    ]


@tagged("post_install", "-at_install")
class TestSms(ReachCommon):
    """Text messages over the road of the e-mails, to a service on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first.write({"channel": "sms", "template_id": False})
        cls.company.phone = "+33144556677"

    def _sent(self, answer=accept, **invoice):
        """Decide, let the SMS leave, and return (reminder, service)."""
        self._invoice(self.customer, 500, 20, **invoice)
        self._morning()
        return self._leave(answer)

    def _leave(self, answer, now=NOON):
        with (
            self.committing() as env,
            self._at(now),
            serving(env, "sms.endpoint", answer) as service,
        ):
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        return self._reminder(self.customer), service

    def _sms(self, reminder):
        return self.env["sms.sms"].search(
            [("mail_message_id", "=", reminder.mail_message_id.id)]
        )

    def test_one_sms_to_the_mobile_with_amount_and_reference(self):
        reminder, service = self._sent(payment_reference="RF18 5390 0754")
        [(path, params)] = service.calls
        self.assertEqual(path, "/api/sms/3/send")
        [message] = params["messages"]
        self.assertEqual([number["number"] for number in message["numbers"]], ["+33612345678"])
        self.assertEqual(
            message["content"],
            f"{self.company.name}: $ 500.00 is overdue, reference RF18 5390 0754. Please pay it "
            "now.",
        )
        self.assertEqual((reminder.state, reminder.channel), ("sent", "sms"))
        self.assertEqual(reminder.mail_message_id.message_type, "sms")
        sms = self._sms(reminder)
        self.assertEqual(sms.state, "pending", "Odoo's queue has nothing to send")
        self.assertEqual(len(reminder.mail_message_id.notification_ids), 1)
        facts, _made = self._decided(self.customer)
        self.assertEqual([item.rank for item in facts.items], [20])

    def test_a_text_of_the_level_in_the_recipient_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.first.sms_text = "{company} {amount}\n {due} {reference} {phone}"
        self.first.with_context(lang="fr_FR").sms_text = "Facture {reference} : {amount}, merci."
        self._invoice(self.customer, 1234.5, 20)
        second = self._invoice(self.customer, 10, 18)
        self._morning()
        reminder, service = self._leave(accept)
        [message] = service.calls[0][1]["messages"]
        first = reminder.item_ids.sorted("date_due").move_id - second
        reference = first.payment_reference or first.name
        self.assertIn(f"Facture {reference}", message["content"])
        self.assertNotIn("\N{NO-BREAK SPACE}", message["content"])
        self.assertNotIn("\N{NARROW NO-BREAK SPACE}", message["content"])
        self.assertIn("1 244,50", message["content"])

    def test_an_unknown_placeholder_is_refused(self):
        with self.assertRaisesRegex(ValidationError, r"\{discount\}, which is unknown"):
            self.first.sms_text = "Pay {amount} and get a {discount}"

    def test_a_name_with_markup_and_placeholders_is_text(self):
        self.company.name = "<b>A & B</b> {amount}"
        _reminder, service = self._sent()
        [message] = service.calls[0][1]["messages"]
        self.assertTrue(message["content"].startswith("<b>A & B</b> {amount}: $ 500.00"))

    def test_no_credit_is_a_failure_for_a_person(self):
        reminder, _service = self._sent(lambda path, params: _say(params, "insufficient_credit"))
        self.assertEqual((reminder.state, reminder.failure), ("failed", "Insufficient Credit"))
        self.assertFalse(self.env["sms.sms"].search([("number", "=", "+33612345678")]))
        facts, made = self._decided(self.customer)
        self.assertEqual((facts.items[0].rank, made.reason), (0, "stuck"))

    @expect_failures
    def test_a_server_that_is_down_is_asked_again_and_then_given_up(self):
        self._invoice(self.customer, 500, 20)
        self._morning()
        for now, state in (
            ("12:00", "scheduled"), ("12:30", "scheduled"), ("13:00", "failed")
        ):
            reminder, service = self._leave(lambda path, params: 503, f"{TODAY} {now}:00")
            self.assertEqual(len(service.calls), 1)
            self.assertEqual(reminder.state, state)
        self.assertIn("SMS service", reminder.failure)
        with self._at(f"{TODAY} 13:30:00"):
            reminder.with_user(self.owner).action_send_again()
        reminder, _service = self._leave(accept, f"{TODAY} 14:00:00")
        self.assertEqual(reminder.state, "sent")

    @expect_failures
    def test_nobody_listens(self):
        """The connection is refused: it certainly did not leave."""
        self._invoice(self.customer, 500, 20)
        self._morning()
        with (
            self.committing() as env,
            self._at(NOON),
            serving(env, "sms.endpoint", accept) as service,
        ):
            service.stop()
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        self.assertEqual(self._reminder(self.customer).state, "scheduled")
        self.assertEqual(service.calls, [])

    @expect_failures
    def test_a_connection_that_breaks_leaves_it_unconfirmed(self):
        reminder, service = self._sent(lambda path, params: SILENCE)
        self.assertEqual(len(service.calls), 1, "it may have been sent")
        self.assertEqual(reminder.state, "unconfirmed")
        reminder, service = self._leave(accept, f"{TODAY} 15:00:00")
        self.assertEqual((reminder.state, service.calls), ("unconfirmed", []))

    def test_a_number_refused_since_the_run(self):
        for values, words in (
            ({"phone": "01 44 55 66 77"}, "not a mobile"),
            ({"phone": False}, "no phone number"),
        ):
            with self.subTest(words):
                self.customer.phone = "06 12 34 56 78"
                self._case(self.customer).reminder_ids.filtered("is_waiting")._withdraw()
                self._invoice(self.customer, 500, 20)
                self._morning()
                self.customer.write(values)
                reminder, service = self._leave(accept)
                self.assertEqual((reminder.state, service.calls), ("failed", []))
                self.assertIn(words, reminder.failure)

    def test_a_number_blacklisted_since_the_run(self):
        self._invoice(self.customer, 500, 20)
        self._morning()
        self.env["phone.blacklist"].create({"number": "+33612345678"})
        reminder, service = self._leave(accept)
        self.assertEqual((reminder.state, service.calls), ("failed", []))
        self.assertIn("blacklisted", reminder.failure)

    def test_beside_an_email_it_leaves_after_it(self):
        """What the e-mail reached does not make the SMS superfluous, and counts once."""
        self.first.write({"channel": "email", "template_id": self.template.id})
        self.first.other_channel_ids = [Command.create({"joins": "and", "channel": "sms"})]
        self._invoice(self.customer, 500, 20)
        self._morning()
        reminders = self._case(self.customer).reminder_ids
        sms = reminders.filtered("is_beside")
        sms.depart_at = f"{TODAY} 13:00:00"
        with serving(self.env, "sms.endpoint", accept):
            self._noon()
        self.assertEqual((reminders - sms).state, "sent")
        self._leave(accept, f"{TODAY} 14:00:00")
        self.assertEqual(sms.state, "sent")
        facts, _made = self._decided(self.customer)
        self.assertEqual([item.rank for item in facts.items], [20])

    def test_paid_meanwhile_it_does_not_leave(self):
        invoice = self._invoice(self.customer, 500, 20)
        self._morning()
        self._pay(invoice)
        reminder, service = self._leave(accept)
        self.assertEqual((reminder.state, service.calls), ("cancelled", []))

    # === REPORTS === #

    def _events(self, reminder):
        evidence = self.env["collection.evidence"]
        return evidence.search([("reminder_id", "=", reminder.id)]).mapped("event")

    def _report(self, reminder, status):
        """Bring in a delivery report, as the controller does."""
        tracker = self.env["sms.tracker"].sudo().search(
            [("mail_notification_id", "in", reminder.mail_message_id.notification_ids.ids)]
        )
        self.assertEqual(len(tracker), 1)
        if state := self.env["sms.sms"].IAP_TO_SMS_STATE_SUCCESS.get(status):
            tracker._action_update_from_sms_state(state)
        else:
            tracker._action_update_from_provider_error(status)
        self.env.invalidate_all()

    def test_a_delivery_report_is_evidence(self):
        reminder, _service = self._sent()
        self._report(reminder, "delivered")
        self.assertTrue(reminder.delivered_at)
        self.assertEqual(self._events(reminder)[0], "delivered")

    def test_a_number_that_does_not_exist_is_not_used_again(self):
        self.first.letter_template_id = self.template
        self.first.other_channel_ids = [Command.create({"joins": "else", "channel": "letter"})]
        reminder, _service = self._sent()
        self._report(reminder, "invalid_destination")
        self.assertEqual(reminder.state, "returned")
        self.assertEqual(self._events(reminder)[0], "returned")
        self.assertTrue(self.customer.collection_refused)
        facts, made = self._decided(self.customer)
        self.assertEqual(facts.items[0].rank, 0, "it was not reminded")
        self.assertEqual((made.channel, made.level.rank), ("letter", 20))

    def test_a_phone_that_was_off_is_for_a_person(self):
        reminder, _service = self._sent()
        self._report(reminder, "not_delivered")
        self.assertEqual((reminder.state, reminder.failure), ("failed", "Not Delivered"))
        self.assertFalse(self.customer.collection_refused)


@tagged("post_install", "-at_install")
class TestSmsReport(HttpCase, ReachCommon):
    """The service reports over HTTP, as nobody in particular."""

    def test_a_report_over_http(self):
        self.first.write({"channel": "sms", "template_id": False})
        self._invoice(self.customer, 500, 20)
        self._morning()
        with self.committing() as env, self._at(NOON), serving(env, "sms.endpoint", accept):
            env["collection.delivery"]._depart(env["res.company"].browse(self.company.id))
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "sent")
        sms = self.env["sms.sms"].search([("mail_message_id", "=", reminder.mail_message_id.id)])
        self.env.flush_all()
        report = [{"uuids": [sms.uuid], "sms_status": "delivered"}]
        answer = self.make_jsonrpc_request("/sms/status", {"message_statuses": report})
        self.assertEqual(answer, "OK")
        self.env.invalidate_all()
        self.assertTrue(reminder.delivered_at)
