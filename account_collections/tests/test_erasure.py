from base64 import b64encode
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import TODAY
from .evidence_common import EvidenceCommon

#: The noon of a day just before, and just after, five years from the payment.
BEFORE = "2031-03-18 12:00:00"
AFTER = "2031-03-19 12:00:00"


@tagged("post_install", "-at_install")
class TestErasure(EvidenceCommon):
    """Personal data goes when its term is over or its person asks; the proof stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Anne Petit",
                "email": "anne@customer.example",
                "parent_id": cls.customer.id,
                "type": "invoice",
            }
        )

    def _settled(self, before_payment=None):
        """Remind, get an answer and the money, all on one day long ago; return the reminder."""
        with self._at(f"{TODAY} 05:00:00"):
            self._sync_cases()
            self.env.flush_all()
        self._sql("UPDATE collection_case SET create_date = %s", TODAY)
        reminder = self._sent()
        with self._at(f"{TODAY} 13:00:00"):
            self._answer(reminder, self.contact, "We pay, Anne Petit")
            if before_payment:
                before_payment(reminder.case_id)
            self._pay(self.invoice)
        self._seal()
        self._sql("UPDATE collection_evidence SET happened_at = %s", f"{TODAY} 12:00:00")
        self._reseal()
        return reminder

    def _reseal(self):
        """The clock of the database was not frozen: make the chain of events as they now are."""
        self._sql(
            "UPDATE collection_evidence SET sequence = NULL WHERE company_id = %s", self.company.id
        )
        self._sql(
            "UPDATE collection_chain SET sequence = 0, seal = %s WHERE company_id = %s",
            "0" * 64,
            self.company.id,
        )
        self._seal()

    def _activate(self, years=5):
        self.company.write(
            {"collection_retention": True, "collection_retention_years": years}
        )

    def _job(self, now):
        with self.committing() as env, self._at(now):
            env["collection.erasure"]._cron_erase()

    def _personal_texts(self, case):
        """Everything in our tables and in messages that still names somebody."""
        found = []
        for table, columns in (
            ("collection_evidence", "facts::text"),
            ("collection_reminder", "concat(subject, body, failure)"),
            ("mail_message", "concat(subject, body, email_from, reply_to)"),
            ("mail_mail", "concat(body_html, email_to, email_cc, headers)"),
        ):
            condition = {
                "mail_message": "model = 'collection.case' AND res_id = %s",
                "mail_mail": "mail_message_id IN (SELECT id FROM mail_message"
                " WHERE model = 'collection.case' AND res_id = %s)",
            }.get(table, "case_id = %s")
            self.env.flush_all()
            self.env.cr.execute(f"SELECT {columns} FROM {table} WHERE {condition}", (case.id,))
            found += [text for (text,) in self.env.cr.fetchall() if text]
        text = " ".join(found)
        return [one for one in ("Anne", "anne@", "Dupont", "dupont", "You owe") if one in text]

    def _file(self, case):
        """File a remittance advice on a case by hand; no message brought it."""
        document = self.env["ir.attachment"].create(
            {"name": "Anne.csv", "raw": b"Anne", "res_model": case._name, "res_id": case.id}
        )
        document.action_collection_remittance()

    # === BY TERM === #

    def test_nothing_is_erased_before_somebody_activates_it(self):
        reminder = self._settled()
        self.assertFalse(self.company.collection_retention)
        self._job(AFTER)
        self.assertTrue(reminder.body)

    def test_the_day_after_the_term(self):
        reminder = self._settled()
        self._activate()
        self._job(BEFORE)
        self.assertTrue(reminder.body, "its last day is not over")
        self._job(AFTER)
        self.assertFalse(reminder.body)

    def test_what_is_erased_and_what_stays(self):
        reminder = self._settled(before_payment=self._file)
        case = reminder.case_id
        self.assertTrue(self._personal_texts(case))
        documents = reminder.attachment_ids | case.message_ids.attachment_ids
        documents |= case._get_documents()
        self.assertIn("Anne.csv", documents.mapped("name"))
        case.message_subscribe(self.contact.ids)
        self._activate()
        self._job(AFTER)
        self.assertEqual(self._personal_texts(case), [])
        self.assertFalse(documents.exists())
        self.assertFalse(reminder.recipient_id)
        self.assertFalse(case.message_ids.notification_ids)
        self.assertFalse(case.message_partner_ids & self.contact)
        self.assertEqual(case.erased_at.date(), date(2031, 3, 19))
        # what stays
        self.assertEqual((reminder.state, reminder.amount, reminder.rank), ("sent", 100, 20))
        self.assertEqual(reminder.item_ids.move_id, self.invoice)
        self.assertEqual((self.invoice.state, self.invoice.partner_id), ("posted", self.customer))
        self.assertEqual(self.customer.name, "Dupont")
        self.assertEqual(case.partner_id, self.customer)

    def test_the_chain_is_sound_afterwards(self):
        reminder = self._settled()
        sealed = {event: event.seal for event in self._events()}
        self._activate()
        self._job(AFTER)
        self._assert_sound()
        self._seal()
        self._assert_sound()
        self.assertEqual({event: event.seal for event in sealed}, sealed)
        [erased] = self._events(event="erased")
        self.assertEqual(erased.facts["ground"], "term")
        self.assertIn(self._events(reminder, "sent").id, erased.facts["events"])

    @mute_logger("odoo.addons.account_collections.models.collection_chain_check")
    def test_what_is_changed_after_an_erasure_is_still_named(self):
        reminder = self._settled()
        self._activate()
        self._job(AFTER)
        self._seal()
        event = self._events(reminder, "sent")
        self._sql(
            "UPDATE collection_evidence SET happened_at = now() WHERE id = %s", event.id
        )
        self._assert_named("altered", event, "happened_at")

    @mute_logger("odoo.addons.account_collections.models.collection_chain_check")
    def test_an_erasure_explains_only_its_own_events(self):
        reminder = self._settled()
        self._activate()
        self._job(AFTER)
        later = self.env["collection.evidence"]._record(reminder, "failed", {"why": "x"})
        self._seal()
        self._sql(
            "UPDATE collection_evidence SET salts = '{}', facts = '{}' WHERE id = %s", later.id
        )
        self._assert_named("erased", later)

    def test_unsealed_events_are_erased_and_sealed_afterwards(self):
        reminder = self._settled()
        self._sql("UPDATE collection_evidence SET sequence = NULL")
        self._sql("UPDATE collection_chain SET sequence = 0, seal = %s", "0" * 64)
        self._activate()
        self._job(AFTER)
        self._seal()
        self._assert_sound()
        self.assertFalse(self._events(reminder, "sent").salts)

    def test_open_items_have_no_term(self):
        self._settled()
        self._invoice(self.customer, 10, overdue=10)
        self._activate()
        self._job(AFTER)
        self.assertFalse(self._case(self.customer).erased_at)

    def test_open_items_of_a_contact_s_own_have_no_term(self):
        self._settled()
        self._invoice(self.contact, 10, overdue=10)
        self._activate()
        self._job(AFTER)
        self.assertFalse(self._case(self.customer).erased_at)

    def test_a_legal_stage_has_no_term(self):
        reminder = self._settled()
        reminder.case_id.sudo().state = "legal"
        self._activate()
        self._job(AFTER)
        self.assertTrue(reminder.body)

    def test_the_term_runs_from_the_last_that_happened(self):
        reminder = self._settled()
        with self._at("2030-01-01 12:00:00"):
            self.env["collection.evidence"]._record(reminder, "failed")
        self._activate()
        self._job(AFTER)
        self.assertTrue(reminder.body)
        self._job("2035-01-02 12:00:00")
        self.assertFalse(reminder.body)

    def test_the_term_is_the_company_s(self):
        reminder = self._settled()
        self._activate(years=3)
        self._job("2029-03-19 12:00:00")
        self.assertFalse(reminder.body)

    def test_erased_once(self):
        self._settled()
        self._activate()
        self._job(AFTER)
        self._job("2031-03-20 12:00:00")
        self.assertEqual(len(self._events(event="erased")), 1)

    def test_what_comes_after_is_erased_after_its_own_term(self):
        reminder = self._settled()
        self._activate()
        self._job(AFTER)
        with self._at("2031-04-01 12:00:00"):
            self.env["collection.evidence"]._record(reminder, "failed", {"why": "Anne"})
        self._job("2032-01-01 12:00:00")
        self.assertEqual(len(self._events(event="erased")), 1)
        self._job("2036-04-02 12:00:00")
        self.assertEqual(len(self._events(event="erased")), 2)
        self._seal()
        self._assert_sound()

    def test_in_batches(self):
        self._invoice(self.other_customer, 100, overdue=10)
        self._settled()
        self._pay(self.env["account.move"].search([("partner_id", "=", self.other_customer.id)]))
        self._sql("UPDATE account_partial_reconcile SET max_date = %s", TODAY)
        self._activate()
        due = self._due(AFTER)
        self.assertEqual(set(due), {self._case(p).id for p in (self.customer, self.other_customer)})
        self._job(AFTER)
        self.assertEqual(self._due(AFTER), {})

    def _due(self, now):
        with self._at(now):
            return self.env["collection.erasure"]._get_due(self.company)

    def test_other_companies_keep_their_own(self):
        reminder = self._settled()
        self.other_company.collection_retention = True
        self._job(AFTER)
        self.assertTrue(reminder.body)

    # === PREVIEW === #

    def _wizard(self, user=None, **values):
        wizard = self.env["collection.retention"].with_user(user or self.admin)
        return wizard.create({"company_id": self.company.id, **values})

    def test_the_preview_names_what_would_go_and_erases_nothing(self):
        reminder = self._settled()
        with self._at(AFTER):
            wizard = self._wizard()
            self.assertEqual((wizard.years, wizard.due_count), (5, 1))
            self.assertIn("Dupont", wizard.preview_html)
            self.assertEqual(self._wizard(years=6).due_count, 0)
        self.assertTrue(reminder.body)
        self.assertFalse(self.company.collection_retention)

    def test_an_administrator_activates_it(self):
        reminder = self._settled()
        self._wizard(years=4).action_activate()
        self.assertTrue(self.company.collection_retention)
        self.assertEqual(self.company.collection_retention_years, 4)
        self._job("2030-03-19 12:00:00")
        self.assertFalse(reminder.body)
        self._wizard().action_deactivate()
        self.assertFalse(self.company.collection_retention)

    def test_nobody_else_does(self):
        for user in (self.manager, self.owner, self.reader):
            with self.assertRaises(AccessError):
                self._wizard(user)
        with self.assertRaises(AccessError):
            self._wizard(self.stranger).action_activate()
        self.assertFalse(self.company.collection_retention)

    @mute_logger("odoo.sql_db")
    def test_a_term_is_a_year_at_least(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._wizard(years=0)
            self.env.flush_all()

    # === ON REQUEST === #

    def _erase(self, partner, user=None, **options):
        data = self.env["collection.personal.data"].with_user(user or self.admin)
        data._erase(partner.with_user(user or self.admin), **options)
        self.env.invalidate_all()

    def test_open_items_are_a_ground_to_keep(self):
        reminder = self._sent()
        with self.assertRaisesRegex(UserError, r"Open items of Dupont: 1\."):
            self._erase(self.contact)
        self.assertTrue(reminder.body)

    def test_a_legal_stage_is_a_ground_to_keep(self):
        reminder = self._settled()
        reminder.case_id.sudo().state = "formal_notice"
        with self.assertRaisesRegex(UserError, "at the stage “Formal notice”"):
            self._erase(self.contact)

    def test_a_reminder_on_its_way_is_a_ground_to_keep(self):
        reminder = self._settled()
        reminder.sudo().copy({"state": "scheduled", "decision_date": TODAY + timedelta(days=9)})
        with self.assertRaisesRegex(UserError, "withdraw it first"):
            self._erase(self.contact)

    def test_our_own_users_are_not_erased(self):
        with self.assertRaisesRegex(UserError, "is a user"):
            self._erase(self.owner.partner_id)

    def test_a_contact_is_erased_others_stay(self):
        reminder = self._settled()
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
        self._settled()
        self.contact._set_collection_unusable("email")
        self.assertEqual(self.contact.collection_bad_email, "anne@customer.example")
        self._erase(self.contact, contact=True)
        self.assertEqual(self.contact.name, f"Erased contact {self.contact.id}")
        self.assertFalse(self.contact.email or self.contact.active)
        self.assertFalse(self.contact.collection_bad_email, "what failed was an address too")

    def test_whom_accounting_names_stays(self):
        self._settled()
        self._erase(self.customer, contact=True)
        self.assertEqual(self.customer.name, "Dupont")
        case = self._case(self.customer)
        self.assertEqual(self._personal_texts(case), [])
        self.assertTrue(case.erased_at)
        self._seal()
        self._assert_sound()

    def test_an_administrator_of_collections_erases(self):
        self._settled()
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
        reminder = self._settled()
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
        reminder = self._settled()
        agreed = self._agreed(reminder.case_id)
        document = agreed[1].attachment_ids
        self._activate()
        self._job(AFTER)
        self._assert_forgotten(*agreed, document)

    def test_calls_promises_and_plans_of_a_contact(self):
        reminder = self._settled()
        agreed = self._agreed(reminder.case_id)
        document = agreed[1].attachment_ids
        data = self.env["collection.personal.data"].with_user(self.manager)._collect(self.contact)
        self.assertEqual(data["calls"][0]["note"], "Anne said")
        self.assertEqual(data["promises"][0]["said"], "I pay, Anne")
        self.assertEqual(data["plans"][0]["note"], "For Anne")
        self._erase(self.contact)
        self._assert_forgotten(*agreed, document)

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

    def test_a_printed_letter_is_erased_and_its_mailing(self):
        reminder = self._settled()
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
        reminder = self._settled()
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
