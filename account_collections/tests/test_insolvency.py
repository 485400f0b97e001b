import io
from datetime import date, timedelta

import openpyxl
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
JUDGMENT = TODAY - 60 * DAY


@tagged("post_install", "-at_install")
class TestInsolvency(CollectionCommon):
    """Old debts stop and are declared, later ones are dunned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.fr")
        cls.customer.country_id = cls.env.ref("base.fr")
        # Invoices are dated thirty days before they fall due.
        cls.old = cls._invoice(cls.customer, 1_000, overdue=80)
        cls.new = cls._invoice(cls.customer, 300, overdue=10)

    def _open(self, user=None, **values):
        self._sync_cases()
        values = {
            "case_id": self._case(self.customer).id,
            "date_judgment": JUDGMENT,
            "date_publication": JUDGMENT + 10 * DAY,
            "publication_reference": "BODACC A 20260041 n° 1234",
            **values,
        }
        wizard = self.env["collection.insolvency.open"].with_user(user or self.manager)
        with self._at(f"{TODAY} 06:00:00"):
            action = wizard.create(values).action_open()
        self.env.invalidate_all()
        return self.env["collection.insolvency"].browse(action["res_id"])

    def test_old_debts_stop_and_later_ones_are_dunned(self):
        self._morning()
        waiting = self._reminder(self.customer)
        insolvency = self._open()
        case = insolvency.case_id
        self.assertEqual((case.state, case.insolvency_id), ("insolvency", insolvency))
        self.assertEqual(waiting.state, "cancelled")
        reminder = case.reminder_ids - waiting
        self.assertEqual(reminder.item_ids.move_id, self.new)
        self._noon()
        self.assertEqual(reminder.state, "sent")
        self._morning(TODAY + DAY)
        self.assertEqual(case.state, "insolvency", "the run leaves the stage alone")
        self.new.button_draft()
        self._morning(TODAY + 7 * DAY)
        self.assertEqual(case.decision_id.reason, "insolvency")
        self.assertIn("declared, not dunned", case.decision_sentence)

    def test_without_a_judgment_everything_stops(self):
        self._sync_cases()
        self._case(self.customer).with_user(self.manager).action_set_insolvency()
        _fact, made = self._decided(self.customer)
        self.assertEqual((made.outcome, made.reason), ("hold", "state"))
        insolvency = self._open()
        self.assertEqual(insolvency.case_id.reminder_ids.item_ids.move_id, self.new)

    def test_the_day_of_the_judgment_is_already_later(self):
        judged_on = self.new.invoice_date
        self._open(date_judgment=judged_on, date_publication=judged_on)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.withheld["insolvency"][0][1], 1_000)
        self._case(self.customer).insolvency_id.write(
            {"date_judgment": judged_on + DAY, "date_publication": judged_on + DAY}
        )
        _fact, made = self._decided(self.customer)
        self.assertEqual(len(made.situation.withheld["insolvency"]), 2)

    def test_delivered_before_and_invoiced_later_is_an_old_debt(self):
        self.new.delivery_date = JUDGMENT - DAY
        self._open()
        _fact, made = self._decided(self.customer)
        self.assertEqual(len(made.situation.withheld["insolvency"]), 2)

    def test_an_old_credit_is_set_apart_too(self):
        self._invoice(self.customer, 50, overdue=80, move_type="out_refund")
        insolvency = self._open()
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 300)
        self.assertEqual(insolvency.amount_before, 950)

    # === DEADLINES === #

    def test_deadlines_run_from_the_publication(self):
        insolvency = self._open(
            date_judgment=date(2026, 1, 20), date_publication=date(2026, 1, 31)
        )
        self.assertEqual(insolvency.date_claim, date(2026, 3, 31))
        self.assertEqual(insolvency.date_title, date(2026, 4, 30))
        activities = insolvency.case_id.activity_ids.sorted("date_deadline")
        self.assertEqual(
            activities.mapped("summary"),
            [
                "Declare the claim to the administrator",
                "Claim goods under retention of title",
            ],
        )
        self.assertEqual(
            activities.mapped("date_deadline"), [date(2026, 3, 31), date(2026, 4, 30)]
        )
        self.assertEqual(activities.user_id, self.owner, "the owner of the case")

    def test_from_abroad_there_is_more_time(self):
        self.company.country_id = self.env.ref("base.de")
        insolvency = self._open(date_publication=date(2026, 1, 31))
        self.assertEqual(insolvency.date_claim, date(2026, 5, 31))

    def test_terms_are_dated_data(self):
        self.env["collection.insolvency.term"].create(
            {
                "country_id": self.env.ref("base.fr").id,
                "date_from": date(2026, 2, 1),
                "claim_months": 1,
            }
        )
        insolvency = self._open(
            date_judgment=date(2026, 1, 20), date_publication=date(2026, 1, 31)
        )
        self.assertEqual(insolvency.date_claim, date(2026, 3, 31), "the law of its day")
        insolvency.date_publication = date(2026, 2, 2)
        self.assertEqual(insolvency.date_claim, date(2026, 3, 2))

    def test_an_unknown_publication_is_prudent_and_its_day_comes_later(self):
        insolvency = self._open(date_publication=False)
        self.assertEqual(insolvency.date_claim, date(2026, 3, 17), "two months from 17 January")
        insolvency.with_user(self.manager).date_publication = date(2026, 2, 10)
        self.assertEqual(insolvency.date_claim, date(2026, 4, 10))
        self.assertEqual(insolvency.claim_activity_id.date_deadline, date(2026, 4, 10))
        self.assertEqual(insolvency.title_activity_id.date_deadline, date(2026, 5, 10))

    def test_a_country_without_terms_of_its_own(self):
        self.customer.country_id = self.env.ref("base.be")
        self.company.country_id = self.env.ref("base.be")
        insolvency = self._open(date_publication=date(2026, 1, 31))
        self.assertEqual(insolvency.date_claim, date(2026, 3, 31))
        self.env["collection.insolvency.term"].search([]).unlink()
        insolvency.case_id.with_user(self.manager).action_reopen()
        with self.assertRaisesRegex(ValidationError, "No terms of insolvency"):
            self._open()

    def test_declared_is_noted_and_its_task_done(self):
        insolvency = self._open()
        insolvency.with_user(self.manager).action_declared()
        self.assertEqual(insolvency.declared_amount, 1_000)
        self.assertTrue(insolvency.date_declared)
        self.assertFalse(insolvency.claim_activity_id.active)
        self.assertTrue(insolvency.title_activity_id.active)

    def test_published_before_it_was_judged(self):
        with self.assertRaisesRegex(ValidationError, "published on its own day or later"):
            self._open(date_publication=JUDGMENT - DAY)

    # === CHARGES, END === #

    def test_no_compensation_on_old_debts(self):
        self._sync_cases()
        case = self._case(self.customer)
        self.assertTrue(case._collection_charges_allowed())
        self.assertTrue(case._collection_charges_allowed(self.old.invoice_date))
        self._open()
        self.assertFalse(case._collection_charges_allowed())
        self.assertFalse(case._collection_charges_allowed(self.old.invoice_date))
        self.assertFalse(case._collection_charges_allowed(JUDGMENT - DAY))
        self.assertTrue(case._collection_charges_allowed(JUDGMENT))

    def test_back_to_the_scenario(self):
        insolvency = self._open()
        case = insolvency.case_id
        case.with_user(self.manager).action_reopen()
        self.assertTrue(insolvency.date_end)
        self.assertFalse(case.insolvency_id)
        self.assertFalse(
            case.activity_ids.filtered(lambda one: "retention of title" in one.summary)
        )
        _fact, made = self._decided(self.customer, TODAY + 30 * DAY)
        self.assertEqual(made.situation.overdue, 1_300)
        self.assertEqual(self._open().case_id, case, "and open again")

    def test_one_at_a_time(self):
        insolvency = self._open()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            insolvency.copy()

    def test_merged_customers_have_one_open_insolvency(self):
        ours = self._open()
        self._invoice(self.other_customer, 100, overdue=80)
        self._sync_cases()
        theirs = self._open(case_id=self._case(self.other_customer).id)
        merged = self._case(self.other_customer)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            [self.customer.id, self.other_customer.id], self.customer
        )
        case = self._case(self.customer)
        self.assertEqual(case.insolvency_ids, ours | theirs)
        self.assertEqual(case.insolvency_id, ours)
        self.assertTrue(theirs.date_end)
        self.assertFalse(merged.exists())

    # === THE LIST OF CLAIMS === #

    def test_the_list_of_claims_names_what_is_owed_from_before(self):
        self.customer.name = "=cmd|' /C calc'!A0 <b>Dupont</b>"
        insolvency = self._open()
        action = insolvency.with_user(self.owner).action_export()
        number = action["url"].split("/")[3].partition("?")[0]
        attachment = self.env["ir.attachment"].browse(int(number))
        self.assertEqual((attachment.res_model, attachment.res_id), (
            "collection.case", insolvency.case_id.id
        ))
        sheet = openpyxl.load_workbook(io.BytesIO(attachment.raw)).active
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        documents = [row[0] for row in rows]
        self.assertIn(self.old.name, documents)
        self.assertNotIn(self.new.name, documents)
        self.assertEqual(rows[-1][6], 1_000)
        [debtor] = [row[1] for row in rows if row[0] == "Debtor"]
        self.assertEqual(debtor, self.customer.display_name, "a text, no formula")
        self.assertIn("BODACC A 20260041 n° 1234", str(rows))

    def test_the_printed_list(self):
        insolvency = self._open()
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account_collections.report_insolvency_claims", insolvency.ids
        )
        text = html.decode()
        self.assertIn(self.old.name, text)
        self.assertNotIn(self.new.name, text)
        self.assertIn("1,000.00", text)

    # === WHO MAY === #

    def test_a_credit_manager_decides(self):
        with self.assertRaises(AccessError):
            self._open(self.owner)
        insolvency = self._open()
        self._case(self.customer).user_id = self.manager
        with self.assertRaises(AccessError):
            insolvency.with_user(self.owner).read(["court"])
        self._case(self.customer).user_id = self.owner
        insolvency.with_user(self.owner).read(["court"])
        with self.assertRaises(AccessError):
            insolvency.with_user(self.owner).court = "Elsewhere"
        reader = new_test_user(
            self.env, "reader", "account_collections.group_collection_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )
        insolvency.with_user(reader).read(["court"])
        with self.assertRaises(AccessError):
            insolvency.with_user(reader).court = "Elsewhere"
        stranger = new_test_user(
            self.env, "stranger", "account_collections.group_collection_manager",
            company_id=self.env.ref("base.main_company").id,
        )
        with self.assertRaises(AccessError):
            insolvency.with_user(stranger).read(["court"])
