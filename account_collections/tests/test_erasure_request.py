from base64 import b64encode
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TODAY
from .erasure_common import AFTER, ErasureCommon


@tagged("post_install", "-at_install")
class TestErasureRequest(ErasureCommon):
    """Personal data goes when its person asks, whatever it is kept in; the proof stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls._settled()

    # === ON REQUEST === #

    def test_a_legal_stage_is_a_ground_to_keep(self):
        reminder = self.reminder
        reminder.case_id.sudo().state = "formal_notice"
        with self.assertRaisesRegex(UserError, "at the stage “Formal notice”"):
            self._erase(self.contact)

    def test_a_reminder_on_its_way_is_a_ground_to_keep(self):
        reminder = self.reminder
        reminder.sudo().copy({"state": "scheduled", "decision_date": TODAY + timedelta(days=9)})
        with self.assertRaisesRegex(UserError, "withdraw it first"):
            self._erase(self.contact)

    def test_our_own_users_are_not_erased(self):
        with self.assertRaisesRegex(UserError, "is a user"):
            self._erase(self.owner.partner_id)

    def test_a_contact_is_erased_others_stay(self):
        reminder = self.reminder
        case = reminder.case_id
        note = case.message_post(body="Not of that person", message_type="comment")
        self._erase(self.contact)
        # what names the company alone may stay
        self.assertLessEqual(set(self._personal_texts(case)), {"Dupont"})
        self.assertIn("Not of that person", note.body)
        self.assertFalse(case.erased_at, "the case is the company's")
        self.assertEqual(self.contact.name, "Anne Petit", "the contact itself stays")
        self._seal()
        self._assert_sound()
        [erased] = self._events(event="erased")
        self.assertEqual((erased.facts["ground"], erased.user_id), ("person", self.admin))

    def test_the_contact_itself(self):
        self.contact._set_collection_unusable("email")
        self.assertEqual(self.contact.collection_bad_email, "anne@customer.example")
        self._erase(self.contact, contact=True)
        self.assertEqual(self.contact.name, f"Erased contact {self.contact.id}")
        self.assertFalse(self.contact.email or self.contact.active)
        self.assertFalse(self.contact.collection_bad_email, "what failed was an address too")

    def test_whom_accounting_names_stays(self):
        self._erase(self.customer, contact=True)
        self.assertEqual(self.customer.name, "Dupont")
        case = self._case(self.customer)
        self.assertEqual(self._personal_texts(case), [])
        self.assertTrue(case.erased_at)
        self._seal()
        self._assert_sound()

    def test_an_administrator_of_collections_erases(self):
        for user in (self.manager, self.owner, self.reader):
            with self.assertRaises(AccessError):
                self._erase(self.contact, user)
        wizard = (
            self.env["collection.person"]
            .with_user(self.manager)
            .create({"partner_id": self.contact.id})
        )
        with self.assertRaises(AccessError):
            wizard.action_erase()

    def test_of_another_company_nothing_is_erased(self):
        reminder = self.reminder
        self._erase(self.contact, self.stranger)
        self.assertTrue(reminder.body)
        self.assertTrue(self._events(reminder, "sent").salts)

    def _agreed(self, case):
        """A call, a promise in writing and a plan with a contact of the customer."""
        company = {"case_id": case.id, "contact_id": self.contact.id}
        call = self.env["collection.call"].sudo().create(
            {
                **company,
                "result": "reached",
                "called_at": f"{TODAY} 13:00:00",
                "user_id": self.owner.id,
                "number": "+33 1 99 00 12 34",
                "note": "Anne said",
            }
        )
        currency = {"currency_id": self.company.currency_id.id, "amount": 100}
        promise = self.env["collection.promise"].sudo().create(
            {
                **company,
                **currency,
                "date_made": TODAY,
                "date": TODAY,
                "check_date": TODAY,
                "channel": "mail",
                "sentence": "I pay, Anne",
                "state": "kept",
            }
        )
        promise.attachment_ids = self.env["ir.attachment"].create(
            {"name": "p", "raw": b"Anne", "res_model": promise._name, "res_id": promise.id}
        )
        plan = self.env["collection.plan"].sudo().create(
            {**company, **currency, "note": "For Anne", "state": "completed"}
        )
        return call, promise, plan

    def _assert_forgotten(self, call, promise, plan, document):
        self.assertFalse(call.number or call.note or call.contact_id)
        self.assertFalse(promise.sentence or promise.contact_id or document.exists())
        self.assertEqual((plan.note, plan.contact_id), (False, self.customer))
        self.assertEqual((call.result, promise.state, plan.amount), ("reached", "kept", 100))

    def test_calls_promises_and_plans_by_term(self):
        reminder = self.reminder
        agreed = self._agreed(reminder.case_id)
        document = agreed[1].attachment_ids
        self._activate()
        self._job(AFTER)
        self._assert_forgotten(*agreed, document)

    def test_calls_promises_and_plans_of_a_contact(self):
        reminder = self.reminder
        agreed = self._agreed(reminder.case_id)
        document = agreed[1].attachment_ids
        data = self.env["collection.personal.data"].with_user(self.manager)._collect(self.contact)
        self.assertEqual(data["calls"][0]["note"], "Anne said")
        self.assertEqual(data["promises"][0]["said"], "I pay, Anne")
        self.assertEqual(data["plans"][0]["note"], "For Anne")
        self._erase(self.contact)
        self._assert_forgotten(*agreed, document)

    def test_how_they_pay_is_told_and_not_judged_again(self):
        behaviour = self.env["collection.behaviour"]
        known = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        behaviour._refresh(self.company, TODAY + timedelta(days=1))
        kept = self.env["collection.personal.data"].with_user(self.manager)
        [told] = kept._collect(self.customer)["behaviour"]
        self.assertEqual(told["paid_count"], 1)
        self.assertTrue(told["letter"])
        self.assertIn("Punctuality", told["terms_text"])
        self._erase(self.customer)
        self.assertFalse(behaviour.search(known))
        behaviour._refresh(self.company, TODAY + timedelta(days=2))
        self.assertFalse(behaviour.search(known))
        # Who comes back is a customer like any other.
        invoice = self._invoice(self.customer, 70, overdue=-20)
        behaviour._refresh(self.company, TODAY + timedelta(days=2))
        self.assertEqual(behaviour.search(known).exposure, 70)
        self.env["collection.prediction"]._refresh(self.company, TODAY + timedelta(days=2))
        [told] = kept._collect(self.customer)["predictions"]
        self.assertIn(invoice.name, told["line_id"])
        self.assertIn("usually", told["why"])

    def test_a_printed_letter_is_erased_and_its_mailing(self):
        reminder = self.reminder
        pdf = {"raw": b"To Anne", "res_model": reminder._name, "res_id": reminder.id}
        letter = self.env["ir.attachment"].create({"name": "1.pdf", **pdf})
        mailing = self.env["collection.mailing"].sudo().create(
            {
                "company_id": self.company.id,
                "date": TODAY,
                "user_id": self.owner.id,
                "pdf": b64encode(b"To Anne"),
                "recipients": b64encode(b"Anne"),
            }
        )
        reminder.sudo().write(
            {"letter_id": letter.id, "mailing_id": mailing.id, "tracking_number": "RK 1"}
        )
        message = reminder.mail_message_id
        sms = self.env["sms.sms"].create(
            {"number": "+33612345678", "body": "Anne", "mail_message_id": message.id}
        )
        posted = self.env["snailmail.letter"].create(
            {
                "partner_id": self.contact.id,
                "model": reminder.case_id._name,
                "res_id": reminder.case_id.id,
                "message_id": message.id,
                "company_id": self.company.id,
            }
        )
        self._erase(self.contact)
        self.assertFalse(letter.exists() or mailing.pdf or mailing.recipients)
        self.assertFalse(reminder.tracking_number)
        self.assertFalse(sms.exists() or posted.exists(), "what the services were given")

    def test_the_dialog_erases(self):
        reminder = self.reminder
        wizard = (
            self.env["collection.person"]
            .with_user(self.admin)
            .create({"partner_id": self.contact.id, "contact": True})
        )
        self.assertFalse(wizard.grounds)
        self.assertTrue(wizard.can_anonymise)
        wizard.action_erase()
        self.assertFalse(reminder.body)
        self.assertFalse(self.contact.active)


@tagged("post_install", "-at_install")
class TestErasureOfMoreRequested(ErasureCommon):
    """Where there is more that keeps personal data, or more to erase."""

    def test_open_items_are_a_ground_to_keep(self):
        reminder = self._sent()
        with self.assertRaisesRegex(UserError, r"Open items of Dupont: 1\."):
            self._erase(self.contact)
        self.assertTrue(reminder.body)

    def _contest(self, case):
        reason = self.env["collection.dispute.reason"].create({"name": "Broken"})
        lines = self.invoice.line_ids.filtered(lambda line: line.amount_residual)
        case._dispute_quick(
            reason=reason, lines=lines, amount=10, description="Anne says it broke"
        )

    def test_the_words_of_disputes(self):
        self._settled(before_payment=self._contest)
        dispute = self.env["collection.dispute"].search([("partner_id", "=", self.customer.id)])
        dispute.sudo().resolution = "Anne was right"
        self.env.flush_all()
        dispute.message_post(body="Told Anne Petit", message_type="comment")
        [told] = self.env["collection.personal.data"].with_user(self.manager)._collect(
            self.customer
        )["disputes"]
        self.assertEqual(told["text"], "Anne says it broke")
        self.assertEqual(told["answer"], "Anne was right")
        self._activate()
        self._job(AFTER)
        self.assertFalse(dispute.description or dispute.resolution)
        self.assertFalse(dispute.message_ids.tracking_value_ids)
        self.assertNotIn("Anne", str(dispute.message_ids.mapped("body")))
        self.assertEqual(dispute.line_ids.move_id, self.invoice)

    def test_what_was_there_before_an_edit_is_erased(self):
        self._sync_cases()
        self._morning()
        reminder = self._reminder(self.customer)
        with self._at(f"{TODAY} 08:00:00"):
            reminder.with_user(self.owner).body = "<p>Mine</p>"
        self._noon()
        self.assertTrue(reminder.original_body)
        self._pay(self.invoice)
        self._erase(self.contact)
        self.assertFalse(reminder.original_body or reminder.original_subject)
