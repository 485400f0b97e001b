from datetime import timedelta

from odoo.addons.account_collections.tests.common import TODAY
from odoo.tests import tagged
from odoo.tools import mute_logger

from .payment_common import IBAN, PAGE, PaymentCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPaymentTransfer(PaymentCommon):
    """A bank transfer: announced, waited for, and known again when it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_part_payment = True
        cls.wire, cls.wire_method = cls._wire()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.accountant = cls._user("accountant", "account.group_account_user")

    def _announce(self, page, day=TODAY):
        """Choose the transfer on a payment page and confirm; return the transaction."""
        with self._at(f"{day} 10:00:00"):
            transaction = self._begun(
                page, provider_id=self.wire.id, payment_method_id=self.wire_method.id,
                flow="redirect",
            )
            after = self.url_open(
                "/payment/custom/process", data={"reference": transaction.reference}
            )
            self.assertTrue(after.url.endswith(transaction.landing_route), after.url)
        self.assertEqual(transaction.state, "pending")
        self._open()  # by that other day the browser has lost its session
        return transaction

    def _arrive(self, amount, text, **values):
        """The money is on the bank, where an accountant without rights on payments books it."""
        lines = self.env["account.bank.statement.line"].with_user(self.accountant)
        return lines.create(
            {
                "journal_id": self.bank.id,
                "date": TODAY + 2 * DAY,
                "amount": amount,
                "payment_ref": text,
                **values,
            }
        )

    def _open_amounts(self):
        invoices = self.first | self.second | self.third
        return invoices.mapped("amount_residual")

    # === IT ARRIVES === #

    def test_it_pays_the_chosen_items_and_parts_and_dunning_is_silent(self):
        self._open()
        page = self._choose(self.first, self.second, self.third, third="260")
        transaction = self._announce(page)
        after = self.url_open(transaction.landing_route)
        self.assertIn("Your transfer is announced", after.text)
        told = after.text.split('id="transfer"')[1].replace(" ", "")
        for part in (transaction.reference, IBAN, "460.00"):
            self.assertIn(part, told)
        self.assertEqual(self._withheld(), {"payment_announced": 460})

        payer = self._customer("Holding")
        text = f"VIR INST {transaction.reference.lower().replace('/', ' ')}, merci"
        line = self._arrive(460, text, partner_id=payer.id)
        self.assertEqual(self._open_amounts(), [0, 0, 40])
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, payer, "a third party may pay")
        self.assertEqual(transaction.state, "done")
        self.assertTrue(all(transaction.collection_part_ids.mapped("is_settled")))
        self.assertTrue(transaction.is_post_processed, "or a payment would be made for it")
        self.assertFalse(transaction.payment_id, "the bank line is the money")
        self.assertFalse(self._work())
        self.assertIn("Thank you", self.url_open(transaction.landing_route).text)
        self.assertEqual(self._withheld(), {})
        self._morning(TODAY + 3 * DAY)
        self.assertFalse(self._reminder(self.customer), "40 are too little to be dunned")

    def test_a_payment_registered_by_hand_pays_what_was_chosen(self):
        self._open()
        transaction = self._announce(self._choose(self.second, self.third, third="100"))
        payment = self.env["account.payment"].with_user(self.accountant).create(
            {
                "amount": 180,
                "payment_type": "inbound",
                "partner_id": self.customer.id,
                "journal_id": self.bank.id,
                "memo": f"Transfer {transaction.reference}",
            }
        )
        payment.action_post()
        self.assertEqual(self._open_amounts(), [120, 0, 200])
        self.assertEqual((transaction.state, transaction.payment_id), ("done", payment))
        self.assertTrue(transaction.is_post_processed)
        payments = self.env["account.payment"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(payments, payment)

    def test_in_another_currency_with_a_code_to_scan(self):
        euro = self._enable_euro()
        invoice = self._invoice(self.customer, 1000, overdue=9, currency_id=euro.id)
        cases, codes = self.registry["collection.case"], []
        draw = cases._draw_code

        def note(case, text):
            codes.append(text.split("\n"))
            return draw(case, text)

        self.patch(cases, "_draw_code", note)
        self._open()
        transaction = self._announce(
            self.url_open(
                f"{PAGE}/pay?item={self._item(invoice).id}&amount_{self._item(invoice).id}=250.50"
            )
        )
        page = self.url_open(transaction.landing_route)
        self.assertIn('src="data:image/png;base64,', page.text)
        code = codes[-1]
        self.assertEqual((code[0], code[3]), ("BCD", "SCT"))
        self.assertEqual(
            (code[6], code[7], code[10]),
            (IBAN, "EUR250.5", transaction.reference),
        )
        self._arrive(
            130, transaction.reference, foreign_currency_id=euro.id, amount_currency=250.5
        )
        self.assertEqual(invoice.amount_residual, 749.5)
        self.wire.qr_code = False
        self.assertFalse(transaction._get_transfer_qr())

    def test_paid_meanwhile_it_waits_on_the_bank_line(self):
        self._open()
        transaction = self._announce(self._choose(self.first, self.second))
        self._pay(self.first)
        line = self._arrive(200, transaction.reference)
        self.assertEqual(self._open_amounts(), [0, 0, 300])
        self.assertEqual((line.is_reconciled, line.amount_residual), (False, -120))
        [work] = self._work()
        self.assertIn(self.first.name, work.note)

    def test_money_that_is_another_one(self):
        """Another amount, reference, direction or currency is left to those who allocate."""
        self._open()
        transaction = self._announce(self._choose(self.first))
        euro = self._enable_euro()
        name = transaction.reference
        for amount, text, values in (
            (119.99, name, {}),
            (-120, name, {}),
            (120, "no name", {}),
            (120, f"{name}7", {}),
            (60, name, {"foreign_currency_id": euro.id, "amount_currency": 120}),
        ):
            line = self._arrive(amount, text, **values)
            self.assertFalse(line.is_reconciled, (amount, text))
        self.assertEqual((transaction.state, self.first.amount_residual), ("pending", 120))

    def test_what_goes_wrong_with_matching_stops_no_import(self):
        """The bank's lines are there, all as the bank told them; somebody has work."""
        self._open()
        transaction = self._announce(self._choose(self.first))
        fine = self._announce(self._choose(self.second))
        parts, amounts = self.registry["collection.payment.part"], {120, 80}
        settle = parts._settle

        def broken(part, *args):
            if part.transaction_id == transaction:
                raise ValueError("a plain bug")
            return settle(part, *args)

        self.patch(parts, "_settle", broken)
        transactions = transaction.browse()
        self.assertEqual(transactions._get_awaited(self.company, amounts), transaction | fine)
        self.assertFalse(transactions._get_awaited(self.company, {119.99}))
        values = {"journal_id": self.bank.id, "date": TODAY + 2 * DAY}
        model = "odoo.addons.account_collections_portal.models.account_bank_statement_line"
        with self.assertLogs(model, "ERROR"):
            lines = self.env["account.bank.statement.line"].with_user(self.accountant).create(
                [
                    {**values, "amount": amount, "payment_ref": one.reference}
                    for amount, one in ((120, transaction), (80, fine), (7, transaction))
                ]
            )
        self.assertEqual(lines.mapped("is_reconciled"), [False, True, False])
        self.assertEqual(lines[0].move_id.state, "posted")
        self.assertEqual(lines[0].amount_residual, -120)
        self.assertEqual((transaction.state, fine.state), ("pending", "done"))
        self.assertEqual(self._open_amounts(), [120, 0, 300])
        work = self.case.activity_ids.filtered(lambda one: "by hand" in one.summary)
        self.assertIn(transaction.reference, work.note)
        # nor what goes wrong while it is looked for
        self.patch(self.registry["payment.transaction"], "_get_awaited", lambda *_args: 1 / 0)
        with self.assertLogs(model, "ERROR"):
            self.assertTrue(self._arrive(120, transaction.reference))

    # === IT NEVER ARRIVES === #

    @mute_logger("odoo.http")
    def test_whoever_has_announced_it_may_pay_in_another_way(self):
        self._open()
        transaction = self._announce(self._choose(self.first))
        page = self.url_open(transaction.landing_route)
        path = f"{transaction.landing_route.partition('?')[0]}/withdraw"
        self.assertIn(path, page.text)
        data = {"case": self.case.id, "csrf_token": self._token(page)}
        self.assertEqual(self.url_open(path, data={"case": self.case.id}).status_code, 400)
        self._leave()
        foreign = {"csrf_token": self._token(self._open(self.foreign_case))}
        for case in (self.case, self.foreign_case):
            answer = self.url_open(path, data={"case": case.id, **foreign})
            self.assertEqual((answer.status_code, transaction.state), (404, "pending"))
        self._leave()
        data["csrf_token"] = self._token(self._open())
        answer = self.url_open(path, data=data)
        self.assertIn("o_payment_form", answer.text)
        self.assertEqual((transaction.state, self._withheld()), ("cancel", {}))
        # announced again it holds as long as the first time would have
        self.cr.execute(
            "UPDATE payment_transaction SET create_date = %s WHERE id = %s",
            [f"{TODAY - 3 * DAY} 10:00:00", transaction.id],
        )
        self._announce(answer)
        self.assertEqual(self._withheld(TODAY + 2 * DAY), {"payment_announced": 120})
        self.assertEqual(self._withheld(TODAY + 3 * DAY), {})

    def _token(self, page):
        return page.text.split('csrf_token: "')[1].split('"')[0]

    def test_it_is_dunned_again_and_announcing_it_again_holds_nothing(self):
        everything = (self.first, self.second, self.third)
        self._open()
        first = self._announce(self._choose(*everything))
        last, after = TODAY + 5 * DAY, TODAY + 6 * DAY
        self.assertEqual(self._withheld(last), {"payment_announced": 500})
        self.assertEqual(self._withheld(after), {})
        first.collection_key = False  # these six days have not passed for the database
        with self._at(f"{after} 09:00:00"):
            page = self._choose(*everything)
        again = self._announce(page, after)
        self.assertEqual(self._withheld(after), {})
        self._morning(after)
        self.assertEqual(self._reminder(self.customer).state, "scheduled")
        self.assertIn("transfer announced on", self.url_open(PAGE).text)
        # it comes by the first announcement: the second one asks for nothing more
        self._arrive(500, first.reference)
        self.assertEqual((first.state, again.state), ("done", "pending"))
        self.assertEqual(self._open_amounts(), [0, 0, 0])
        self.assertNotIn("transfer announced on", self.url_open(PAGE).text)
        page = self.url_open(again.landing_route).text
        self.assertIn("Nothing is left to transfer", page)
        self.assertNotIn('id="transfer"', page)
