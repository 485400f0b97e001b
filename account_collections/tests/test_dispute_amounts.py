from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import TODAY
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDisputeAmounts(DisputeCommon):
    """What a dispute withholds meanwhile, and what is credited when it is accepted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)

    # === WHAT IT WITHHOLDS === #

    def test_only_the_disputed_part_is_withheld_and_why_says_so(self):
        self._dispute(self.invoice, 30)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        case = self._case(self.customer)
        self.assertEqual((case.overdue, case.disputed, case.outstanding), (70, 30, 100))
        self.assertEqual(case.state, "dunning")
        [entry] = [
            entry
            for entry in self.env["collection.reason"]._explain_trace(case.decision_id)
            if entry["code"] == "disputed"
        ]
        self.assertTrue(entry["stopped"])
        self.assertIn("The customer disputes it", entry["text"])
        self.assertIn("30.00", entry["text"])

    def test_a_case_of_which_all_is_disputed(self):
        self._dispute(self.invoice)
        case = self._case(self.customer)
        self.assertEqual((case.overdue, case.disputed), (0, 100))
        self.assertEqual((case.state, case.decision_id.reason), ("disputed", "disputed"))
        self.assertFalse(self._claimed(self.customer))

    def test_the_reminder_names_what_is_disputed(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        other = self._invoice(self.customer, 200, overdue=12)
        self._dispute(self.invoice)
        self._dispute(other, 60)
        self._noon(TODAY + DAY)
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 140))
        self.assertEqual(reminder.item_ids.disputed_currency, 60)
        text = str(reminder.body)
        self.assertIn("without", text)
        self.assertIn("do not ask for it meanwhile", text)
        for part in (f"{other.name} ($\xa060.00)", f"{self.invoice.name} ($\xa0100.00)"):
            self.assertIn(part, html2plaintext(text))

    def test_the_statement_names_what_is_disputed(self):
        self._dispute(self.invoice, 30)
        [statement] = self.env["collection.statement"]._gather(self._case(self.customer), TODAY)
        [account] = statement.accounts
        self.assertEqual((account.balance, account.disputed), (100, 30))
        rows = [(row.kind, row.value) for row in account.item_rows(False)]
        self.assertEqual(rows[1], ("disputed", 30))
        [past] = self.env["collection.statement"]._gather(
            self._case(self.customer), TODAY, past=True
        )
        self.assertEqual(past.accounts[0].disputed, 0)

    def test_a_reminder_that_waits_is_written_anew(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self._morning()
        self.assertEqual(self._reminder(self.customer).amount, 100)
        self._dispute(self.invoice, 30, day=f"{TODAY}")
        self._depart(f"{TODAY} 12:30:00")
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 70))
        self.assertEqual(reminder.item_ids.disputed_currency, 30)
        self.assertIn("in dispute", str(reminder.body))

    def test_a_payment_of_the_rest_leaves_only_what_is_disputed(self):
        self._dispute(self.invoice, 30)
        self._pay(self.invoice, 70)
        self.assertFalse(self._claimed(self.customer))
        self._pay(self.invoice, 10)
        held = self.env["collection.dispute"]._get_disputed_amounts(self._receivable(self.invoice))
        self.assertEqual(list(held.values()), [(20, 20)], "no more than what is left")

    def test_two_disputes_of_one_item_add_up(self):
        self._dispute(self.invoice, 30)
        self._dispute(self.invoice, 20, reason=self.price)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 50})

    def test_lines_of_an_invoice_in_instalments_lie_on_the_oldest(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 20)
                ],
            }
        )
        invoice = self._invoice(
            self.customer, 200, overdue=10, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        first, second = self._receivable(invoice).sorted("date_maturity")
        self._sync_cases()
        case = self._case(self.customer)
        disputes = self.env["collection.dispute"]
        with self._at(f"{TODAY} 12:00:00"):
            for values in (
                {"invoice_line_id": invoice.invoice_line_ids.id, "amount_currency": 130},
                {"line_id": second.id, "amount_currency": 20},
            ):
                disputes.create(
                    {
                        "case_id": case.id,
                        "reason_id": self.reason.id,
                        "line_ids": [Command.create(values)],
                    }
                )
        held = disputes._get_disputed_amounts(first | second)
        self.assertEqual(held, {first.id: (100, 100), second.id: (50, 50)})

    def test_held_amounts_in_a_foreign_currency_follow_the_item(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(self.customer, 90, overdue=10, currency_id=euro.id)
        self._dispute(invoice, 30)
        self.setup_other_currency("EUR", rates=[("2026-03-01", 3.0)])
        line = self._receivable(invoice)
        held = self.env["collection.dispute"]._get_disputed_amounts(line)
        self.assertEqual(held, {line.id: (30, 15)})
        facts, _made = self._decided(self.customer)
        [item] = [item for item in facts.items if item.key == line.id]
        self.assertEqual((item.disputed_currency, item.parts["disputed"]), (30, ((15, None),)))

    def test_a_constant_number_of_queries(self):
        invoices = [self._invoice(self._customer(f"C{n}"), 100, overdue=10) for n in range(3)]
        self._sync_cases()
        cases = self.env["collection.case"].search([("company_id", "=", self.company.id)])
        before = self._count_queries(cases)
        for invoice in invoices:
            self._dispute(invoice, 10)
        self.assertEqual(self._count_queries(cases), before)

    def _count_queries(self, cases):
        """Return what gathering takes once the settings are cached."""
        for _time in range(2):
            start = self.env.cr.sql_log_count
            facts = self.env["collection.gather"]._gather_facts(cases, TODAY)
        self.assertEqual(len(facts), len(cases))
        return self.env.cr.sql_log_count - start

    # === ITEMS THAT SEVERAL ARE ASKED FOR === #

    def _let_pay(self, share):
        """Let the other customer pay a share of what this one owes."""
        self.customer.write(
            {"collection_payer_id": self.other_customer.id, "collection_payer_share": share}
        )
        self._sync_cases()
        self.env.invalidate_all()

    def test_of_a_shared_item_only_what_its_debtor_contests_waits(self):
        self._let_pay(30)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 30})
        case = self._case(self.customer)
        with self._at(f"{TODAY} 12:00:00"):
            dispute = case._dispute_quick(
                reason=self.reason, lines=self._receivable(self.invoice), amount=20
            )
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 50})
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 30})
        [statement] = self.env["collection.statement"]._gather(
            self._case(self.other_customer), TODAY
        )
        self.assertEqual(statement.accounts[0].disputed, 0)
        self.env.flush_all()
        items = self.env["collection.item"].search([("line_id", "in", self.invoice.line_ids.ids)])
        self.assertEqual(
            {item.case_id: item.disputed for item in items},
            {case: 20, self._case(self.other_customer): 0},
        )
        self._resolve(dispute, "rejected")
        with self._at(f"{TODAY} 16:00:00"):
            whole = case._dispute_quick(
                reason=self.reason, lines=self._receivable(self.invoice)
            )
        self.assertEqual(whole.amount, 70, "all that this debtor is asked for")

    def test_what_is_contested_stays_so_whoever_is_asked(self):
        dispute = self._dispute(self.invoice, 20)
        self._let_pay(100)
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 80})
        self.assertEqual(dispute.case_id, self._case(self.other_customer))
        self.assertEqual(dispute.partner_id, self.customer)
    # === ACCEPTED: THE CREDIT NOTE === #

    def test_accepted_credited_closed(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted", cause_id=self.cause.id, note="Ten were missing")
        self.assertEqual(dispute.activity_ids.user_id, self.accountant)
        self.assertEqual((dispute.cause_id, dispute.resolution), (self.cause, "Ten were missing"))
        self.assertTrue(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        credit = self._credit(dispute)
        self.assertEqual((credit.state, credit.move_type), ("draft", "out_refund"))
        self.assertEqual((credit.amount_total, credit.reversed_entry_id), (30, self.invoice))
        self.assertFalse(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70}, "still a draft")
        credit.with_user(self.accountant).action_post()
        self.env.invalidate_all()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))
        self.assertFalse(dispute.activity_ids)
        self.assertEqual(self.invoice.amount_residual, 70)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})

    def test_partly_accepted_the_rest_is_asked_for_at_once(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "partly_accepted", accepted=10)
        self.assertEqual((dispute.accepted_amount, dispute.amount), (10, 30))
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 90})
        self._credit(dispute).action_post()
        self.assertEqual(dispute.state, "closed")
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 90})

    def test_a_credit_note_reset_to_draft_withholds_again(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        credit.action_post()
        credit.button_draft()
        self.assertEqual((dispute.state, dispute.closed_on), ("accepted", False))
        self.assertEqual(dispute.activity_ids.user_id, self.accountant)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self.invoice.amount_residual, 100)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        credit.action_post()
        self.assertEqual(dispute.state, "closed")
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})

    def test_a_deleted_draft_is_drafted_again(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        self._credit(dispute).unlink()
        self.assertTrue(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.assertEqual(self._credit(dispute).amount_total, 30)
        with self.assertRaisesRegex(UserError, "no accepted amount without a credit note"):
            self._credit(dispute)

    def test_the_credit_note_of_a_taxed_invoice_carries_its_taxes(self):
        """A third of an invoice of two lines at two rates, to the cent."""
        taxes = [
            self.env["account.tax"].create({"name": f"{rate} %", "amount": rate})
            for rate in (20, 5.5)
        ]
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            invoice_line_ids=[
                Command.create(
                    {"name": tax.name, "price_unit": price, "tax_ids": [Command.set(tax.ids)]}
                )
                for tax, price in zip(taxes, (100, 33.33))
            ],
        )
        total = invoice.amount_total
        for accepted in (33.33, 0.07, total - 33.40):
            dispute = self._dispute(invoice, accepted)
            self._resolve(dispute, "accepted")
            credit = self._credit(dispute)
            self.assertAlmostEqual(credit.amount_total, accepted, 2)
            credit.action_post()
        self.assertEqual(invoice.payment_state, "reversed")

    def test_the_credit_note_of_an_invoice_line(self):
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20})
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": name,
                        "quantity": 4,
                        "price_unit": 10,
                        "tax_ids": [Command.set(tax.ids)],
                    }
                )
                for name in ("Tiles", "Grout")
            ],
        )
        self._sync_cases()
        line = Command.create({"invoice_line_id": invoice.invoice_line_ids[1].id})
        with self._at(f"{TODAY} 12:00:00"):
            dispute = self.env["collection.dispute"].create(
                {
                    "case_id": self._case(self.customer).id,
                    "reason_id": self.reason.id,
                    "line_ids": [line],
                }
            )
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        line = credit.invoice_line_ids
        self.assertEqual((line.name, line.quantity, line.price_unit), ("Grout", 4, 10))
        self.assertEqual((line.tax_ids, credit.amount_total), (tax, 48))

    def test_an_item_without_an_invoice_gets_a_plain_draft(self):
        entry = self._entry(self.other_customer, 80, due=TODAY - 10 * DAY, no_followup=False)
        dispute = self._dispute(entry, 50)
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        self.assertEqual((credit.amount_total, credit.partner_id), (50, self.other_customer))
        self.assertFalse(credit.reversed_entry_id)

    def test_a_credit_manager_takes_an_acceptance_back_until_it_is_posted(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        with self.assertRaises(AccessError):
            dispute.with_user(self.owner).action_reopen()
        dispute.with_user(self.manager).action_reopen()
        self.assertEqual((dispute.state, dispute.outcome), ("investigating", False))
        self.assertEqual((dispute.accepted_amount, dispute.days_to_resolve), (0, 0))
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        with self.assertRaisesRegex(UserError, "An accountant deletes a draft"):
            dispute.with_user(self.manager).action_reopen()
        credit.action_post()
        with self.assertRaisesRegex(UserError, "taken back"):
            dispute.with_user(self.manager).action_reopen()

    def test_closed_without_a_credit_note_by_a_credit_manager_only(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        with self.assertRaisesRegex(AccessError, "credit manager closes"):
            dispute.with_user(self.owner).action_close()
        dispute.with_user(self.manager).action_close()
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 100})
