from odoo.tests import tagged

from .common import TODAY
from .promise_common import DAY, FRIDAY, TUESDAY, PromiseCommon


@tagged("post_install", "-at_install")
class TestPromisePayments(PromiseCommon):
    """What came in, when, and what was credited: the verdict follows from the books."""

    # === PAYMENTS === #

    def _receive(self, day, amount=1000):
        """Bring money on ``day`` that nobody allocates yet; return the payment."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "date": day,
            }
        )
        payment.action_post()
        return payment

    def _reconcile_late(self, day):
        """Bring money on ``day`` that nobody allocates yet; return how to do it."""
        return self._due_line(self.invoice | self._receive(day).move_id).reconcile

    def test_a_late_reconciliation_shows_that_the_money_had_come_in_time(self):
        promise = self._promise()
        reconcile = self._reconcile_late(FRIDAY)
        self._judge(TUESDAY + DAY)
        self.assertEqual(promise.state, "broken")
        self.assertTrue(self.case.activity_ids)
        reconcile()
        self._judge(TUESDAY + 2 * DAY)
        self.assertEqual((promise.state, promise.received), ("kept", 1000))
        self.assertEqual(self.case.promise_kept_rate, 1)
        self.assertFalse(self.case.activity_ids)

    def test_money_that_came_too_late_keeps_nothing(self):
        promise = self._promise()
        reconcile = self._reconcile_late(TUESDAY + DAY)
        reconcile()
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.received), ("broken", 0))

    def test_reversed_after_kept(self):
        promise = self._promise()
        payment = self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY + 3 * DAY)
        self.assertEqual(promise.state, "kept")
        payment.move_id.line_ids.remove_move_reconcile()
        self._judge(TUESDAY)
        self.assertEqual((promise.state, promise.received), ("open", 0), "its check is to come")
        self._judge(TUESDAY + DAY)
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self.case.promise_kept_rate, 0)

    def test_a_payment_before_the_promise_does_not_keep_it(self):
        self._pay(self.invoice, 400, payment_date=TODAY - 3 * DAY)
        promise = self._promise()
        self.assertEqual(promise.amount, 600)
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.received), ("broken", 0))

    def test_money_that_had_come_before_the_promise_unseen_keeps_it(self):
        reconcile = self._reconcile_late(TODAY - DAY)
        promise = self._promise()
        reconcile()
        self._judge(FRIDAY)
        self.assertEqual(promise.state, "kept")

    def test_split_payments(self):
        promise = self._promise()
        self._pay(self.invoice, 500, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.received), ("open", 500))
        self._pay(self.invoice, 500, payment_date=FRIDAY + DAY)
        self._judge(FRIDAY + 3 * DAY)
        self.assertEqual((promise.state, promise.received), ("kept", 1000))

    def test_a_payment_of_part_frees_the_rest_only(self):
        """Half is promised; what comes in is taken for it, the other half is dunned."""
        self._promise(500)
        self._pay(self.invoice, 200, payment_date=TODAY)
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(float(made.situation.overdue), 500)
        self.assertEqual(float(made.situation.outstanding), 800)

    def test_which_invoice_the_money_goes_to_does_not_matter(self):
        newer = self._invoice(self.customer, 1000, overdue=5)
        promise = self._promise(1000)
        self.assertEqual(promise.item_ids.mapped("amount_currency"), [1000, 0])
        self._pay(newer, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual(promise.state, "kept")

    def test_an_invoice_in_another_currency(self):
        dollar = self.env["res.currency"].search([("name", "=", "GBP")]) or self.env.ref("base.GBP")
        dollar.active = True
        self.env["res.currency.rate"].create(
            [
                {"name": "2026-01-01", "rate": 2.0, "currency_id": dollar.id},
                {"name": FRIDAY, "rate": 4.0, "currency_id": dollar.id},
            ]
        )
        invoice = self._invoice(self.customer, 800, overdue=5, currency_id=dollar.id)
        items = self._items(invoice)
        promise = self._promise(600, items=items)
        self.assertEqual((promise.currency_id, promise.amount_company), (dollar, 300))
        _facts, made = self._decided(self.customer, TODAY)
        withheld = dict(made.situation.withheld["promised"])
        self.assertEqual(float(withheld[items.id]), 300, "by the item's own ratio")
        # half of it in its own currency, half in the company's, at another rate by then
        self._pay(invoice, 300, payment_date=FRIDAY, currency_id=dollar.id)
        self._pay(invoice, 75, payment_date=FRIDAY, currency_id=self.company.currency_id.id)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.received), ("kept", 600))

    def test_items_in_several_currencies_are_promised_in_the_company_s(self):
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "rate": 2.0, "currency_id": pound.id}
        )
        invoice = self._invoice(self.customer, 800, overdue=20, currency_id=pound.id)
        promise = self._promise(900)
        self.assertEqual(promise.currency_id, self.company.currency_id)
        parts = {item.currency_id: item.amount_currency for item in promise.item_ids}
        self.assertEqual(parts, {pound: 800, self.company.currency_id: 500})
        self._pay(invoice, payment_date=FRIDAY, currency_id=pound.id)
        self._pay(self.invoice, 500, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.received), ("kept", 900))

    def test_a_verdict_follows_the_books_whichever_way_they_change(self):
        """Every verdict there is, after every other one."""
        promise = self._promise()
        line = self._due_line(self.invoice)
        part, rest = (self._due_line(self._receive(FRIDAY, one).move_id) for one in (400, 600))
        credit = self._due_line(self._make_credit_note(self.invoice, 1000))
        nothing, some, everything = (), (part,), (part, rest)
        for allocated, state, received in (
            (nothing, "broken", 0),
            (some, "partly_kept", 400),
            (everything, "kept", 1000),
            (some, "partly_kept", 400),
            (nothing, "broken", 0),
            (everything, "kept", 1000),
            (nothing, "broken", 0),
            ((credit,), "cancelled", 0),
            (nothing, "broken", 0),
            ((credit,), "cancelled", 0),
            (some, "partly_kept", 400),
            ((credit,), "cancelled", 0),
            (everything, "kept", 1000),
            ((credit,), "cancelled", 0),
        ):
            with self.subTest(before=promise.state, after=state):
                line.remove_move_reconcile()
                for other in allocated:
                    (line | other).reconcile()
                self._judge(TUESDAY + DAY)
                self.assertEqual((promise.state, promise.received), (state, received))

    # === CREDIT NOTES AND WRITE-OFFS === #

    def test_a_credit_note_is_no_payment_the_promise_shrinks(self):
        promise = self._promise()
        self._credit(self.invoice, 300)
        self._judge(FRIDAY)
        self.assertEqual(
            (promise.state, promise.received, promise.credited), ("open", 0, 300)
        )
        self.assertEqual(self.case.promised_amount, 700)
        self._pay(self.invoice, 700, payment_date=FRIDAY)
        self._judge(FRIDAY + 3 * DAY)
        self.assertEqual((promise.state, promise.received), ("kept", 700))
        self.assertEqual(self.case.promise_kept_amount_rate, 1)

    def test_what_is_left_after_a_credit_note_is_still_promised(self):
        promise = self._promise()
        self._credit(self.invoice, 300)
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.received), ("broken", 0))

    def test_credited_in_full_it_says_nothing_of_the_customer(self):
        promise = self._promise()
        note = self._credit(self.invoice, 1000)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.end_reason), ("cancelled", "credited"))
        self.assertEqual((promise.credited, promise.received), (1000, 0))
        self.assertEqual((self.case.promise_count, self.case.promised_amount), (0, 0))
        self.assertFalse(self.case.activity_ids)
        event = self.env["collection.evidence"].search([("event", "=", "promise_judged")])
        self.assertEqual((event.facts["state"], event.facts["credited"]), ("cancelled", 1000))
        note.line_ids.remove_move_reconcile()
        self._judge(FRIDAY + DAY)
        self.assertEqual((promise.state, promise.credited), ("open", 0), "it is owed again")
        self.assertFalse(promise.end_reason)

    def test_a_credit_note_that_came_after_the_check_excuses_it(self):
        notice = self.scenario.level_ids.filtered(lambda level: level.rank == 60)
        self.scenario.broken_promise_level_id = notice
        promise = self._promise()
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.resume_rank), ("broken", 60))
        self.assertTrue(self.case.activity_ids)
        self._credit(self.invoice, 1000, day=TUESDAY + 20 * DAY)
        self._judge(TUESDAY + 20 * DAY)
        self.assertEqual((promise.state, promise.resume_rank), ("cancelled", 0))
        self.assertEqual(self.case.promise_count, 0)
        self.assertFalse(self.case.activity_ids)

    def test_a_write_off_excuses_nobody_whose_promise_was_broken(self):
        promise = self._promise()
        self._write_off(self.invoice, 1000, TUESDAY + 20 * DAY)
        self._judge(TUESDAY + 20 * DAY)
        self.assertEqual((promise.state, promise.received), ("broken", 0))
        self.assertEqual(self.case.promise_kept_rate, 0)

    def test_a_write_off_before_the_check_leaves_nothing_to_keep(self):
        promise = self._promise()
        self._write_off(self.invoice, 1000, FRIDAY)
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.end_reason), ("cancelled", "credited"))

    def test_a_credit_of_what_was_not_promised_leaves_the_promise(self):
        promise = self._promise(600)
        self._credit(self.invoice, 300, day=TODAY)
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(float(made.situation.outstanding), 700)
        self.assertEqual(float(made.situation.overdue), 100, "600 of it are promised")
        self._judge(TODAY)
        self.assertEqual((promise.state, promise.credited), ("open", 0))
        self._credit(self.invoice, 200, day=TODAY)
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(float(made.situation.overdue), 0, "no more than the 500 that are owed")
        self._judge(TODAY)
        self.assertEqual(promise.credited, 100)

    def test_what_was_credited_by_then_was_not_promised(self):
        self._credit(self.invoice, 200, day=TODAY - 3 * DAY)
        promise = self._promise()
        item = promise.item_ids
        self.assertEqual(
            (promise.amount, item.settled_currency, item.credited_currency), (800, 0, 200)
        )
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.credited), ("open", 0))
        self._pay(self.invoice, 800, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, promise.received), ("kept", 800))

    def test_an_accepted_dispute_shrinks_the_promise(self):
        """Promised, then contested in part: the credit note takes that part out of the promise."""
        promise = self._promise()
        with self._at(f"{TODAY} 09:00:00"):
            dispute = self.mine._dispute_quick(amount=400).sudo()
            dispute._resolve("accepted")
            dispute.action_draft_credit_note()
            dispute.line_ids.credit_move_id.action_post()
        self._pay(self.invoice, 600, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual(
            (promise.state, promise.received, promise.credited), ("kept", 600, 400)
        )
