from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TODAY, CollectionCommon
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestWithheld(CollectionCommon):
    """Draft credit notes, and retention money until its release."""

    def _overdue(self, partner=None, today=TODAY):
        _fact, made = self._decided(partner or self.customer, today)
        return made.situation.overdue, made.reason

    def _credit(self, invoice, amount=None):
        """Prepare a credit note of an invoice, and leave it a draft."""
        refund = invoice._reverse_moves()
        if amount:
            refund.invoice_line_ids.price_unit = amount
        return refund

    def test_a_draft_credit_note_holds_what_it_reverses(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        refund = self._credit(invoice)
        self.assertEqual(self._overdue(), (0, "draft_credit"))
        refund.unlink()
        self.assertEqual(self._overdue(), (300, "level_called"))

    def test_a_part_of_it_holds_a_part(self):
        self._credit(self._invoice(self.customer, 300, overdue=10), 100)
        self.assertEqual(self._overdue(), (200, "level_called"))

    def test_other_invoices_are_not_held(self):
        self._credit(self._invoice(self.customer, 300, overdue=10))
        self._invoice(self.customer, 50, overdue=10)
        self.assertEqual(self._overdue()[0], 50)

    def test_posted_it_is_a_credit_like_any_other(self):
        refund = self._credit(self._invoice(self.customer, 300, overdue=10), 100)
        refund.action_post()
        self.assertEqual(self._overdue(), (200, "level_called"))

    def test_cancelled_it_holds_nothing(self):
        refund = self._credit(self._invoice(self.customer, 300, overdue=10))
        refund.button_cancel()
        self.assertEqual(self._overdue()[0], 300)

    def test_it_holds_between_run_and_departure(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        self._morning()
        self._credit(invoice)
        self._noon()
        self.assertEqual(self._reminder(self.customer).end_reason, "draft_credit")

    # === RETENTION === #

    RELEASE = TODAY + 100 * DAY

    def test_retention_is_not_dunned_before_its_release(self):
        self._invoice(
            self.customer, 10_000, overdue=10,
            collection_retention_date=self.RELEASE, collection_retention_percent=5,
        )
        self.assertEqual(self._overdue(), (9_500, "level_called"))

    def test_paid_up_to_the_retention_nothing_is_late(self):
        invoice = self._invoice(
            self.customer, 10_000, overdue=10,
            collection_retention_date=self.RELEASE, collection_retention_amount=500,
        )
        self._pay(invoice, 9_500)
        self.assertEqual(self._overdue(), (0, "not_yet"))
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.next_date, self.RELEASE + 3 * DAY, "a Monday")
        self.assertEqual(self._overdue(today=self.RELEASE)[0], 0)
        self.assertEqual(self._overdue(today=self.RELEASE + DAY), (500, "not_yet"))
        self.assertEqual(self._overdue(today=self.RELEASE + 3 * DAY), (500, "level_called"))

    def test_the_last_instalment_holds_it(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": 10}),
                ],
            }
        )
        self._invoice(
            self.customer, 1_000, overdue=10, invoice_payment_term_id=term.id,
            collection_retention_date=self.RELEASE, collection_retention_percent=10,
        )
        fact, made = self._decided(self.customer)
        first, last = sorted(fact.items, key=lambda item: item.due)
        self.assertIsNone(first.parts)
        self.assertEqual(last.parts["retention"], ((100, self.RELEASE),))
        self.assertEqual(made.situation.overdue, 900)

    def test_in_the_invoices_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2)])
        self._invoice(
            self.customer, 1_000, overdue=10, currency_id=currency.id,
            collection_retention_date=self.RELEASE, collection_retention_amount=100,
        )
        self.assertEqual(self._overdue()[0], 450)

    def test_what_makes_no_sense_is_refused(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        for values in (
            {"collection_retention_percent": 5},
            {"collection_retention_date": TODAY, "collection_retention_percent": 101},
            {"collection_retention_date": TODAY, "collection_retention_amount": -1},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                invoice.write(values)


@tagged("post_install", "-at_install")
class TestWithheldByDispute(DisputeCommon):
    def test_the_credit_note_of_a_dispute_is_held_once(self):
        """100 of 300 were accepted, the credit note is drafted: 200 is asked for, not 100."""
        invoice = self._invoice(self.customer, 300, overdue=10)
        dispute = self._dispute(invoice, 100)
        self.assertEqual(list(self._claimed(self.customer).values()), [200])
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        self.assertEqual((credit.state, credit.reversed_entry_id), ("draft", invoice))
        self.assertEqual(list(self._claimed(self.customer).values()), [200])
        credit.action_post()
        self.assertEqual(list(self._claimed(self.customer).values()), [200])
