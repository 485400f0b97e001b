import io
import zipfile
from base64 import b64decode
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import openpyxl
import pypdf
from odoo import Command
from odoo.addons.account_collections.models import collection_statement_batch
from odoo.addons.account_collections.wizards import collection_statement_print
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TODAY
from .test_statement import StatementCommon, read

DAY = timedelta(days=1)


class FilesCommon(StatementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = new_test_user(
            cls.env,
            "files_reader",
            "account_collections.group_collection_readonly",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _cases(self, *langs):
        """Return the cases of a customer for each language, each owing 100 and more."""
        partners = [
            self._customer(f"Customer {number:02}", lang=lang, email="c@customer.example")
            for number, lang in enumerate(langs)
        ]
        for number, partner in enumerate(partners):
            self._invoice(partner, 100 + number, overdue=10)
        return self._open_cases(*partners).sorted(lambda case: case.partner_id.name)

    def _wizard(self, cases, user=None, **values):
        model = self.env["collection.statement.print"]
        if user:
            model = model.with_user(user)
        with self._at(f"{TODAY} 12:00:00"):
            return model.with_context(active_ids=cases.ids).create(values)

    def _press(self, wizard, button):
        with self._at(f"{TODAY} 12:00:00"):
            return getattr(wizard, button)()

    @staticmethod
    def _unzip(content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@tagged("post_install", "-at_install")
class TestStatementFiles(FilesCommon):
    """Statements as people ask for them, from a case or a list of cases."""

    def _made(self, cases, button="action_pdf", user=None, **values):
        wizard = self._wizard(cases, user, **values)
        action = self._press(wizard, button)
        self.assertEqual(action["type"], "ir.actions.act_url")
        return wizard.file_name, b64decode(wizard.file)

    def test_one(self):
        case = self._cases("fr_FR")
        name, content = self._made(case, user=self.owner)
        self.assertTrue(name.startswith("Customer 00 – "), name)
        self.assertTrue(name.endswith("2026-03-18.pdf"), name)
        (text,) = read(content)
        self.assertIn("Relevé de compte", text)
        name, content = self._made(case, "action_xlsx", user=self.auditor)
        self.assertTrue(name.endswith(".xlsx"), name)
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        self.assertEqual(sheet["A3"].value, "Customer 00")

    def test_all_in_one_document(self):
        """Each in its own language, and begun on a page of its own."""
        cases = self._cases("fr_FR", "en_US", "fr_FR")
        name, content = self._made(cases)
        self.assertTrue(name.endswith(".pdf"), name)
        english, *french = read(content)
        self.assertIn("Customer 01", english)
        self.assertIn("Statement of account", english)
        for text, customer in zip(french, ("Customer 00", "Customer 02"), strict=True):
            self.assertIn(customer, text)
            self.assertIn("Relevé de compte", text)

    def test_a_file_each(self):
        cases = self._cases("fr_FR", "en_US")
        cases[1].partner_id.name = cases[0].partner_id.name = "A/B"
        cases.partner_id.lang = "en_US"
        _name, content = self._made(cases, merged=False)
        files = self._unzip(content)
        self.assertEqual(len(files), 2, "two customers of the same name have a file each")
        self.assertTrue(all(name.startswith("A-B – ") for name in files), list(files))
        for pdf in files.values():
            self.assertEqual(len(pypdf.PdfReader(io.BytesIO(pdf)).pages), 1)
        _name, content = self._made(cases, "action_xlsx")
        self.assertEqual(len(self._unzip(content)), 2, "spreadsheets are never merged")

    def test_a_past_day(self):
        case = self._cases("en_US")
        invoice = self.env["account.move"].search([("partner_id", "=", case.partner_id.id)])
        self._pay(invoice, 40)
        ((text,),) = [read(self._made(case)[1])]
        self.assertIn("$ 60.00", text)
        self.assertIn("settled", text)
        ((text,),) = [read(self._made(case, as_of=TODAY - DAY)[1])]
        self.assertIn("$ 100.00", text)
        self.assertNotIn("$ 60.00", text)

    def test_days_that_make_no_sense(self):
        case = self._cases("en_US")
        with self.assertRaises(ValidationError):
            self._wizard(case, as_of=TODAY + DAY)
        with self.assertRaises(ValidationError):
            self._wizard(case, since=TODAY + DAY)
        self.assertEqual(self._wizard(case).since, TODAY - 30 * DAY)
        self.company.collection_statement_days = 0
        self.assertFalse(self._wizard(case).since)

    def test_only_what_one_may_read(self):
        """A collector has no statement of a colleague's case, nor of another company's."""
        mine, other = self._cases("en_US", "en_US")
        mine.user_id, other.user_id = self.owner, self.manager
        with self.assertRaises(AccessError):
            self._wizard(mine + other, self.owner)
        wizard = self._wizard(mine, self.owner)
        self.assertFalse(wizard.with_user(self.manager)._filtered_access("read"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "account_collections.group_collection_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        with self.assertRaises(AccessError):
            self._wizard(mine, stranger)

    def test_no_case(self):
        wizard = self._wizard(self.env["collection.case"])
        with self.assertRaises(UserError):
            self._press(wizard, "action_pdf")

    def test_without_the_program(self):
        """A clear answer; the spreadsheet is made without it."""
        cases = self._cases("en_US", "en_US")
        with self._programs("/nowhere"):
            wizard = self._wizard(cases)
            with self.assertRaisesRegex(UserError, "wkhtmltopdf is missing"):
                self._press(wizard, "action_pdf")
            self.assertEqual(len(self._unzip(self._made(cases, "action_xlsx")[1])), 2)


@tagged("post_install", "-at_install")
class TestStatementBatch(FilesCommon):
    """Many statements are made by the scheduled action, whose progress can be followed."""

    def _asked(self, cases, button="action_pdf", user=None, **values):
        """Ask for more than are made at once; return the batch."""
        with patch.object(collection_statement_print, "DIRECT_CASES", 1):
            action = self._press(self._wizard(cases, user, **values), button)
        self.assertEqual(action["res_model"], "collection.statement.batch")
        return self.env["collection.statement.batch"].sudo().browse(action["res_id"])

    def _work(self, size=500):
        with (
            patch.object(collection_statement_batch, "FILE_STATEMENTS", size),
            self.committing() as env,
        ):
            env["collection.statement.batch"]._cron_make()

    def test_made_in_the_background(self):
        cases = self._cases("en_US", "fr_FR", "en_US")
        batch = self._asked(cases, user=self.owner)
        self.assertEqual((batch.state, batch.total, batch.progress), ("waiting", 3, 0))
        self.assertFalse(batch.file_ids)
        self._work()
        self.assertEqual((batch.state, batch.done, batch.progress), ("done", 3, 100))
        own = batch.with_user(self.owner)
        self.assertEqual(len(read(own.file_ids.raw)), 3)
        self.assertEqual(own.action_download()["type"], "ir.actions.act_url")
        self.assertIn("3 statements", own.display_name)

    def test_many_items_are_many(self):
        case = self._cases("en_US")
        case.sudo().item_count = collection_statement_print.DIRECT_ITEMS + 1
        action = self._press(self._wizard(case), "action_pdf")
        self.assertEqual(action["res_model"], "collection.statement.batch")

    def test_several_files(self):
        """No customer is lost or doubled between the files."""
        cases = self._cases(*["en_US"] * 5)
        batch = self._asked(cases, "action_xlsx")
        self._work(size=2)
        self.assertEqual(batch.state, "done")
        *archives, single = batch.file_ids.sorted("id")
        names = [name for archive in archives for name in self._unzip(archive.raw)]
        self.assertEqual(
            [name[:11] for name in [*names, single.name]],
            [f"Customer {number:02}" for number in range(5)],
        )
        self.assertTrue(single.name.endswith(" – 3.xlsx"), single.name)

    def test_goes_on_after_an_interruption(self):
        """The file that was not complete is made again; those before it stay."""
        cases = self._cases(*["en_US"] * 3)
        batch = self._asked(cases)
        made = []
        statement = self.env.registry["collection.statement"]
        make = statement._make_file

        def dies(self, cases, *args):
            made.append(cases.ids)
            if len(made) == 2:
                raise KeyboardInterrupt
            return make(self, cases, *args)

        # Not ``assertRaises``: it would take back what was committed.
        with patch.object(statement, "_make_file", dies), suppress(KeyboardInterrupt):
            self._work(size=1)
        self.env.invalidate_all()
        self.assertEqual((batch.state, len(batch.file_ids)), ("running", 1))
        first = batch.file_ids
        self._work(size=1)
        self.assertEqual((batch.state, len(batch.file_ids)), ("done", 3))
        self.assertIn(first, batch.file_ids)

    def test_failure_is_told(self):
        batch = self._asked(self._cases("en_US", "en_US"))
        logger = collection_statement_batch.__name__
        with self._programs("/nowhere"), self.assertLogs(logger, "WARNING"):
            self._work()
        self.assertEqual(batch.state, "failed")
        self.assertIn("wkhtmltopdf is missing", batch.failure)

    def test_a_merged_case_is_passed_over(self):
        cases = self._cases("en_US", "en_US")
        batch = self._asked(cases)
        cases[1].sudo()._merge_into(cases[0].sudo())
        self._work()
        self.assertEqual((batch.state, len(read(batch.file_ids.raw))), ("done", 1))

    def test_access(self):
        """A batch and its files are for who asked; nobody writes one."""
        batch = self._asked(self._cases("en_US", "en_US"), user=self.owner)
        self._work()
        self.assertTrue(batch.with_user(self.owner).file_ids.raw)
        for user in (self.manager, self.auditor):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    batch.with_user(user).read(["state"])
                with self.assertRaises(AccessError):
                    batch.file_ids.with_user(user).read(["raw"])
        with self.assertRaises(AccessError):
            batch.with_user(self.owner).write({"case_order": [1]})
        with self.assertRaises(AccessError):
            self.env["collection.statement.batch"].with_user(self.owner).create({})

    def test_old_files_go(self):
        batch = self._asked(self._cases("en_US", "en_US"))
        self._work()
        files = batch.file_ids
        self.env.cr.execute(
            "UPDATE collection_statement_batch SET create_date = create_date - interval '8 days'"
        )
        self.env.invalidate_all()
        self.assertEqual(batch._gc_files(), (1, 0))
        self.assertFalse(batch.exists() or files.exists())


@tagged("post_install", "-at_install")
class TestStatementDownload(FilesCommon, HttpCase):
    """The addresses that the buttons lead to."""

    def test_download(self):
        case = self._cases("en_US")
        wizard = self._wizard(case, self.owner)
        address = self._press(wizard, "action_pdf")["url"]
        self.owner.password = "owner-password"
        self.authenticate("owner", "owner-password")
        answer = self.url_open(address)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn("2026-03-18.pdf", answer.headers["Content-Disposition"])
        self.assertEqual(len(pypdf.PdfReader(io.BytesIO(answer.content)).pages), 1)
        self.manager.password = "boss-password"
        self.authenticate("boss", "boss-password")
        self.assertEqual(self.url_open(address).status_code, 404, "it is for who asked")
