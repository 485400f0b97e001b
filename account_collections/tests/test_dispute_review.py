import io
from datetime import date, timedelta

import pypdf
from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TODAY
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDisputeJob(DisputeCommon):
    """What the daily job closes, hands on and escalates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)
        cls.dispute = cls._dispute(cls.invoice, 30)

    def _review(self, day=TODAY):
        with self._at(f"{day} 05:00:00"):
            self.env["collection.dispute"].sudo()._review(self.company, day)
        self.env.invalidate_all()

    # === SETTLED === #

    def test_paid_in_full_it_is_closed_as_of_the_payment(self):
        self._pay(self.invoice, 70, payment_date=TODAY + DAY)
        self._review(TODAY + 2 * DAY)
        self.assertEqual(self.dispute.state, "new")
        self._pay(self.invoice, payment_date=TODAY + 3 * DAY)
        self._review(TODAY + 9 * DAY)
        self.assertEqual((self.dispute.state, self.dispute.outcome), ("closed", "settled"))
        self.assertEqual(self.dispute.closed_on, TODAY + 3 * DAY)
        self.assertEqual(self.dispute.resolved_on, TODAY + 3 * DAY)
        self.assertEqual(self.dispute.days_to_resolve, 3)
        self.assertFalse(self.dispute.activity_ids)

    def test_rejected_and_paid_keeps_its_outcome(self):
        self._resolve(self.dispute, "rejected")
        self._pay(self.invoice, payment_date=TODAY + 3 * DAY)
        self._review(TODAY + 4 * DAY)
        self.assertEqual((self.dispute.state, self.dispute.outcome), ("closed", "rejected"))
        self.assertEqual(self.dispute.resolved_on, TODAY)

    def test_accepted_and_paid_the_credit_is_still_owed(self):
        self._resolve(self.dispute, "accepted")
        self._pay(self.invoice)
        self._review(TODAY + DAY)
        self.assertEqual(self.dispute.state, "accepted")
        self.assertTrue(self.dispute.credit_missing)

    # === OWNERS WHO LEFT === #

    def test_an_owner_who_left_is_replaced_by_the_leader(self):
        self.team.user_id = self.seller
        self.handler.active = False
        self._review()
        self.assertEqual(self.dispute.user_id, self.seller)
        self.assertEqual(self.dispute.activity_ids.user_id, self.seller)
        self.assertIn("Taken over from handler", self.dispute.activity_ids.summary)

    def test_without_a_leader_the_owner_of_the_case_gets_it(self):
        self.team.user_id = False
        self.handler.active = False
        self._review()
        self.assertEqual(self.dispute.user_id, self.owner)

    def test_with_nobody_left_the_credit_manager_gets_it(self):
        self._case(self.customer).user_id = False
        self.portfolio.user_id = False
        self.handler.active = False
        self._review()
        self.assertEqual(self.dispute.user_id, self.manager)

    def test_an_owner_who_went_to_another_company(self):
        self.team.user_id = False
        other = self.setup_other_company()["company"]
        self.handler.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self._review()
        self.assertEqual(self.dispute.user_id, self.owner)

    def test_an_owner_who_lost_the_role(self):
        self.team.user_id = False
        self.handler.group_ids = self.env.ref("base.group_user")
        self._review()
        self.assertEqual(self.dispute.user_id, self.owner)

    def test_nobody_is_replaced_who_is_there_or_has_decided(self):
        self._review()
        self.assertEqual(self.dispute.user_id, self.handler)
        self._resolve(self.dispute, "rejected")
        self.handler.active = False
        self._review()
        self.assertEqual(self.dispute.user_id, self.handler)

    # === LATE === #

    def test_escalates_once_a_step(self):
        self._review(TODAY + 14 * DAY)
        self.assertEqual((self.dispute.escalation, self.dispute.priority), (0, "1"))
        for _twice in range(2):
            self._review(TODAY + 15 * DAY)
            self.assertEqual((self.dispute.escalation, self.dispute.priority), (1, "2"))
            theirs = self.dispute.activity_ids.filtered(lambda one: one.user_id == self.manager)
            self.assertEqual(len(theirs), 1)
            self.assertIn("late by 1 days", theirs.summary)
        self._review(TODAY + 22 * DAY)
        self._review(TODAY + 60 * DAY)
        self.assertEqual((self.dispute.escalation, self.dispute.priority), (3, "3"))
        self.assertEqual(len(self.dispute.activity_ids), 4, "the owner's, and one a step")

    def test_no_escalation_while_the_customer_is_awaited(self):
        with self._at(f"{TODAY + DAY} 10:00:00"):
            self.dispute.with_user(self.handler).action_await()
        self._review(TODAY + 60 * DAY)
        self.assertEqual(self.dispute.escalation, 0)

    def test_more_time_begins_anew(self):
        self._review(TODAY + 15 * DAY)
        with self._at(f"{TODAY + 15 * DAY} 10:00:00"):
            self.dispute.with_user(self.owner).deadline = TODAY + 30 * DAY
        self.assertEqual(self.dispute.escalation, 0)
        self._review(TODAY + 31 * DAY)
        self.assertEqual(self.dispute.escalation, 1)

    def test_the_job_goes_through_every_company(self):
        with self._at(f"{TODAY + 15 * DAY} 05:00:00"), self.committing() as env:
            env["collection.dispute"]._cron_review()
        self.assertEqual(self.dispute.escalation, 1)


@tagged("post_install", "-at_install")
class TestDisputeFigures(DisputeCommon):
    """The figures of the domain, in the analysis and in the monthly review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Grout"})

    def _life(self, amount, days, **values):
        """Return a dispute that took ``days``; opened on the second of the month."""
        product = Command.create(
            {
                "product_id": self.product.id,
                "name": "Grout",
                "price_unit": amount,
                "tax_ids": [Command.clear()],
            }
        )
        invoice = self._invoice(
            self.customer,
            0,
            overdue=0,
            invoice_date=date(2026, 3, 2),
            invoice_date_due=date(2026, 3, 2),
            invoice_line_ids=[product],
        )
        self._sync_cases()
        line = {"invoice_line_id": invoice.invoice_line_ids.id}
        with self._at("2026-03-02 12:00:00"):
            dispute = self.env["collection.dispute"].create(
                {
                    "case_id": self._case(self.customer).id,
                    "reason_id": self.reason.id,
                    "line_ids": [Command.create(line)],
                    **values,
                }
            )
        if days is not None:
            self._resolve(dispute, "rejected", day=date(2026, 3, 2) + days * DAY, user=self.manager)
        return dispute

    def _three(self):
        return [self._life(1000, 5), self._life(3000, 12), self._life(6000, 31)]

    def test_time_to_resolve_plain_and_weighted(self):
        """5, 12 and 31 days for 1,000, 3,000 and 6,000: 16.0 days, weighted 22.7."""
        self._three()
        self._life(500, None)
        self.env.flush_all()
        analysis = self.env["collection.dispute.analysis"]
        measures = [
            "days_to_resolve:avg", "weighted_days:avg", "dispute_id:count_distinct", "amount:sum",
            "rate:sum",
        ]  # fmt: skip
        ours = [("company_id", "=", self.company.id)]
        for name in ("reason_id", "product_id", "partner_id", "user_id", "date_opened:month"):
            [(_key, mean, weighted, number, amount, rate)] = analysis._read_group(
                ours, [name], measures
            )
            self.assertEqual((round(float(mean), 1), round(float(weighted), 1)), (16.0, 22.7), name)
            self.assertEqual((number, amount, float(rate)), (4, 10500, 100), name)
            [(_key, age)] = analysis._read_group(
                [*ours, ("resolved_on", "!=", False)], [name], ["age:avg"]
            )
            self.assertAlmostEqual(float(age), 16, 1, name)
        [row] = analysis.formatted_read_group([], ["reason_id"], measures)
        self.assertAlmostEqual(row["weighted_days:avg"], 22.7, 1)

    def test_a_dispute_of_many_lines_counts_once(self):
        first = self._life(1000, 10)
        other = self._life(1000, 20)
        line = first.line_ids.sudo()
        # Two more lines of the same dispute.
        for _number in range(2):
            invoice = self._invoice(self.customer, 10, overdue=0)
            self.env["collection.dispute.line"].create(
                {"dispute_id": first.id, "line_id": self._receivable(invoice).id}
            )
        self.assertTrue(line.exists() and other.exists())
        self.env.flush_all()
        [(mean,)] = self.env["collection.dispute.analysis"]._read_group(
            [("company_id", "=", self.company.id)], [], ["days_to_resolve:avg"]
        )
        self.assertAlmostEqual(float(mean), 15)

    def test_days_of_sales_that_are_disputed(self):
        """A tenth of the sales of 90 days; the day of the analysis is the database's."""
        today = fields.Date.today()
        overdue = (TODAY - today).days
        self._invoice(self.other_customer, 9000, overdue, invoice_date=today)
        disputed = self._invoice(self.customer, 1000, overdue, invoice_date=today)
        dispute = self._dispute(disputed, day=today)
        self.env.flush_all()
        analysis = self.env["collection.dispute.analysis"]
        ours = [("company_id", "=", self.company.id)]
        [(days, age)] = analysis._read_group(ours, [], ["dso_days:sum", "age:avg"])
        self.assertEqual((float(days), float(age)), (9, 0))
        self._resolve(dispute, "rejected", day=today)
        self.env.flush_all()
        [(days,)] = analysis._read_group(ours, [], ["dso_days:sum"])
        self.assertFalse(days, "what is decided lengthens nothing")

    def test_rate_of_the_month_s_sales(self):
        with self._at("2026-03-02 12:00:00"):
            self._invoice(
                self.other_customer,
                9000,
                overdue=0,
                invoice_date=date(2026, 3, 9),
                invoice_date_due=date(2026, 4, 9),
            )
        self._life(1000, None)
        self.env.flush_all()
        [(rate,)] = self.env["collection.dispute.analysis"]._read_group(
            [("company_id", "=", self.company.id)], [], ["rate:sum"]
        )
        self.assertAlmostEqual(float(rate), 10)

    # === THE MONTHLY REVIEW === #

    def test_the_review_of_a_month(self):
        self._three()  # resolved on 7 and 14 March, and on 2 April
        self._life(10000, None)
        review = self.env["collection.dispute.report"]._get_review(self.company, date(2026, 3, 9))
        total = review["total"]
        self.assertEqual((review["start"], review["end"]), (date(2026, 3, 1), date(2026, 3, 31)))
        self.assertEqual((len(total.opened), total.amount), (4, 20000))
        self.assertEqual((total.rate, review["documents"], review["sales"].invoices), (100, 4, 4))
        self.assertEqual((len(total.resolved), total.mean, total.weighted), (2, 8.5, 10.25))
        self.assertEqual((len(total.still), total.still_amount), (2, 16000))
        self.assertEqual((review["sales"].days, round(review["dso"])), (90, 72))
        self.assertEqual([title for title, _rows in review["groups"]][0], "By reason")
        for _title, [row] in review["groups"]:
            self.assertEqual((len(row.opened), row.still_amount), (4, 16000))
        april = self.env["collection.dispute.report"]._get_review(self.company, date(2026, 4, 9))
        self.assertEqual((len(april["total"].opened), len(april["total"].resolved)), (0, 1))
        self.assertEqual(april["total"].mean, 31)

    def test_an_empty_month(self):
        review = self.env["collection.dispute.report"]._get_review(self.company, date(2026, 3, 9))
        self.assertEqual((review["total"].mean, review["total"].rate, review["dso"]), (None,) * 3)

    def _pdf(self, content):
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return " ".join(" ".join(page.extract_text().split()) for page in pages)

    def _needs_pdf_program(self):
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        self.assertNotIn(state, ("install", "broken"), "the PDF program is missing")

    def test_printed_from_the_menu_in_both_languages(self):
        self._needs_pdf_program()
        self._three()
        self._life(10000, None)
        report = self.env["collection.dispute.report"]
        text = self._pdf(report._render(self.company, date(2026, 3, 9), "en_US"))
        for expected in ("Review of disputes", "March 2026", "20,000.00", "Quantity", "Grout"):
            self.assertIn(expected, text)
        self._speak_french()
        french = self._pdf(report._render(self.company, date(2026, 3, 9), "fr_FR"))
        for expected in ("Revue des litiges", "mars 2026"):
            self.assertIn(expected, french)
        wizard = (
            self.env["collection.dispute.review"]
            .with_user(self.reader)
            .create({"month": date(2026, 3, 9)})
        )
        url = wizard.action_print()["url"]
        attachment = self.env["ir.attachment"].browse(int(url.split("/")[3].split("?")[0]))
        self.assertIn("March 2026", self._pdf(attachment.with_user(self.reader).raw))

    def test_mailed_once_a_month_to_those_chosen(self):
        self._needs_pdf_program()
        self.env["res.lang"]._activate_lang("fr_FR")
        recipients = self.env["res.partner"].create(
            [
                {"name": "Chief", "email": "chief@company.example"},
                {"name": "Chef", "email": "chef@company.example", "lang": "fr_FR"},
                {"name": "Without an address"},
            ]
        )
        self._three()
        self.company.collection_dispute_report_partner_ids = recipients
        self.company.collection_dispute_report_day = 3
        sent = {}
        for day in ("2026-04-02", "2026-04-03", "2026-04-04", "2026-05-02", "2026-05-05"):
            before = self.env["mail.mail"].search([])
            with self._at(f"{day} 06:00:00"), self.committing() as env:
                env["collection.dispute.report"]._cron_send()
            sent[day] = self.env["mail.mail"].search([]) - before
        self.assertEqual([len(mails) for mails in sent.values()], [0, 2, 0, 0, 2])
        mails = sent["2026-04-03"]
        self.assertEqual(mails.recipient_ids, recipients[:2])
        for mail in mails:
            self.assertEqual(len(mail.recipient_ids), 1)
            self.assertIn(
                "mars 2026" if mail.recipient_ids.lang == "fr_FR" else "March 2026",
                self._pdf(mail.attachment_ids.raw),
            )
        # the mail server was down: Odoo's queue gives up, we do not
        mails = sent["2026-05-05"]
        mails.state = "exception"
        with self._at("2026-05-06 06:00:00"), self.committing() as env:
            env["collection.dispute.report"]._cron_send()
        self.assertEqual(mails.mapped("state"), ["outgoing", "outgoing"])

    def test_bad_settings(self):
        for name, value in (
            ("collection_dispute_report_day", 0),
            ("collection_dispute_report_day", 29),
            ("collection_dispute_escalation_days", -1),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.company[name] = value
        self.assertTrue(fields.Date.today())
