import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
from odoo.tests import tagged

from .common import TODAY
from .test_statement import StatementCommon, read

DAY = timedelta(days=1)


class AccountCommon(StatementCommon):
    """Payments, credits and several partners on one case."""

    def _gathered(self, case, as_of=TODAY, since=TODAY - 30 * DAY, past=False):
        (statement,) = self.statement._gather(case, as_of, since, past)
        return statement

    def _share_case(self, *partners):
        """Let the first partner's case hold the items of the others too."""
        cases = self._open_cases(*partners)
        kept = cases.filtered(lambda case: case.partner_id == partners[0])
        mapped = self.env["collection.debtor"].sudo()
        mapped.search([("case_id", "in", cases.ids)]).case_id = kept
        return kept


@tagged("post_install", "-at_install")
class TestStatementAccount(AccountCommon):
    """What a statement says of payments, of a past day and of a group."""

    def test_a_payment_and_what_it_settled(self):
        first = self._invoice(self.customer, 100, overdue=20)
        second = self._invoice(self.customer, 50, overdue=10)
        payment = self._pay(
            first + second, 120, group_payment=True, payment_date=TODAY - DAY
        )
        payment.move_id.ref = "VIR"
        (account,) = self._gathered(self._open_cases(self.customer)).accounts
        (paid,) = account.payments
        self.assertEqual((paid.document, paid.reference), (payment.move_id.name, "VIR"))
        self.assertEqual((paid.kind, paid.date, paid.amount), ("payment", TODAY - DAY, 120))
        self.assertEqual(
            paid.settled, [(first.name, Decimal("100.00")), (second.name, Decimal("20.00"))]
        )
        self.assertEqual(paid.unallocated, 0)
        self.assertEqual([item.amount for item in account.items], [30])

    def test_unallocated_and_credit_note(self):
        """A credit note counts like money; what settles nothing yet says so."""
        invoice = self._invoice(self.customer, 100, overdue=5)
        credit = self._invoice(self.customer, 30, overdue=-20, move_type="out_refund")
        self._entry(self.customer, -40)
        lines = (invoice + credit).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        case = self._open_cases(self.customer)
        (account,) = self._gathered(case, since=TODAY - 60 * DAY).accounts
        money, note = account.payments
        self.assertEqual((money.kind, money.amount, money.unallocated), ("payment", 40, 40))
        self.assertEqual((note.kind, note.amount), ("credit_note", 30))
        self.assertEqual(note.settled, [(invoice.name, Decimal("30.00"))])
        self.assertEqual(account.paid, 70)

    def test_money_that_went_back(self):
        self._entry(self.customer, -40)
        self._entry(self.customer, 40)
        (account,) = self._gathered(
            self._open_cases(self.customer), since=TODAY - 60 * DAY
        ).accounts
        self.assertEqual(
            [(one.kind, one.amount) for one in account.payments],
            [("payment", 40), ("refund", -40)],
        )

    def test_other_entries(self):
        """What the accountant excludes from follow-up is neither owed nor paid."""
        journal = self.company_data["default_journal_misc"]
        entry = self._entry(self.customer, -40, journal=journal)
        self._invoice(self.customer, 100, overdue=5)
        case = self._open_cases(self.customer)
        (account,) = self._gathered(case, since=TODAY - 60 * DAY).accounts
        self.assertEqual((account.payments, account.balance), ([], 100))
        entry.line_ids.no_followup = False
        (account,) = self._gathered(case, since=TODAY - 60 * DAY).accounts
        self.assertEqual([one.kind for one in account.payments], ["other"])
        self.assertEqual(account.balance, 60)

    def test_period(self):
        invoice = self._invoice(self.customer, 100, overdue=20)
        self._pay(invoice, 10, payment_date=TODAY - 31 * DAY)
        self._pay(invoice, 20, payment_date=TODAY - 30 * DAY)
        self._pay(invoice, 30, payment_date=TODAY)
        case = self._open_cases(self.customer)
        (account,) = self._gathered(case).accounts
        self.assertEqual([one.amount for one in account.payments], [20, 30])
        (account,) = self._gathered(case, since=None).accounts
        self.assertEqual(account.payments, [])

    def test_a_past_day(self):
        """As it stood then: later payments, and what they settled, are not there."""
        invoice = self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.customer, 7, overdue=-40)
        early = self._pay(invoice, 10, payment_date=TODAY - 10 * DAY)
        self._pay(invoice, 90, payment_date=TODAY)
        case = self._open_cases(self.customer)
        day = TODAY - 5 * DAY
        (account,) = self._gathered(case, as_of=day, past=True).accounts
        self.assertEqual([(item.amount, item.days) for item in account.items], [(90, 15)])
        self.assertEqual(
            [(one.document, one.settled) for one in account.payments],
            [(early.move_id.name, [(invoice.name, Decimal("10.00"))])],
        )

    def test_partners_of_a_case(self):
        self._invoice(self.customer, 100, overdue=40)
        self._invoice(self.customer, 1, overdue=-5)
        self._invoice(self.other_customer, 50, overdue=10)
        self._pay(self._invoice(self.other_customer, 20, overdue=3))
        statement = self._gathered(self._share_case(self.customer, self.other_customer))
        self.assertTrue(statement.is_grouped)
        (account,) = statement.accounts
        self.assertEqual(
            [(sums.member, sums.balance, sums.overdue) for sums in account.members],
            [("Dupont", 101, 100), ("Martin", 50, 50)],
        )
        self.assertEqual(
            [row.kind for row in account.item_rows(grouped=True)],
            ["member", "item", "item", "subtotal", "member", "item", "subtotal"],
        )
        self.assertEqual([one.member for one in account.payments], ["Martin"])

    def test_a_shared_credit_note(self):
        """A payer's part of a credit note settles its part of the invoice, on each case."""
        self.customer.write(
            {"collection_payer_id": self.other_customer.id, "collection_payer_share": 60}
        )
        invoice = self._invoice(self.customer, 100, overdue=5)
        note = self._invoice(self.customer, 30.05, overdue=-20, move_type="out_refund")
        self._invoice(self.customer, 7, overdue=-20)
        (invoice + note).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.env["collection.debtor"].sudo()._sync(self.company)
        cases = self._case(self.customer) + self._case(self.other_customer)
        parts = []
        for statement in self.statement._gather(cases, TODAY, TODAY - 60 * DAY):
            ((paid,),) = (account.payments for account in statement.accounts)
            self.assertEqual(paid.settled, [(invoice.name, paid.amount)])
            parts.append(paid.amount)
        self.assertEqual(parts, [Decimal("12.02"), Decimal("18.03")])

    def test_queries_do_not_grow(self):
        """Items, payments, what they settled, names of currencies: whatever the number."""
        for partner in (self.customer, self.other_customer):
            self._pay(self._invoice(partner, 50, overdue=10), 20)
        cases = self._open_cases(self.customer, self.other_customer)
        with self.assertQueryCount(4):
            self.statement._gather(cases, TODAY, TODAY - 30 * DAY)

    # === WHOM TO ASK === #

    def test_contact(self):
        """The owner, else who has the portfolio, else the company's; never Odoo's own user."""
        self._invoice(self.customer, 100, overdue=10)
        case = self._open_cases(self.customer)
        root = self.env.ref("base.user_root")
        case.user_id = self.manager
        self.assertEqual(case._get_contact(), self.manager)
        case.write({"user_id": root.id, "portfolio_id": self.portfolio.id})
        self.assertEqual(case._get_contact(), self.owner)
        self.portfolio.user_id = root
        self.company.collection_user_id = self.manager
        self.assertEqual(case._get_contact(), self.manager)
        self.manager.active = False
        self.assertFalse(case._get_contact())

    def test_contact_is_the_company_without_a_person(self):
        self._invoice(self.customer, 100, overdue=10)
        case = self._open_cases(self.customer).with_user(self.env.ref("base.user_root"))
        self.company.email = "accounts@company.example"
        pdf = self.statement.with_env(case.env)._render(case, TODAY, "en_US")[case.id]
        (text,) = read(pdf)
        self.assertNotIn("OdooBot", text)
        self.assertIn(f"Your contact {self.company.name}", text)


