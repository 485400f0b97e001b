import io
import os
import tempfile
import unittest
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pypdf
from odoo import Command
from odoo.addons.account_collections.engine.statement import Account, Item, Statement
from odoo.addons.account_collections.models import collection_statement_pdf
from odoo.addons.account_collections.report import statement_pdf
from odoo.addons.account_collections.report.statement_pdf import NotSplit
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.tests import tagged

from .common import TODAY, CollectionCommon


def read(pdf):
    """Return the text of each page of a PDF, blanks of every kind as one space."""
    return [
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
    ]


class StatementCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env.ref("base.module_account_collections")._update_translations("fr_FR")
        cls.company.primary_color = "#fd7e14"  # has the red of the lines that mark pages
        cls.scenario.level_ids.attach_statement = True
        cls.statement = cls.env["collection.statement"]

    def _open_cases(self, *partners):
        """Return the cases of partners with open items, without making a run."""
        self.env["collection.debtor"]._sync(self.company)
        cases = self.env["collection.case"].search([("company_id", "=", self.company.id)])
        return cases.filtered(lambda case: case.partner_id in partners)

    def _render(self, *partners, lang="en_US"):
        """Return the pages of the statement of each partner, rendered together."""
        cases = self._open_cases(*partners)
        pdfs = self.statement._render(cases, TODAY, lang)
        pages = {case.partner_id: read(pdfs[case.id]) for case in cases}
        return [pages[partner] for partner in partners]

    def _opening_balance(self, partner, amounts):
        """Post one entry with a receivable line of its own for each amount."""
        receivable = self.company_data["default_account_receivable"]
        lines = [
            Command.create(
                {
                    "name": f"Old item {number:05}.",
                    "account_id": receivable.id,
                    "partner_id": partner.id,
                    "balance": amount,
                    "date_maturity": TODAY - timedelta(days=number % 100),
                }
            )
            for number, amount in enumerate(amounts)
        ]
        counterpart = Command.create(
            {
                "name": "Opening",
                "account_id": self.company_data["default_account_revenue"].id,
                "balance": -sum(amounts),
            }
        )
        entry = self.env["account.move"].create(
            {"move_type": "entry", "date": TODAY, "line_ids": [*lines, counterpart]}
        )
        entry.action_post()
        # Odoo excludes general entries from follow-up unless somebody says otherwise.
        entry.line_ids.no_followup = False
        return entry

    @contextmanager
    def _programs(self, folder):
        """Let programs be found in ``folder`` only."""
        _wkhtml.cache_clear()
        try:
            with patch.dict(os.environ, PATH=folder):
                yield
        finally:
            _wkhtml.cache_clear()


