from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import TODAY
from .erasure_common import AFTER, BEFORE, ErasureCommon


@tagged("post_install", "-at_install")
class TestErasure(ErasureCommon):
    """Personal data goes when its term is over; the proof stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminder = cls._settled()

    # === BY TERM === #

    def test_nothing_is_erased_before_somebody_activates_it(self):
        reminder = self.reminder
        self.assertFalse(self.company.collection_retention)
        self._job(AFTER)
        self.assertTrue(reminder.body)

    def test_the_day_after_the_term(self):
        reminder = self.reminder
        self._activate()
        self._job(BEFORE)
        self.assertTrue(reminder.body, "its last day is not over")
        self._job(AFTER)
        self.assertFalse(reminder.body)

    def test_the_chain_is_sound_afterwards(self):
        reminder = self.reminder
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
        reminder = self.reminder
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
        reminder = self.reminder
        self._activate()
        self._job(AFTER)
        later = self.env["collection.evidence"]._record(reminder, "failed", {"why": "x"})
        self._seal()
        self._sql(
            "UPDATE collection_evidence SET salts = '{}', facts = '{}' WHERE id = %s", later.id
        )
        self._assert_named("erased", later)

    def test_unsealed_events_are_erased_and_sealed_afterwards(self):
        reminder = self.reminder
        self._sql("UPDATE collection_evidence SET sequence = NULL")
        self._sql("UPDATE collection_chain SET sequence = 0, seal = %s", "0" * 64)
        self._activate()
        self._job(AFTER)
        self._seal()
        self._assert_sound()
        self.assertFalse(self._events(reminder, "sent").salts)

    def test_open_items_have_no_term(self):
        self._invoice(self.customer, 10, overdue=10)
        self._activate()
        self._job(AFTER)
        self.assertFalse(self._case(self.customer).erased_at)

    def test_open_items_of_a_contact_s_own_have_no_term(self):
        self._invoice(self.contact, 10, overdue=10)
        self._activate()
        self._job(AFTER)
        self.assertFalse(self._case(self.customer).erased_at)

    def test_a_legal_stage_has_no_term(self):
        reminder = self.reminder
        reminder.case_id.sudo().state = "legal"
        self._activate()
        self._job(AFTER)
        self.assertTrue(reminder.body)

    def test_the_term_runs_from_the_last_that_happened(self):
        reminder = self.reminder
        with self._at("2030-01-01 12:00:00"):
            self.env["collection.evidence"]._record(reminder, "failed")
        self._activate()
        self._job(AFTER)
        self.assertTrue(reminder.body)
        self._job("2035-01-02 12:00:00")
        self.assertFalse(reminder.body)

    def test_the_term_is_the_company_s(self):
        reminder = self.reminder
        self._activate(years=3)
        self._job("2029-03-19 12:00:00")
        self.assertFalse(reminder.body)

    def test_erased_once(self):
        self._activate()
        self._job(AFTER)
        self._job("2031-03-20 12:00:00")
        self.assertEqual(len(self._events(event="erased")), 1)

    def test_what_comes_after_is_erased_after_its_own_term(self):
        reminder = self.reminder
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

    def test_other_companies_keep_their_own(self):
        reminder = self.reminder
        self.other_company.collection_retention = True
        self._job(AFTER)
        self.assertTrue(reminder.body)

    # === PREVIEW === #

    def _wizard(self, user=None, **values):
        wizard = self.env["collection.retention"].with_user(user or self.admin)
        return wizard.create({"company_id": self.company.id, **values})

    def test_the_preview_names_what_would_go_and_erases_nothing(self):
        reminder = self.reminder
        with self._at(AFTER):
            wizard = self._wizard()
            self.assertEqual((wizard.years, wizard.due_count), (5, 1))
            self.assertIn("Dupont", wizard.preview_html)
            self.assertEqual(self._wizard(years=6).due_count, 0)
        self.assertTrue(reminder.body)
        self.assertFalse(self.company.collection_retention)

    def test_an_administrator_activates_it(self):
        reminder = self.reminder
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


@tagged("post_install", "-at_install")
class TestErasureOfMore(ErasureCommon):
    """Where there is more to erase, or less."""

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
