import base64
import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
from odoo import Command
from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import tagged

from ..controllers import account_statement
from .access_common import PAGE, AccountCommon


@tagged("post_install", "-at_install")
class TestAccountContent(AccountCommon):
    """What stands on the account of a customer."""

    def _receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _notes(self, move):
        items = self.env["collection.item"].sudo().search(
            [("case_id", "=", self.case.id), ("move_id", "=", move.id)]
        )
        notes = self.case.sudo()._get_portal_notes(items)
        return [words for item in items for _kind, words in notes[item.id]]

    # === FIGURES === #

    def test_ageing_by_currency_has_the_columns_of_the_statement(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        for amount, overdue in ((1, 0), (2, 1), (4, 30), (8, 31), (16, 60), (32, 90), (64, 91)):
            self._invoice(self.customer, amount, overdue, currency_id=euro.id)
        self._invoice(self.customer, 5, 10, move_type="out_refund", currency_id=euro.id)
        self._sync_cases()
        with self._at(f"{TODAY} 12:00:00"):
            totals = self.case._get_portal_figures()["totals"]
        self.assertEqual(
            [one["currency"] for one in totals], [self.company.currency_id, euro]
        )
        self.assertEqual(totals[1]["ageing"], [1, 6, 24, 32, 64])
        self.assertEqual(
            (totals[1]["balance"], totals[1]["overdue"], totals[1]["credits"]),
            (Decimal(122), 126, -5),
        )

    def test_who_collects_is_named_while_they_do(self):
        partner = self._customer("Grandval", phone="+33 1 99 00 12 34")
        agency = self.env["collection.agency"].create({"partner_id": partner.id})
        self._invoice(self.customer, 70, overdue=40)
        self._sync_cases()
        items = self.case.item_ids.filtered("is_overdue")
        with self._at(f"{TODAY} 12:00:00"):
            handover = self.env["collection.handover"]._make(self.case, items, agency)
            self._open()
            self.assertNotIn("Grandval", self._see(self.case), "a draft is our own business")
            handover.action_hand_over()
            page = self._see(self.case)
            self.assertIn("Some of your debt was handed over", page)
            self.assertIn("tel:+33 1 99 00 12 34", page)
            agency.is_shown = False
            self.assertNotIn("Grandval", self._see(self.case))

    def test_pages_of_many_items(self):
        self.patch(account_statement, "ITEMS_PER_PAGE", 5)
        for number in range(8):
            self._invoice(self.customer, number + 1, 3, ref=f"PO-{number:03}")
        self._sync_cases()
        self._open()
        first, second = self._see(self.case), self._see(self.case, "/page/2")
        self.assertEqual((first.count('name="item"'), second.count('name="item"')), (5, 4))
        self.assertIn(f"{PAGE}/page/2?case={self.case.id}", first)
        self.assertIn("PO-007", self._see(self.case, search="po-007"))
        self.assertEqual(self._see(self.case, search="po-007").count('name="item"'), 1)

    # === WHAT IS SAID OF AN ITEM === #

    def test_each_instalment_is_a_row_of_its_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Three times",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": part, "nb_days": days})
                    for part, days in ((30, 0), (30, 30), (40, 60))
                ],
            }
        )
        move = self._invoice(
            self.customer, 1000, 10, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        self._sync_cases()
        self.assertEqual(
            self._notes(move), [f"Instalment {number} of 3" for number in (1, 2, 3)]
        )
        self._open()
        page = self._see(self.case)
        for words in ("Instalment 2 of 3", "300.00", "400.00"):
            self.assertIn(words, page)

    def test_disputes_promises_plans_and_credits_in_plain_words(self):
        promised = self._invoice(self.customer, 1000, 10)
        planned = self._invoice(self.customer, 600, 10)
        credit = self._invoice(self.customer, 50, 10, move_type="out_refund")
        self._sync_cases()
        case = self.case.with_user(self.owner)
        with self._at(f"{TODAY} 08:00:00"):
            case._dispute_quick(lines=self._receivable(self.invoice), amount=30)
            items = self.env["collection.item"].with_user(self.owner)
            case._promise_quick(
                400, TODAY + timedelta(days=2), items=items.search([("move_id", "=", promised.id)])
            )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(
            self._notes(self.invoice), ["$\xa030.00 in dispute, not asked for meanwhile"]
        )
        self.assertEqual(self._notes(promised), ["$\xa0400.00 promised for 03/20/2026"])
        self.assertEqual(self._notes(planned), [])
        self.assertEqual(self._notes(credit), ["Credit: deducted from what you owe"])
        [total] = self.case._get_portal_figures()["totals"]
        self.assertEqual(total["disputed"], 30)

    # === PAYMENTS === #

    def test_payments_say_what_they_settled(self):
        second = self._invoice(self.customer, 500, 5)
        self._pay(self.invoice, 100)
        self._pay(second, 200)
        self._pay(self.foreign, 77)
        self._open()
        for page in (self._see(self.case), self._see(self.case, "/payments")):
            payments = page.split("_title")[-1]
            self.assertIn(f"{second.name}: ", payments)
            self.assertIn("200.00", payments)
            self.assertNotIn(self.foreign.name, page)
        self.assertEqual(self.case._count_portal_payments(), 2)
        [(_currency, latest)] = self.case._get_portal_payments(1)
        self.assertEqual(latest.settled, [(second.name, Decimal(200))])

    # === FILES === #

    def _attach(self, move, name, **values):
        return self.env["ir.attachment"].create(
            {
                "name": name, "raw": b"%PDF-1.4 " + name.encode(), "mimetype": "application/pdf",
                "res_model": "account.move", "res_id": move.id, **values,
            }
        )

    def test_an_invoice_is_sent_as_it_was_sent(self):
        self._attach(self.invoice, "sent.pdf", res_field="invoice_pdf_report_file")
        self.invoice.invalidate_recordset()
        self._open()
        document = self.url_open(f"{PAGE}/document/{self.invoice.id}?case={self.case.id}")
        self.assertEqual(document.status_code, 200)
        self.assertEqual(document.content, b"%PDF-1.4 sent.pdf")
        self.assertIn("sent.pdf", document.headers["Content-Disposition"])

    def test_an_electronic_invoice_goes_with_what_was_sent(self):
        electronic = {
            move: self._attach(
                move, f"{move.id}_ubl.xml", raw=b"<Invoice/>", mimetype="application/xml",
                res_field="ubl_cii_xml_file",
            )
            for move in (self.invoice, self.foreign)
        }  # fmt: skip
        path = f"{PAGE}/document/{self.invoice.id}"
        own = electronic[self.invoice]
        self._open()
        self.assertNotIn("_ubl.xml", self._see(self.case, f"/document/{self.invoice.id}/files"))
        self.assertEqual(self.url_open(f"{path}/einvoice/{own.id}").status_code, 404, "not sent")
        for move in electronic:
            self._attach(move, "sent.pdf", res_field="invoice_pdf_report_file")
            move.invalidate_recordset()
        self.assertIn(
            f"E-invoice: {own.name}", self._see(self.case, f"/document/{self.invoice.id}/files")
        )
        answer = self.url_open(f"{path}/einvoice/{own.id}")
        self.assertEqual(answer.content, b"<Invoice/>")
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
        theirs = electronic[self.foreign].id
        for move in electronic:
            odd = f"{PAGE}/document/{move.id}/einvoice/{theirs}"
            self.assertEqual(self.url_open(odd).status_code, 404, odd)

    def test_only_chosen_attachments_are_shown(self):
        proof = self._attach(self.invoice, "proof.pdf")
        secret = self._attach(self.invoice, "margin.pdf")
        theirs = self._attach(self.foreign, "theirs.pdf")
        self.invoice.collection_shown_attachment_ids = proof
        self.foreign.collection_shown_attachment_ids = theirs
        self._open()
        page = self._see(self.case, f"/document/{self.invoice.id}/files")
        self.assertIn("proof.pdf", page)
        self.assertNotIn("margin.pdf", page)
        path = f"{PAGE}/document/{self.invoice.id}/attachment"
        self.assertEqual(self.url_open(f"{path}/{proof.id}").content, proof.raw)
        for key in (secret.id, theirs.id, 0, 999999999):
            self.assertEqual(self.url_open(f"{path}/{key}").status_code, 404, key)
        for kind in ("invoices", "order", "..", "einvoice"):
            answer = self.url_open(f"{PAGE}/document/{self.invoice.id}/{kind}/{proof.id}")
            self.assertEqual(answer.status_code, 404, kind)

    def test_the_order_of_an_invoice(self):
        product = self.env["product.product"].create(
            {"name": "Goods", "type": "service", "invoice_policy": "order"}
        )
        orders = self.env["sale.order"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 10})],
                }
                for partner in (self.customer, self.other_customer)
            ]
        )
        orders.action_confirm()
        own = orders[0]._create_invoices()
        # By mistake the invoice has a line of another customer's order too.
        own.invoice_line_ids[0].sale_line_ids |= orders[1].order_line
        own.action_post()
        self._sync_cases()
        labels = [one.label for one in self.case.sudo()._get_portal_files(own)]
        self.assertIn(f"Order {orders[0].name}", labels)
        self.assertNotIn(f"Order {orders[1].name}", labels)

    def test_the_statement_as_a_spreadsheet(self):
        self._open()
        answer = self.url_open(f"{PAGE}/xlsx?case={self.case.id}")
        self.assertEqual(answer.status_code, 200)
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = {cell.value for sheet in book for row in sheet for cell in row}
        self.assertIn(self.invoice.name, cells)
        self.assertNotIn(self.foreign.name, cells)

    def test_pictures_are_what_their_type_says(self):
        picture = self._attach(
            self.invoice, "<b>x</b>.html", raw=base64.b64decode("R0lGODlhAQABAAAAACw="),
            mimetype="text/html",
        )
        self.invoice.collection_shown_attachment_ids = picture
        self._open()
        answer = self.url_open(f"{PAGE}/document/{self.invoice.id}/attachment/{picture.id}")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