@tagged("post_install", "-at_install")
class TestStatementContent(StatementCommon):
    """What a statement says and what goes with a reminder, without a PDF being made."""

    def _account(self, *rows):
        items = [Item("INV", "", TODAY, TODAY, Decimal(amount), days) for amount, days in rows]
        return Account(self.company.currency_id, items)

    def test_ageing(self):
        """Due today is not overdue; credits are told apart."""
        account = self._account(
            ("0.10", 0), ("1", 1), ("2", 30), ("10", 31), ("20", 60), ("100", 61), ("200", 90),
            ("1000", 91), ("-0.30", 0),
        )  # fmt: skip
        self.assertEqual(account.ageing, [Decimal(n) for n in ("0.10", "3", "30", "300", "1000")])
        self.assertEqual(account.overdue, Decimal("1333"))
        self.assertEqual(account.credits, Decimal("-0.30"))
        self.assertEqual(account.balance, Decimal("1332.80"))

    def test_pages(self):
        """Every row is on one page; the total follows the last row of each currency."""
        for sizes, expected in (
            ([], []),
            ([24], [24]),
            ([25], [24, 1]),
            ([23, 1], [23, 1]),
            ([65, 2], [23, 40, 2, 2]),
        ):
            with self.subTest(sizes=sizes):
                accounts = [self._account(*[("1", 0)] * size) for size in sizes]
                pages = Statement(None, accounts).pages
                tables = [table for page in pages for table in page]
                self.assertEqual([len(table.rows) for table in tables], expected)
                self.assertEqual(sum(table.is_last for table in tables), len(sizes))

    def test_gather_nets_nothing_and_forgets_nothing(self):
        """Everything open is listed at what is open of it, in its own currency."""
        paid = self._invoice(self.customer, 100, overdue=10, ref="PO 1")
        self._invoice(self.customer, 1000.1, overdue=0)
        self._invoice(self.customer, 30, overdue=5, move_type="out_refund")
        euro = self.env.ref("base.EUR")
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5}
        )
        euro.active = True
        self._invoice(self.customer, 50, overdue=40, currency_id=euro.id)
        self._invoice(self.other_customer, 7, overdue=1)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({"payment_date": TODAY, "amount": 60})._create_payments()
        cases = self._open_cases(self.customer, self.other_customer)
        with self.assertQueryCount(2):
            # the second one is for the currencies' names, by which accounts are sorted
            statements = self.statement._gather(cases, TODAY)
        statement = next(one for one in statements if one.case.partner_id == self.customer)
        own, foreign = statement.accounts
        self.assertEqual((own.currency, foreign.currency), (self.company.currency_id, euro))
        self.assertEqual(
            [(item.amount, item.days) for item in own.items],
            [(Decimal("40"), 10), (Decimal("-30"), 0), (Decimal("1000.1"), 0)],
        )
        self.assertEqual(own.items[0].reference, "PO 1")
        self.assertEqual([(item.amount, item.days) for item in foreign.items], [(50, 40)])

    def test_chunks(self):
        """Neither too many statements nor too many rows go to the program at once."""
        small = [Statement(None, [self._account(("1", 0))])] * 250
        large = [Statement(None, [self._account(*[("1", 0)] * 3000)])] * 2
        chunks = list(self.statement._get_chunks([*small, *large]))
        self.assertEqual([len(chunk) for chunk in chunks], [100, 100, 51, 1])

    def test_without_the_program(self):
        """The reminder is prepared without its statement, and says so."""
        self._invoice(self.customer, 100, overdue=10)
        with self._at("2026-03-18 06:00:00"), self._programs("/nowhere"):
            self._run()
        reminder = self._case(self.customer).reminder_ids
        self.assertEqual((reminder.state, reminder.is_prepared), ("scheduled", True))
        self.assertIn("You owe", reminder.body)
        self.assertNotIn("Attached", reminder.body)
        self.assertFalse(reminder.attachment_ids)
        self.assertIn("the PDF program is missing", reminder.failure)
        evidence = self.env["collection.evidence"].search([("reminder_id", "=", reminder.id)])
        self.assertEqual(evidence.facts, {"missing": "statement"})

    def test_program_fails(self):
        """A person has to see to it; the reminder does not leave without its statement."""
        self._invoice(self.customer, 100, overdue=10)
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "wkhtmltopdf")
            program.write_text(
                "#!/bin/sh\n"
                '[ "$1" = --version ] && echo "wkhtmltopdf 0.12.6" && exit 0\n'
                "echo no space left >&2; exit 1\n"
            )
            program.chmod(0o755)
            logger = "odoo.addons.account_collections.models.collection_prepare"
            with self._at("2026-03-18 06:00:00"), self._programs(folder), self.assertLogs(logger):
                self._run()
        reminder = self._case(self.customer).reminder_ids
        self.assertEqual(reminder.state, "failed")
        self.assertIn("The PDF program failed: no space left", reminder.failure)

    def _give_pdf(self, move, content=b"%PDF-1.4 invoice"):
        return self.env["ir.attachment"].create(
            {
                "name": f"{move.name.replace('/', '_')}.pdf",
                "raw": content,
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )

    def _remind_with_invoices(self, count, content=b"%PDF-1.4 invoice"):
        """Return the reminder of ``count`` invoices, and the PDF that each invoice has."""
        self.scenario.level_ids.write({"attach_statement": False, "attach_invoices": True})
        moves = self.env["account.move"].browse()
        for number in range(count):
            moves |= self._invoice(self.customer, 100, overdue=10 + number)
        originals = self.env["ir.attachment"].concat(
            *(self._give_pdf(move, content) for move in moves)
        )
        self._invoice(self.customer, 50, overdue=5)  # has no PDF
        with self._at("2026-03-18 06:00:00"):
            self._run()
        return self._case(self.customer).reminder_ids, originals

    def test_invoices(self):
        """Copies of the oldest ones; what is not attached is offered."""
        reminder, originals = self._remind_with_invoices(12)
        self.assertEqual(
            sorted(reminder.attachment_ids.mapped("name")),
            sorted(originals[2:].mapped("name")),
        )
        self.assertIn(f"Attached: {originals[-1].name}", reminder.body)
        self.assertIn("copies of the invoices that are missing here on request", reminder.body)
        self.assertEqual(set(reminder.attachment_ids.mapped("res_model")), {reminder._name})
        reminder.attachment_ids.unlink()
        self.assertEqual(originals.exists(), originals, "copies, not the invoices' own")

    def test_invoices_too_large(self):
        """The mail stays below what mail servers take."""
        reminder, _originals = self._remind_with_invoices(3, b"%PDF" + b"0" * 2_000_000)
        self.assertEqual(len(reminder.attachment_ids), 2)
        self.assertIn("copies of the invoices that are missing here on request", reminder.body)

    def test_by_a_collector(self):
        """A collector without accounting rights can have a reminder written anew."""
        reminder, _originals = self._remind_with_invoices(1)
        reminder.attachment_ids.unlink()
        self.statement.with_user(self.owner)._attach(
            self.scenario.level_ids[0], reminder.with_user(self.owner)
        )
        self.assertEqual(len(reminder.attachment_ids), 1)


@tagged("post_install", "-at_install")
class TestStatementPdf(StatementCommon):
    """Statements as customers get them, made by the real PDF program."""

    @classmethod
    def setUpClass(cls):
        if _wkhtml().state == "install":
            raise unittest.SkipTest("The PDF program wkhtmltopdf is missing.")
        super().setUpClass()

    def test_two_languages(self):
        """One run, four customers: each gets its own statement, in its language."""
        customers = {
            self._customer("Boulangerie", lang="fr_FR"): (1234.5, "1 234,50", "18/03/2026"),
            self._customer("Fromagerie", lang="fr_FR"): (2345.6, "2 345,60", "18/03/2026"),
            self._customer("Bakery", lang="en_US"): (3456.7, "3,456.70", "03/18/2026"),
            self._customer("Dairy", lang="en_US"): (4567.8, "4,567.80", "03/18/2026"),
        }
        invoices = {
            customer: self._invoice(customer, amount, overdue=10)
            for customer, (amount, _text, _day) in customers.items()
        }
        with self._at("2026-03-18 06:00:00"):
            self._run()
        for customer, (_amount, total, today) in customers.items():
            reminder = self._case(customer).reminder_ids
            self.assertEqual(reminder.attachment_ids.mapped("mimetype"), ["application/pdf"])
            self.assertIn(reminder.attachment_ids.name, reminder.body)
            self.assertIn(self.company.name, reminder.attachment_ids.name)
            (text,) = read(reminder.attachment_ids.raw)
            for own in (customer.name, invoices[customer].name, today, self.owner.name):
                self.assertIn(own, text)
            self.assertEqual(text.count(total), 5, "ageing, balance, row, overdue, total")
            title = "Relevé de compte" if customer.lang == "fr_FR" else "Statement of account"
            self.assertIn(title, text)
            self.assertIn(title, reminder.attachment_ids.name)
            self.assertTrue(reminder.attachment_ids.name.endswith(" – 2026-03-18.pdf"))
            for other in set(customers) - {customer}:
                self.assertNotIn(other.name, text)
                self.assertNotIn(invoices[other].name, text)
                self.assertNotIn(customers[other][1], text)

    def test_many_pages(self):
        """A long statement between two short ones keeps its pages, and only its own."""
        last = self._customer("Zola")
        amounts = [number + 0.25 for number in range(150)]
        self._opening_balance(self.other_customer, amounts)
        first_invoice = self._invoice(self.customer, 100, overdue=10)
        last_invoice = self._invoice(last, 200, overdue=10)
        with self.assertNoLogs(collection_statement_pdf.__name__, "WARNING"):
            first, many, third = self._render(self.customer, self.other_customer, last)
        self.assertEqual((len(first), len(many), len(third)), (1, 5, 1))
        self.assertIn(first_invoice.name, first[0])
        self.assertIn(last_invoice.name, third[0])
        whole = " ".join(many)
        for number in range(150):
            self.assertEqual(whole.count(f"Old item {number:05}."), 1)
        for number, page in enumerate(many, start=1):
            self.assertIn(f"Page {number} / 5", page)
            self.assertIn("Open amount", page)
        self.assertIn("11,212.50", many[0])
        self.assertIn("11,212.50", many[-1])
        self.assertNotIn(first_invoice.name, whole)
        self.assertNotIn(last_invoice.name, whole)

    def test_ten_thousand_items(self):
        items = [
            Item(f"INV/{number:05}", "", TODAY, TODAY, Decimal(1), 0) for number in range(10_000)
        ]
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 200, overdue=10)
        cases = self._open_cases(self.customer, self.other_customer)
        long, short = (
            Statement(case, [Account(self.company.currency_id, rows)])
            for case, rows in zip(cases, (items, items[:1]))
        )
        letterhead = self.statement._get_letterhead(self.company)
        long_pdf, short_pdf = self.statement._print([long, short], letterhead, TODAY)
        self.assertEqual(len(pypdf.PdfReader(io.BytesIO(long_pdf)).pages), len(long.pages))
        reader = pypdf.PdfReader(io.BytesIO(long_pdf))
        self.assertIn("INV/09999", reader.pages[-1].extract_text())
        self.assertIn("10,000.00", reader.pages[-1].extract_text())
        self.assertEqual(len(read(short_pdf)), 1)

    def test_currencies(self):
        """Each currency has its table, its ageing and its total."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.customer, 11, overdue=-10)
        self._invoice(self.customer, 30, overdue=0, move_type="out_refund")
        self._invoice(self.customer, 70, overdue=40, currency_id=euro.id)
        dollars, euros = self._render(self.customer)[0]
        self.assertIn("Credits", dollars)
        self.assertIn("Balance, of which overdue: $ 100.00 $ 81.00", dollars)
        self.assertIn("Balance, of which overdue: 70.00 € 70.00 €", euros)

    def test_markup(self):
        """Names and references are text, whatever is in them."""
        names = ["<b>Bold</b> & <i>Sons</i>", "</td></table><script>document.body=''</script>"]
        partners = [self._customer(name, email="a@customer.example") for name in names]
        for partner in partners:
            self._invoice(partner, 100, overdue=10, ref="<h1>& rgb(253, 254, 254)")
        for name, pages in zip(names, self._render(*partners)):
            self.assertEqual(len(pages), 1)
            # A long name takes two lines.
            self.assertIn(name.replace(" ", ""), pages[0].replace(" ", ""))
            self.assertIn("<h1>&", pages[0])
            self.assertIn("$ 100.00", pages[0])

    def test_payment_details(self):
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "FR7630006000011234567890189", "partner_id": self.company.partner_id.id}
        )
        self._invoice(self.customer, 100, overdue=10)
        self.customer.ref = "C-4711"
        case = self._open_cases(self.customer)
        case.user_id = self.owner
        ((text,),) = self._render(self.customer)
        self.assertIn(bank.acc_number, text)
        self.assertIn(self.owner.name, text)
        self.assertIn("C-4711", text)

    def test_nothing_open(self):
        self._invoice(self.customer, 100, overdue=10)
        case = self._open_cases(self.customer)
        self.env["account.payment.register"].with_context(
            active_model="account.move",
            active_ids=self.env["account.move"].search([("partner_id", "=", self.customer.id)]).ids,
        ).create({"payment_date": TODAY})._create_payments()
        (text,) = read(self.statement._render(case, TODAY, "en_US")[case.id])
        self.assertIn("Nothing is open.", text)

    # === WHEN PAGES CANNOT BE TOLD APART === #

    def test_split_refuses_doubt(self):
        """A page too many, in the wrong place or of nobody: no statement is made of it."""
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 200, overdue=10)
        cases = self._open_cases(self.customer, self.other_customer)
        joined = []
        with (
            patch.object(
                collection_statement_pdf, "split", side_effect=lambda pdf, count: joined.append(pdf)
            ),
            self.assertRaises(TypeError),
        ):
            self.statement._render(cases, TODAY, "en_US")
        (pdf,) = joined
        self.assertEqual(len(statement_pdf.split(pdf, 2)), 2)
        pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
        for order, count in (([0, 1], 1), ([0, 1], 3), ([1, 0], 2), ([0, 1, 0], 2)):
            with self.subTest(order=order, count=count):
                writer = pypdf.PdfWriter()
                for index in order:
                    writer.add_page(pages[index])
                with self.assertRaises(NotSplit):
                    statement_pdf.split(statement_pdf.write(writer), count)

    def test_one_by_one_instead(self):
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 200, overdue=10)
        with (
            patch.object(collection_statement_pdf, "split", side_effect=NotSplit("doubt")),
            self.assertLogs(collection_statement_pdf.__name__, "WARNING"),
        ):
            (first,), (second,) = self._render(self.customer, self.other_customer)
        self.assertIn("Dupont", first)
        self.assertIn("Martin", second)