@tagged("post_install", "-at_install")
class TestStatementForms(AccountCommon):
    """The statement as PDF and as spreadsheet."""

    def _workbook(self, case, lang="en_US", since=TODAY - 30 * DAY):
        content = self.statement._make_workbooks(case, TODAY, lang, since)[case.id]
        return openpyxl.load_workbook(io.BytesIO(content))

    def test_pdf(self):
        """Payments and partners are on the pages, in tables that repeat their heads."""
        invoice = self._invoice(self.customer, 100, overdue=40)
        self._invoice(self.other_customer, 50, overdue=10)
        payment = self._pay(invoice, 60)
        case = self._share_case(self.customer, self.other_customer)
        pdf = self.statement._render(case, TODAY, "en_US", TODAY - 30 * DAY)[case.id]
        (text,) = read(pdf)
        for said in (
            "By company Company Not due",
            "Dupont $ 0.00 $ 0.00 $ 40.00 $ 0.00 $ 0.00 $ 40.00",
            "Balance, of which overdue: $ 90.00 $ 90.00",
            "Payments and credits since 02/16/2026",
            f"03/18/2026 {payment.move_id.name} Payment {invoice.name} $ 60.00",
            f"settled {invoice.name} $ 60.00",
            "Total received $ 60.00",
        ):
            self.assertIn(said, text)

    def test_payments_on_many_pages(self):
        invoice = self._invoice(self.customer, 10_000, overdue=10)
        for number in range(60):
            self._entry(self.customer, -number - 1, name=f"Transfer {number:03}.")
        case = self._open_cases(self.customer)
        pdf = self.statement._render(case, TODAY, "en_US", TODAY - 60 * DAY)[case.id]
        pages = read(pdf)
        whole = " ".join(pages)
        self.assertIn(invoice.name, whole)
        for number in range(60):
            # once among what is open, once among what was paid
            self.assertEqual(whole.count(f"Transfer {number:03}."), 2)
        self.assertEqual(whole.count("Payments and credits since"), 1)
        self.assertIn("Total received $ 1,830.00", pages[-1])

    def test_sheets(self):
        """A sheet of items and one of payments a currency; days are days, amounts numbers."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        invoice = self._invoice(self.customer, 1234.5, overdue=40, ref="PO 1")
        self._invoice(self.customer, 70, overdue=-10, currency_id=euro.id)
        self._pay(invoice, 34.25)
        book = self._workbook(self._open_cases(self.customer))
        self.assertEqual(book.sheetnames, ["Summary", "USD", "Payments USD", "EUR"])
        sheet = book["USD"]
        row = [cell.value for cell in sheet[2]]
        self.assertEqual(
            (row[0], row[1], row[2], row[4].date(), row[5], row[6]),
            ("Dupont", invoice.name, "PO 1", TODAY - 40 * DAY, 40, 1200.25),
        )
        self.assertEqual((sheet["G2"].number_format, sheet["E2"].is_date), ("#,##0.00", True))
        self.assertEqual(sheet["G3"].value, 1200.25)
        paid = [cell.value for cell in book["Payments USD"][2]]
        self.assertEqual((paid[1].date(), paid[3]), (TODAY, "Payment"))
        self.assertEqual(paid[5:], [34.25, invoice.name, 34.25])
        summary = {row[0]: row for row in book["Summary"].iter_rows(values_only=True)}
        self.assertEqual(summary["As of"][1].date(), TODAY)
        ageing = [row for row in book["Summary"].iter_rows(values_only=True) if row[0] == "Dupont"]
        self.assertEqual(ageing[1:], [
            ("Dupont", "USD", 0, 0, 1200.25, 0, 0, 0, 1200.25),
            ("Dupont", "EUR", 70, 0, 0, 0, 0, 0, 70),
        ])  # fmt: skip

    def test_no_decimals(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self._invoice(self.customer, 7000, overdue=1, currency_id=yen.id)
        sheet = self._workbook(self._open_cases(self.customer))["JPY"]
        self.assertEqual((sheet["G2"].value, sheet["G2"].number_format), (7000, "#,##0"))

    def test_text_is_text(self):
        """No formula, no link and no number is read into what a customer wrote."""
        for name in ("=1+1", "+33 6", "-5", "@SUM(A1)", "https://x.example", "=cmd|' /C calc'!A0"):
            with self.subTest(name=name), self.env.cr.savepoint() as savepoint:
                partner = self._customer(name, email="a@customer.example")
                self._invoice(partner, 10, overdue=10, ref=name)
                book = self._workbook(self._open_cases(partner))
                self.assertEqual(book["Summary"]["A3"].value, name)
                for cell in (book["Summary"]["A3"], book["USD"]["A2"], book["USD"]["C2"]):
                    self.assertEqual((cell.value, cell.data_type), (name, "s"))
                    self.assertFalse(cell.hyperlink)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_nothing_open(self):
        self._pay(self._invoice(self.customer, 100, overdue=10), payment_date=TODAY - 90 * DAY)
        self._invoice(self.customer, 100, overdue=10)
        case = self._open_cases(self.customer)
        self._pay(self.env["account.move"].search([("partner_id", "=", self.customer.id)])[0])
        book = self._workbook(case, since=None)
        self.assertEqual(book.sheetnames, ["Summary"])
        self.assertIn("Nothing is open.", [cell.value for cell in book["Summary"]["A"]])

    # === WITH REMINDERS === #

    def test_level_chooses_the_forms(self):
        level = self.scenario.level_ids.sorted("rank")[1]
        xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        for pdf, sheet, types in (
            (False, False, []),
            (False, True, [xlsx]),
            (True, True, ["application/pdf", xlsx]),
        ):
            with self.subTest(types=types), self.env.cr.savepoint() as savepoint:
                level.write({"attach_statement": pdf, "attach_statement_xlsx": sheet})
                self.scenario.mode = "by_age"
                self._pay(self._invoice(self.customer, 100, overdue=12), 10)
                with self._at(f"{TODAY} 06:00:00"):
                    self._run()
                attachments = self._case(self.customer).reminder_ids.attachment_ids
                self.assertEqual(sorted(attachments.mapped("mimetype")), types)
                if sheet:
                    book = attachments.filtered(lambda one: one.mimetype == xlsx)
                    self.assertTrue(book.name.endswith(".xlsx"))
                    names = openpyxl.load_workbook(io.BytesIO(book.raw)).sheetnames
                    self.assertEqual(names, ["Summary", "USD", "Payments USD"])
                savepoint.rollback()
                self.env.invalidate_all()
