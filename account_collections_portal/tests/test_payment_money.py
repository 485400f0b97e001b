from odoo import Command
from odoo.tests import tagged

from .payment_common import PaymentCommon


@tagged("post_install", "-at_install")
class TestPaymentMoney(PaymentCommon):
    """What the payment's entry pays: these items, these parts, in their currency, once."""

    def _lines(self, transaction):
        """Return {(partner, amount in currency): what is left} of the customer's money."""
        return {
            (line.partner_id, line.amount_currency): line.amount_residual_currency
            for line in transaction.payment_id.move_id.line_ids
            if line.account_type == "asset_receivable"
        }

    def test_one_instalment_of_an_invoice(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 30)
                ],
            }
        )
        invoice = self._invoice(
            self.customer, 600, overdue=50, invoice_payment_term_id=terms.id,
            invoice_date_due=False,
        )
        items = self._item(invoice).sorted("date_due")
        # what is paid is no open item any more, its line stays
        first, second = items.line_id
        self._open()
        page = self.url_open(f"/my/account-statement/pay?item={items[1].id}")
        self._answer(self._begun(page), "done")
        self.assertFalse(first.reconciled, "the core would have taken it first")
        self.assertTrue(second.reconciled)

    def test_another_currency(self):
        euro = self._enable_euro()
        invoice = self._invoice(self.customer, 1000, overdue=9, currency_id=euro.id)
        other = self._invoice(self.customer, 400, overdue=9, currency_id=euro.id)
        self.company.collection_part_payment = True
        self._open()
        mixed = self._choose(self.first, invoice)
        self.assertIn("One payment is in one currency", mixed.text)
        self._set_rate(euro, 4.0)
        item = self._item(invoice)
        page = self.url_open(
            f"/my/account-statement/pay?item={item.id}&item={self._item(other).id}"
            f"&amount_{item.id}=250"
        )
        transaction = self._answer(self._begun(page), "done")
        self.assertEqual((transaction.amount, transaction.currency_id), (650, euro))
        self.assertEqual(invoice.amount_residual, 750)
        self.assertEqual(other.amount_residual, 0)
        self.assertEqual(set(self._lines(transaction).values()), {0})

    def test_a_payer_pays_for_the_entities_of_its_group(self):
        payer = self._customer("Holding")
        (self.customer | self.other_customer).collection_payer_id = payer
        self.env["collection.debtor"]._remap(self.customer | self.other_customer)
        self.case = self._case(payer)
        self._open()
        transaction = self._paid(self.first, self.foreign)
        self.assertEqual(transaction.payment_id.partner_id, payer)
        self.assertEqual(self.first.amount_residual + self.foreign.amount_residual, 0)
        self.assertEqual(
            self._lines(transaction),
            {(self.customer, -120): 0, (self.other_customer, -77): 0},
            "each entity's ledger gets its own money",
        )

    def test_paid_meanwhile_it_stays_a_credit_and_is_work(self):
        self._open()
        transaction = self._begun(self._choose(self.first, self.second))
        self._pay(self.first)
        self._answer(transaction, "done")
        self.assertEqual(self.second.amount_residual, 0)
        self.assertEqual(
            self._lines(transaction), {(self.customer, -80): 0, (self.customer, -120): -120}
        )
        [work] = self._work()
        self.assertEqual(work.user_id, self.case._get_responsible())
        self.assertIn(self.first.name, work.note)

    def test_paid_in_part_meanwhile(self):
        self._open()
        transaction = self._begun(self._choose(self.first))
        self._pay(self.first, 50)
        self._answer(transaction, "done")
        self.assertEqual(self.first.amount_residual, 0)
        self.assertEqual(
            self._lines(transaction), {(self.customer, -70): 0, (self.customer, -50): -50}
        )
        self.assertTrue(self._work())

    def test_what_is_as_asked_makes_no_work(self):
        self._open()
        self._paid(self.first)
        self.assertFalse(self._work())

    def test_a_provider_that_says_it_twice(self):
        self._open()
        transaction = self._paid(self.first)
        self._answer(transaction, "done")
        transaction._post_process()
        self.assertEqual(
            len(self.env["account.payment"].search(
                [("payment_transaction_id", "=", transaction.id)])), 1,
        )
        self.assertEqual(self._lines(transaction), {(self.customer, -120): 0})

    def test_after_an_error_or_a_cancellation_the_money_comes_all_the_same(self):
        self._open()
        for invoice, told in ((self.first, "error"), (self.second, "cancel")):
            transaction = self._answer(self._begun(self._choose(invoice)), told)
            self.assertNotEqual(invoice.amount_residual, 0)
            self._answer(transaction, "done")
            self.assertEqual((transaction.state, invoice.amount_residual), ("done", 0))

    def test_a_capture_of_less_than_was_authorized(self):
        self.provider.capture_manually = True
        self._open()
        transaction = self._answer(self._begun(self._choose(self.first, self.second)), "done")
        self.assertEqual(transaction.state, "authorized")
        self.assertEqual(self.first.amount_residual, 120)
        transaction._capture(150).with_context(payment_backend_action=True)._post_process()
        self.assertEqual((self.first.amount_residual, self.second.amount_residual), (0, 50))
        transaction._capture(50)._post_process()
        self.assertEqual(transaction.state, "done")
        self.assertEqual((self.first.amount_residual, self.second.amount_residual), (0, 0))
        self.assertTrue(all(transaction.collection_part_ids.mapped("is_settled")))
        self.assertFalse(self._work())

    def test_another_amount_pays_nothing_and_is_work(self):
        """Partial, larger, in another currency or empty; told once or again; the right one late."""
        self._open()
        transaction = self._begun(self._choose(self.first))
        self._answer(transaction, "pending")
        told = {}
        self.patch(self.registry["payment.transaction"], "_extract_amount_data", lambda *_: told)
        currency = self.company.currency_id.name
        item = self._item(self.first)
        for amount, code in ((100, currency), (120.01, currency), (120, "XYZ"), (0, ""), (1, "")):
            told |= {"amount": amount, "currency_code": code}
            self._answer(transaction, "done")
            self.assertEqual((transaction.state, self.first.amount_residual), ("error", 120))
        self.assertIn(item, self.case.sudo()._get_payable(item), "it is free again")
        [work] = self._work()
        self.assertIn(transaction.reference, work.note)
        self.assertIn("Nothing was paid", self.url_open(transaction.landing_route).text)
        told |= {"amount": 120.0, "currency_code": currency}
        self._answer(transaction, "done")
        self.assertEqual((transaction.state, self.first.amount_residual), ("done", 0))

    def test_accounts_that_differ(self):
        receivable = self.company_data["default_account_receivable"].copy({"code": "121999"})
        self.customer.property_account_receivable_id = receivable
        other = self._invoice(self.customer, 33, overdue=2)
        self._open()
        transaction = self._paid(self.first, other)
        self.assertEqual(self.first.amount_residual + other.amount_residual, 0)
        self.assertEqual(
            self._lines(transaction), {(self.customer, -120): 0, (self.customer, -33): 0}
        )

    def test_merged_cases_keep_their_payments(self):
        self._open()
        transaction = self._answer(self._begun(self._choose(self.first)), "pending")
        self.assertIn(
            ("collection_payment_part", "case_id"), self.case._get_case_references()
        )
        self.assertEqual(self.case.sudo()._get_portal_transaction(transaction.id), transaction)
