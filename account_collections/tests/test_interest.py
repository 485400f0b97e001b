import base64
import io
from datetime import date, timedelta

import openpyxl
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestInterest(CollectionCommon):
    """What late payment costs: claimable, billed by a note, waived. By French law, in USD."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.law = cls.env.ref("account_collections.interest_law_france").copy(
            {"country_id": False, "currency_id": cls.company.currency_id.id}
        )
        cls.company.write(
            {
                "collection_interest": True,
                "collection_interest_since": TODAY - 365 * DAY,
                "collection_interest_law_id": cls.law.id,
            }
        )
        cls.accountant = cls._user("books", "account.group_account_invoice")

    def _refresh(self, today=TODAY):
        self._sync_cases()
        self.env["collection.interest.claim"]._refresh(self.company, today)

    def _claims(self, *invoices):
        ids = [invoice.id for invoice in invoices]
        return self.env["collection.interest.claim"].search([("move_id", "in", ids)])

    def _note(self, *invoices, user=None):
        """Return the draft of a note over invoices, by a collector."""
        self._refresh()
        with self._at(NOON):
            claims = self._claims(*invoices).with_user(user or self.owner)
            action = claims.action_draft_notes()
        return self.env["collection.interest.note"].browse(action.get("res_id"))

    def _book(self, note):
        with self._at(NOON):
            note.with_user(self.manager).action_approve()
            note.with_user(self.accountant).action_book()
        return note.move_id

    # === WHAT MAY BE CLAIMED === #

    def test_figures_of_the_law(self):
        """45 days of 10,000 at 12.15 %; over the turn of the half-year; cut by value dates."""
        open_invoice = self._invoice(self.customer, 10_000, overdue=45)
        paid = self._invoice(self.customer, 12_000, overdue=(TODAY - date(2025, 5, 31)).days)
        self._pay(paid, payment_date=date(2025, 8, 15))
        in_time = self._invoice(self.customer, 700, overdue=20)
        self._pay(in_time, payment_date=TODAY - 20 * DAY)
        in_parts = self._invoice(self.customer, 10_000, overdue=45)
        self._pay(in_parts, 4_000, payment_date=TODAY - 35 * DAY)
        credit = self._invoice(self.customer, 3_500, overdue=-15, move_type="out_refund",
                               invoice_date=TODAY - 15 * DAY)  # fmt: skip
        lines = (in_parts | credit).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self._refresh()
        claim = self._claims(open_invoice)
        self.assertEqual((claim.days, claim.interest, claim.status), (45, 149.79, "running"))
        self.assertEqual((claim.compensation, claim.amount), (40, 189.79))
        claim = self._claims(paid)
        self.assertEqual((claim.days, claim.interest, claim.status), (76, 313.45, "final"))
        self.assertFalse(self._claims(in_time))
        # 10 days of 10,000, 20 of 6,000, 15 of 2,500, at 12.15 %
        self.assertEqual(self._claims(in_parts).interest, 85.72)
        case = self._case(self.customer)
        self.assertAlmostEqual(case.interest_claimable, 149.79 + 313.45 + 85.72 + 3 * 40)
        self._refresh(TODAY + DAY)
        self.assertEqual(self._claims(open_invoice).days, 46)
        self.company.collection_interest = False
        self._refresh()
        self.assertFalse(case.interest_claim_ids)
        self.assertEqual(case.interest_claimable, 0)

    def test_who_owes_none(self):
        """Consumers, people of whom nobody knows, insolvency, disputes; and each says so."""
        consumer = self._customer("Consumer", collection_legal_form="consumer")
        unknown = self._customer("Unknown", is_company=False, company_registry=False)
        insolvent = self._customer("Insolvent")
        partners = (consumer, unknown, insolvent, self.customer)
        invoices = [self._invoice(partner, 1_000, overdue=30) for partner in partners]
        self._refresh()
        with self._at(NOON):
            wizard = self.env["collection.insolvency.open"].with_user(self.manager)
            wizard.create({"case_id": self._case(insolvent).id, "date_judgment": TODAY})
            wizard.search([]).action_open()
            self._case(self.customer)._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=invoices[3].line_ids.filtered("date_maturity"),
                amount=400,
                description="Broken",
            )
        self._refresh()
        problems = [self._claims(invoice).problem for invoice in invoices]
        self.assertEqual(problems, ["consumer", "unknown_form", "insolvency", "disputed"])
        claims = self._claims(*invoices)
        self.assertFalse(any(claims.mapped("amount")))
        with self.assertRaisesRegex(UserError, "Business or consumer"):
            self._claims(invoices[1]).with_user(self.owner).action_draft_notes()
        self._case(unknown).sudo().outstanding = 1_000
        self.env.flush_all()
        defects = self.env["collection.defect"].search([("kind", "=", "no_legal_form")])
        self.assertEqual(defects.partner_id, unknown)
        unknown.collection_legal_form = "business"
        self._refresh()
        self.assertEqual(self._claims(invoices[1]).compensation, 40)

    def test_a_missing_rate_is_said(self):
        later = date(2026, 7, 10)
        invoice = self._invoice(self.customer, 1_000, overdue=30)
        self._refresh(later)
        claim = self._claims(invoice)
        self.assertEqual((claim.problem, claim.amount), ("no_rate", 0))
        with self._at(f"{later} 12:00:00"):
            with self.assertRaisesRegex(UserError, "half-year from 07/01/2026 is missing"):
                claim.with_user(self.owner).action_draft_notes()
            reference = self.law.reference_id
            self.assertTrue(reference.is_missing)
            with self._refused("begins on 1 January or on 1 July"):
                reference.rate_ids = [Command.create({"date_from": later, "rate": 2})]
            reference.with_user(self.manager).rate_ids = [
                Command.create({"date_from": date(2026, 7, 1), "rate": 2.4})
            ]
            self.assertFalse(reference.is_missing)
        self._refresh(later)
        self.assertEqual(self._claims(invoice).problem, False)
        self.company.collection_interest_law_id = False
        self.company.country_id = self.env.ref("base.ch")
        self._refresh(later)
        self.assertEqual(self._claims(invoice).problem, "no_law")

    def test_laws_and_agreed_rates(self):
        laws = self.env["collection.interest.law"]
        found = {
            code: laws._find(self.env.ref(f"base.{code}"))
            for code in ("fr", "de", "uk", "be", "es", "it", "pt", "ch")
        }
        self.assertEqual(
            {code: float(law._get_rates()[date(2026, 1, 1)]) for code, law in found.items() if law},
            {"fr": 12.15, "de": 10.27, "uk": 11.75, "be": 10.5, "es": 10.15, "it": 10.15,
             "pt": 10.15},
        )  # fmt: skip
        self.assertEqual(found["uk"].tier_ids.mapped("compensation"), [40, 70, 100])
        self.assertEqual(found["uk"].mode, "fixed")
        with self._at(NOON):
            # Three times the legal rate of 2.62 %.
            with self._refused("less than 7.86 % may not be agreed"):
                self.customer.with_company(self.company).collection_interest_rate = 7
            with self._refused("cannot be negative"):
                self.company.collection_interest_rate = -1
            self.company.collection_interest_rate = 9
            self.customer.with_company(self.company).collection_interest_rate = 8
        own = self._invoice(self.customer, 10_000, overdue=45)
        other = self._invoice(self.other_customer, 10_000, overdue=45)
        self._refresh()
        self.assertEqual(self._claims(own).interest, 98.63)
        self.assertEqual(self._claims(other).interest, 110.96)

    # === NOTES === #

    def test_a_note_is_an_ordinary_invoice(self):
        """Drafted, approved and booked by three people; nothing is billed twice."""
        paid = self._invoice(self.customer, 10_000, overdue=60)
        self._pay(paid, payment_date=TODAY - 15 * DAY)
        running = self._invoice(self.customer, 2_000, overdue=10)
        note = self._note(paid, running)
        self.assertFalse(self._claims(paid, running), "what is drafted is taken")
        self.assertEqual(note.amount, 149.79 + 6.66 + 80)
        with self.assertRaisesRegex(UserError, "“.*” is to approve and cannot become booked"):
            note.with_user(self.accountant).action_book()
        with self.assertRaises(AccessError):
            note.with_user(self.owner).action_approve()
        with self.assertRaises(UserError):
            note.with_user(self.manager).write({"state": "booked"})
        with self.assertRaises(UserError):
            self.env["collection.interest.note"].with_user(self.manager).create(
                {"case_id": note.case_id.id, "partner_id": note.partner_id.id,
                 "currency_id": note.currency_id.id, "date": TODAY}
            )  # fmt: skip
        move = self._book(note)
        self.assertEqual((move.state, move.amount_total, move.amount_tax), ("posted", 236.45, 0))
        self.assertEqual((move.partner_id, note.state), (self.customer, "booked"))
        self.assertIn("45 days, 12.15 % a year", move.invoice_line_ids.mapped("name")[0])
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", move.id),
             ("name", "like", "Computation")]
        )  # fmt: skip
        workbook = openpyxl.load_workbook(io.BytesIO(base64.b64decode(attachment.datas)))
        rows = list(workbook.active.iter_rows(values_only=True))
        self.assertIn((10_000, 45, 12.15, 149.79), [(row[2], *row[5:8]) for row in rows])
        # A month later: the rest of what runs, no compensation again, no interest on interest.
        later = TODAY + 60 * DAY
        self._refresh(later)
        self.assertEqual(self.env["collection.interest.claim"].search([]).move_id, running)
        claim = self._claims(running)
        self.assertEqual((claim.date_from, claim.days), (TODAY + DAY, 60))
        self.assertEqual((claim.interest, claim.compensation), (39.95, 0))
        with self.assertRaisesRegex(UserError, "is posted: credit it first"):
            note.with_user(self.manager).action_cancel()
        events = self.env["collection.evidence"].search([("case_id", "=", note.case_id.id)])
        self.assertLessEqual({"interest_approved", "interest_booked"}, set(events.mapped("event")))

    def test_waived_in_bulk_with_a_reason(self):
        invoices = [self._invoice(self.customer, 1_000, overdue=30) for _number in range(3)]
        invoices.append(self._invoice(self.other_customer, 1_000, overdue=30))
        self._refresh()
        wizard = self.env["collection.interest.waive"]
        claims = self._claims(*invoices)
        vals = {"claim_ids": claims.ids, "reason": "goodwill", "note": "New director"}
        with self.assertRaises(AccessError):
            wizard.with_user(self.owner).create(vals)
        with self._at(NOON):
            waive = wizard.with_user(self.manager).create(vals)
            self.assertIn("of 4", waive.summary)
            waive.action_waive()
            self.assertFalse(claims.exists())
            groups = self.env["collection.interest.note"]._read_group(
                [("company_id", "=", self.company.id)],
                ["state", "waive_reason"],
                ["amount_company:sum", "__count"],
            )
            self.assertEqual(groups, [("waived", "goodwill", 4 * 49.99, 2)])
            with self.assertRaisesRegex(UserError, "cannot become approved"):
                notes = self.env["collection.interest.note"].search([])
                notes.with_user(self.manager).action_approve()
            # Taken back, it may be claimed again.
            notes.with_user(self.manager).action_cancel()
        self.assertEqual(len(self._claims(*invoices)), 4)

    def test_the_ledger_changes_after_the_draft(self):
        """Contested, paid earlier than was known: it is not booked; a locked period is said."""
        invoice = self._invoice(self.customer, 1_000, overdue=30)
        note = self._note(invoice)
        self._pay(invoice, payment_date=TODAY - 20 * DAY)
        with self.assertRaisesRegex(UserError, "has changed since the note was drafted"):
            note.with_user(self.manager).action_approve()
        with self._at(NOON):
            note.with_user(self.manager).action_cancel()
        note = self._note(invoice)
        self.assertEqual((note.interest, note.line_ids[0].days), (3.33, 10))
        with self._at(NOON):
            note.with_user(self.manager).action_approve()
        note.with_user(self.manager).date = TODAY - 60 * DAY
        self.company.fiscalyear_lock_date = TODAY - 50 * DAY
        with self.assertRaisesRegex(UserError, "is locked until"):
            note.with_user(self.accountant).action_book()
        note.with_user(self.manager).date = TODAY
        note.with_user(self.accountant).action_book()
        self.assertEqual(note.state, "booked")
        contested = self._invoice(self.customer, 1_000, overdue=30)
        note = self._note(contested)
        with self._at(NOON):
            self._case(self.customer)._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=contested.line_ids.filtered("date_maturity"),
                amount=400,
                description="Broken",
            )
        with self.assertRaisesRegex(UserError, "is in dispute"):
            note.with_user(self.manager).action_approve()

    def test_credited_after_it_was_booked(self):
        invoice = self._invoice(self.customer, 1_000, overdue=30)
        note = self._note(invoice)
        move = self._book(note)
        self.assertEqual(note.excess, 0)
        refund = self._invoice(self.customer, 1_000, overdue=-32, move_type="out_refund",
                               invoice_date=TODAY + 2 * DAY)  # fmt: skip
        lines = (invoice | refund).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        note.invalidate_recordset()
        self.assertEqual(note.excess, 49.99, "none of it was owed: neither interest nor 40")
        with self._at(f"{TODAY + 3 * DAY} 12:00:00"):
            note.with_user(self.accountant).action_credit_excess()
        credit = note.credit_move_ids
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "draft"))
        self.assertEqual((credit.amount_total, credit.reversed_entry_id), (49.99, move))
        self.assertEqual(note.excess, 0, "its credit note is drafted")

    # === SHOWN, SEEN === #

    def test_mentioned_where_the_level_says_so(self):
        self._invoice(self.customer, 10_000, overdue=45)
        level = self.scenario.level_ids.sorted("rank")[0]
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertFalse(reminder._get_interest())
        level.show_interest = True
        self.assertEqual(reminder._get_interest(), [(self.company.currency_id, 149.79, 40)])
        self.env["collection.prepare"].sudo()._prepare(reminder.sudo())
        self.assertIn("149.79", reminder.body)
        self.assertIn("not included in the total due", reminder.body)
        self.assertEqual(reminder.amount, 10_000)
        case = self._case(self.customer)
        with self._at(NOON):
            self.assertEqual(case._get_interest_to_tell(TODAY), 0)
            self.company.collection_interest_on_statement = True
            self.assertEqual(case._get_interest_to_tell(TODAY), 189.79)
            self.assertEqual(case._get_interest_to_tell(TODAY - DAY), 0, "the past is not known")

    def test_who_sees_it(self):
        """A collector sees own cases, an accountant notes, others nothing; nobody writes."""
        invoice = self._invoice(self.customer, 1_000, overdue=30)
        note = self._note(invoice)
        other = self._invoice(self.other_customer, 1_000, overdue=30)
        self._refresh()
        claim = self._claims(other)
        stranger = self._user("stranger", "account_collections.group_collection_user")
        self._case(self.other_customer).user_id = self.owner
        self._case(self.customer).user_id = self.owner
        self.assertTrue(claim.with_user(self.owner).read(["amount"]))
        for record in (claim, note, note.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["amount"])
        self.assertTrue(note.with_user(self.accountant).line_ids.read(["amount"]))
        with self.assertRaises(AccessError):
            note.with_user(self.accountant).action_approve()
        elsewhere = self._user(
            "elsewhere",
            "account_collections.group_collection_manager",
            self.env["res.company"].create({"name": "Elsewhere"}),
        )
        for record in (claim, note):
            with self.assertRaises(AccessError):
                record.with_user(elsewhere).read(["amount"])
        with self.assertRaises(AccessError):
            claim.with_user(self.manager).write({"amount": 1})
        with self.assertRaises(AccessError):
            note.line_ids.with_user(self.manager).write({"amount": 1})
        with self.assertRaises(AccessError):
            self.law.with_user(self.owner).write({"margin": 20})
        with self._at(NOON), self.assertRaises(ValidationError):
            self.customer.with_company(self.company).with_user(self.owner).write(
                {"collection_interest_rate": 1}
            )
