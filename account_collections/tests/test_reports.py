import io

import openpyxl
from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import TODAY
from .test_snapshots import DAY, SnapshotCommon


class TestReports(SnapshotCommon):
    """Lists and figures that go to the right people by themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(cls._at(f"{TODAY} 10:00:00"))
        cls.boss = cls._user("ceo", "base.group_user")

    def _report(self, **values):
        values = {"name": "For you", "company_id": self.company.id, **values}
        return self.env["collection.report"].with_user(self.manager).create(values)

    def _send(self):
        """Run the scheduled action; return the new mails."""
        before = self.env["mail.mail"].search([])
        with self.committing() as env:
            env["collection.report"]._cron_send()
        return self.env["mail.mail"].search([]) - before

    def _sheet(self, mail):
        [file] = mail.attachment_ids
        book = openpyxl.load_workbook(io.BytesIO(file.raw))
        return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]

    def test_old_items_to_management(self):
        """Once on its day, with all rows in the file, in the reader's language."""
        self._speak_french()
        self.boss.lang = "fr_FR"
        old = self._invoice(self.customer, 1234.5, overdue=95)
        self._invoice(self.customer, 700, overdue=90)
        self.other_customer.name = "=1+1"
        injected = self._invoice(self.other_customer, 10, overdue=200)
        self._invoice(self._customer("<script>alert(1)</script>"), 5000, overdue=100)
        self._sync_cases()
        report = self._report(
            user_ids=[Command.set(self.boss.ids)], frequency="month", next_date=TODAY
        )
        mail = self._send()
        self.assertEqual(mail.recipient_ids, self.boss.partner_id)
        self.assertIn("Échues depuis plus de 90 jours", mail.body_html)
        self.assertRegex(mail.body_html, r"1\s234,50")
        self.assertNotIn("700", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        self.assertIn("&lt;script&gt;alert(1)", mail.body_html)
        rows = self._sheet(mail)
        self.assertEqual([row[1] for row in rows[-2:]], [old.name, injected.name])
        self.assertEqual((rows[-2][4], rows[-1][0]), (1234.5, "=1+1"))
        self.assertEqual((str(report.next_date), report.last_count), ("2026-04-18", 1))
        self.assertFalse(self._send(), "its day is over")
        # Days that were missed are not made up for.
        report.write({"next_date": TODAY - 100 * DAY, "frequency": "week"})
        again = self._send()
        self.assertEqual(len(again), 1)
        # Odoo's queue never tries twice what the mail server did not take: the reports do.
        again.state = "exception"
        self.assertEqual(report.stuck_count, 1)
        self._send()
        self.assertEqual((again.state, report.stuck_count), ("outgoing", 0))
        self.assertTrue(TODAY < report.next_date <= TODAY + 7 * DAY)

    def test_disputes_to_the_salesperson_concerned(self):
        sellers = [self._user(name, "base.group_user") for name in ("anna", "bert")]
        gone = self._user("gone", "base.group_user")
        third = self._customer("Petit")
        partners = (self.customer, self.other_customer, third)
        for partner, seller in zip(partners, (*sellers, gone), strict=True):
            partner.user_id = seller
        invoices = [self._invoice(partner, 500, overdue=10) for partner in partners]
        self._sync_cases()
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        for invoice in (invoices[0], invoices[2]):
            line = invoice.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
            case = self._case(invoice.partner_id)
            case._dispute_quick(reason=reason, lines=line, amount=80, description="Late")
        gone.active = False
        self._report(kind="disputes", to_salespeople=True, attachment="none", next_date=TODAY)
        mail = self._send()
        self.assertEqual(mail.recipient_ids, sellers[0].partner_id, "who has none gets no mail")
        self.assertIn("Dupont", mail.body_html)
        self.assertNotIn("Petit", mail.body_html)
        self.assertFalse(mail.attachment_ids)

    def test_a_collectors_week_to_its_manager(self):
        self._invoice(self.customer, 1000, overdue=15)
        self._day()
        self._case(self.customer).with_user(self.manager)._promise_quick(1000, TODAY + 3 * DAY)
        self._report(kind="week", user_ids=[Command.set(self.manager.ids)], next_date=TODAY)
        mail = self._send()
        row = self._sheet(mail)[-1]
        self.assertEqual(row, [self.owner.name, 1, 1000, 0, 1, 0, 1, 0])

    def test_figures_as_pdf(self):
        self._invoice(self.customer, 1000, overdue=15)
        self._sync_cases()
        self.env["collection.snapshot"]._measure_alone(self.company, TODAY)
        self._report(
            kind="figures", attachment="pdf", user_ids=[Command.set(self.boss.ids)],
            next_date=TODAY,
        )  # fmt: skip
        mail = self._send()
        self.assertIn("DSO", mail.body_html)
        self.assertTrue(mail.attachment_ids.raw.startswith(b"%PDF"))

    def test_who_may_set_it_up(self):
        outsider = self._user("outsider", "base.group_user", self._create_company())
        for values in (
            {"user_ids": [Command.set(outsider.ids)]},
            {"kind": "week", "to_salespeople": True},
            {"days": -1},
        ):
            with self.assertRaises(ValidationError):
                self._report(**values)
        reports = self.env["collection.report"]
        cfo = self._user("cfo", "account_collections.group_collection_readonly")
        self.assertFalse(reports.with_user(self.owner).has_access("read"))
        self.assertFalse(reports.with_user(cfo).has_access("write"))
        with Form(reports.with_user(self.manager)) as form:
            form.name = "Old"
            form.user_ids.add(self.boss)

    def test_tiles_of_the_digest(self):
        self._invoice(self.customer, 1000, overdue=15)
        self._sync_cases()
        digest = self.env["digest.digest"].create(
            {
                "name": "Mine",
                "company_id": self.company.id,
                "kpi_collection_outstanding": True,
                "kpi_collection_overdue": True,
            }
        )

        def tiles(user):
            kpis = digest.with_user(user)._compute_kpis(self.company, user)
            return {
                one["kpi_name"]: one["kpi_col1"]["value"]
                for one in kpis
                if one["kpi_name"].startswith("kpi_collection")
            }

        self.assertFalse(tiles(self.manager), "no day was measured: no tile, rather than a zero")
        self.env["collection.snapshot"]._measure_alone(self.company, TODAY)
        self.assertEqual(
            tiles(self.manager),
            {"kpi_collection_outstanding": "$1k", "kpi_collection_overdue": "$1k"},
        )
        self.assertFalse(tiles(self.boss))
