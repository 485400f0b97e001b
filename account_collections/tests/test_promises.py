from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..models.collection_promise import TRANSITIONS
from .common import TODAY
from .promise_common import DAY, FRIDAY, TUESDAY, PromiseCommon


@tagged("post_install", "-at_install")
class TestPromises(PromiseCommon):
    """What a customer promised waits until its check; then it was kept, or dunning goes on."""

    # === STORIES === #

    def test_paid_one_day_late_and_three_short_is_kept(self):
        promise = self._promise()
        self.assertEqual(
            (promise.amount, promise.date, promise.check_date), (1000, FRIDAY, TUESDAY)
        )
        self._pay(self.invoice, 997, payment_date=FRIDAY + DAY)
        self._morning(FRIDAY + 3 * DAY)
        self.assertEqual((promise.state, promise.received), ("kept", 997))
        self.assertEqual(self.case.promise_count, 1)
        self.assertEqual(self.case.promise_kept_rate, 1)
        self.assertFalse(self.case.activity_ids)

    def test_the_promised_part_waits_and_the_rest_is_dunned(self):
        self._promise(600)
        self._day()
        decision = self.case.decision_id
        self.assertEqual(decision.outcome, "remind")
        self.assertEqual(self.case.reminder_ids.item_ids.amount, 400)
        self.assertIn("it is checked on", decision.why)
        self.assertIn("600.00", decision.why)
        self.assertEqual((self.case.promised_amount, self.case.promised_until), (600, FRIDAY))

    def test_the_whole_waits_until_the_check_and_why_says_so(self):
        self._promise()
        decision = self.case.decision_id
        self.assertEqual((decision.outcome, decision.reason), ("wait", "promised"))
        self.assertIn("promised to pay", decision.sentence)
        self.assertIn("03/24/2026", decision.sentence)
        self.assertEqual(self.case.state, "promised")
        self.assertEqual(self.case.next_date, TUESDAY + DAY)
        self._day(TUESDAY)
        self.assertFalse(self.case.reminder_ids, "on the day of the check it still waits")
        self._day(TUESDAY + DAY)
        self.assertEqual(self.case.reminder_ids.state, "sent")
        self.assertEqual(self.case.state, "dunning")

    def test_a_reminder_that_waits_to_leave_does_not_leave(self):
        self._morning()
        self.assertEqual(self.case.reminder_ids.state, "scheduled")
        self._promise()
        self._noon()
        self.assertEqual(self.case.reminder_ids.state, "cancelled")
        self.assertEqual(self.case.reminder_ids.end_reason, "promised")

    def test_on_the_day_of_the_check_its_owner_is_asked(self):
        promise = self._promise(user_id=self.manager.id)
        self._morning(FRIDAY)
        self.assertFalse(self.case.activity_ids)
        self._morning(TUESDAY)
        self.assertEqual(self.case.activity_ids.user_id, self.manager)
        self.assertEqual(self.case.activity_ids.date_deadline, TUESDAY)
        self.assertEqual(promise.state, "open")
        self._pay(self.invoice, payment_date=TUESDAY)
        self._morning(TUESDAY + DAY)
        self.assertEqual(promise.state, "kept")
        self.assertFalse(self.case.activity_ids, "nothing is left to ask")

    def test_broken_it_goes_on_at_the_level_that_the_scenario_chose(self):
        notice = self.scenario.level_ids.filtered(lambda level: level.rank == 60)
        self.scenario.broken_promise_level_id = notice
        promise = self._promise()
        self._morning(TUESDAY + DAY)
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self.case.decision_id.reason, "promise_broken")
        self.assertIn("A promise was broken", self.case.decision_id.sentence)
        reminder = self.case.reminder_ids
        self.assertEqual((reminder.level_id, reminder.state), (notice, "to_approve"))
        self.assertIn("Promise broken", self.case.activity_ids.summary)
        self.assertEqual(self.case.activity_ids.user_id, self.owner)
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertIn("promised", events.mapped("event"))
        judged = events.filtered(lambda event: event.event == "promise_judged")
        self.assertEqual(judged.facts["state"], "broken")

    def test_broken_without_a_chosen_level_it_goes_on_where_it_was(self):
        self._promise()
        self._morning(TUESDAY + DAY)
        self.assertEqual(self.case.decision_id.reason, "level_called")
        self.assertEqual(self.case.reminder_ids.rank, 20)

    def test_the_chosen_level_is_one_of_the_scenario(self):
        other = self.scenario.copy({"is_fallback": False})
        with self.assertRaisesRegex(ValidationError, "one of its own levels"):
            self.scenario.broken_promise_level_id = other.level_ids[0]

    def test_partly_kept_is_not_kept(self):
        promise = self._promise()
        self._pay(self.invoice, 400, payment_date=FRIDAY)
        self._morning(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.received), ("partly_kept", 400))
        self.assertEqual(self.case.promise_kept_rate, 0)
        self.assertAlmostEqual(self.case.promise_kept_amount_rate, 0.4)
        self.assertTrue(self.case.activity_ids)
        self.assertEqual(self.case.reminder_ids.item_ids.amount, 600)

    def test_reliability_of_a_customer(self):
        """Four promises, the figures of the field's literature: 50 % by count, 60 % by amount."""
        self._pay(self.invoice)
        for amount, received in ((1000, 1000), (2000, 2000), (5000, 3000), (2000, 0)):
            invoice = self._invoice(self.customer, amount, overdue=5)
            self._promise(items=self._items(invoice))
            if received:
                self._pay(invoice, received, payment_date=FRIDAY)
        self._judge(TUESDAY + DAY)
        self.assertEqual(self.case.promise_count, 4)
        self.assertAlmostEqual(self.case.promise_kept_rate, 0.5)
        self.assertAlmostEqual(self.case.promise_kept_amount_rate, 0.6)
        found = self.env["collection.case"].search(
            [("promise_count", ">", 0), ("promise_kept_rate", "<=", 0.5)]
        )
        self.assertEqual(found, self.case)

    def test_thanks_where_the_scenario_says_so(self):
        self._promise()
        self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertFalse(self.case.activity_ids)
        self.scenario.thank_for_promises = True
        self._morning(FRIDAY)
        invoice = self._invoice(self.customer, 300, overdue=5)
        self._promise(items=self._items(invoice), date=FRIDAY + 3 * DAY, today=FRIDAY)
        self._pay(invoice, payment_date=FRIDAY)
        self._judge(FRIDAY + 3 * DAY)
        self.assertIn("thank them", self.case.activity_ids.summary)

    def test_a_promise_that_lost_its_items_keeps_no_other_from_being_judged(self):
        promise = self._promise()
        lost = self._promise(items=self._items(self._invoice(self.customer, 300, overdue=5)))
        lost.sudo().item_ids.unlink()
        self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual((promise.state, lost.state), ("kept", "open"))

    def test_money_that_comes_back_takes_the_thanks_back(self):
        self.scenario.thank_for_promises = True
        promise = self._promise()
        payment = self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertIn("thank them", self.case.activity_ids.summary)
        payment.move_id.line_ids.remove_move_reconcile()
        self._judge(FRIDAY + DAY)
        self.assertEqual(promise.state, "open")
        self.assertFalse(self.case.activity_ids)

    # === PAYMENTS === #

    def _reconcile_late(self, payment_day, amount=1000):
        """Bring money on ``payment_day`` that nobody allocates yet; return how to do it."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "date": payment_day,
            }
        )
        payment.action_post()
        lines = self._due_line(self.invoice) | self._due_line(payment.move_id)
        return lines.reconcile

    def test_a_late_reconciliation_shows_that_the_money_had_come_in_time(self):
        promise = self._promise()
        reconcile = self._reconcile_late(FRIDAY)
        self._morning(TUESDAY + DAY)
        self.assertEqual(promise.state, "broken")
        self.assertTrue(self.case.activity_ids)
        reconcile()
        self._morning(TUESDAY + 2 * DAY)
        self.assertEqual((promise.state, promise.received), ("kept", 1000))
        self.assertEqual(self.case.promise_kept_rate, 1)
        self.assertFalse(self.case.activity_ids)

    def test_money_that_came_too_late_keeps_nothing(self):
        promise = self._promise()
        reconcile = self._reconcile_late(TUESDAY + DAY)
        reconcile()
        self._morning(TUESDAY + DAY)
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

    # === DOCUMENTS THAT CHANGE === #

    def test_an_invoice_posted_again_keeps_its_promise(self):
        promise = self._promise()
        self.invoice.button_draft()
        self.invoice.invoice_line_ids.price_unit = 1100
        self.invoice.invoice_date_due = TODAY - 3 * DAY
        self.invoice.action_post()
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(float(made.situation.overdue), 100, "what was added was not promised")
        self._pay(self.invoice, 1000, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual(promise.state, "kept")

    def test_lines_made_anew_are_found_again(self):
        promise = self._promise()
        promise.item_ids.line_id = False
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(made.reason, "promised")
        self._judge(TODAY + DAY)
        self.assertEqual(promise.item_ids.line_id, self._due_line(self.invoice))

    def test_a_cancelled_invoice_ends_its_promise(self):
        promise = self._promise()
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self._judge(TUESDAY)
        self.assertEqual(promise.state, "open")
        self._judge(TUESDAY + DAY)
        self.assertEqual((promise.state, promise.end_reason), ("cancelled", "no_document"))
        self.assertEqual(self.case.promise_count, 0, "it says nothing of the customer")

    # === REPLACE AND CANCEL === #

    def test_put_off_once(self):
        first = self._promise()
        later = FRIDAY + 3 * DAY
        with self.assertRaisesRegex(UserError, "promised already"):
            self._promise(date=later)
        second = self._promise(date=later, renew=True)
        self.assertEqual((first.state, second.state), ("replaced", "open"))
        self.assertEqual((second.previous_id, second.renewals), (first, 1))
        self.assertEqual(self.case.promised_until, later)
        with self.assertRaisesRegex(UserError, "1 times at most.*credit manager may"):
            self._promise(date=later + DAY, renew=True)
        with self.assertRaisesRegex(UserError, "write down why"):
            self._promise(date=later + DAY, renew=True, user=self.manager)
        third = self._promise(
            date=later + DAY, renew=True, user=self.manager, exception_reason="New director"
        )
        self.assertEqual((third.renewals, third.allowed_by_id), (2, self.manager))
        self.assertEqual(third.exception_reason, "New director")
        self.assertEqual(self.case.promised_amount, 1000)

    def test_cancelled(self):
        promise = self._promise()
        with self._at(f"{TODAY} 09:00:00"):
            promise.with_user(self.owner).action_cancel()
        self.env.invalidate_all()
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(self.case.decision_id.outcome, "remind")
        self.assertFalse(self.case.promised_until)

    def test_what_was_judged_is_not_cancelled(self):
        promise = self._promise()
        self._judge(TUESDAY + DAY)
        with self.assertRaisesRegex(UserError, "is not open any more"):
            promise.with_user(self.owner).action_cancel()
        self.assertEqual(promise.state, "broken")

    def test_each_forbidden_transition_is_refused(self):
        promise = self._promise()
        states = [state for state, _label in promise._fields["state"].selection]
        for origin in states:
            for target in states:
                promise.state = origin
                if origin in TRANSITIONS[target]:
                    promise._set_state(target, TODAY)
                    self.assertEqual(promise.state, target)
                else:
                    with self.assertRaisesRegex(UserError, "cannot become"):
                        promise._set_state(target, TODAY)

    # === BAD INPUT === #

    def test_bad_input_gets_a_clear_answer_and_nothing_is_lost(self):
        paid = self._invoice(self.customer, 100, overdue=5)
        paid_items = self._items(paid)
        self.assertTrue(paid_items)
        self._pay(paid)
        credit = self._invoice(self.customer, 50, overdue=5, move_type="out_refund")
        theirs = self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        mine = self._items(self.invoice)
        refused = [
            ({"amount": 1000.01}, r"1,000\.01 cannot be promised: .*1,000\.00 is open"),
            ({"amount": 0}, "above zero"),
            ({"amount": -5}, "above zero"),
            ({"date": TODAY - DAY}, "in the past"),
            ({"date": TODAY + 22 * DAY}, "21 days ahead at most"),
            ({"items": paid_items}, "is paid: nothing is left"),
            ({"items": mine | self._items(theirs)}, "one customer"),
            ({"items": self._items(theirs)}, "one customer"),
            ({"items": self._items(credit)}, "is a credit"),
        ]
        for values, message in refused:
            with self.subTest(values), self.assertRaisesRegex(UserError, message):
                self._promise(**values)
        self.assertFalse(self.case.promise_ids)
        self.assertTrue(self._promise(date=TODAY + 21 * DAY), "the last day that is allowed")

    def test_two_promises_on_one_item(self):
        self._promise(400)
        with self.assertRaisesRegex(UserError, f"{self.invoice.name} is promised already"):
            self._promise(300, items=self._items(self.invoice))
        self.assertEqual(len(self.case.promise_ids), 1)

    def test_what_is_overdue_and_free_is_offered(self):
        first = self._promise()
        newer = self._invoice(self.customer, 300, overdue=5)
        self._invoice(self.customer, 70, overdue=-5)
        second = self._promise()
        self.assertEqual(second.item_ids.move_id, newer)
        self.assertEqual(first.state, "open")
        self.assertEqual(self.case.promised_amount, 1300)

    def test_nothing_is_overdue(self):
        self._pay(self.invoice)
        with self.assertRaisesRegex(UserError, "Nothing of Dupont is overdue"):
            self._promise()

    def test_limits_are_the_company_s(self):
        self.company.collection_promise_days = 5
        with self.assertRaisesRegex(UserError, "5 days ahead"):
            self._promise(date=TODAY + 6 * DAY)
        self.company.write(
            {"collection_promise_tolerance_days": 0, "collection_promise_tolerance_percent": 0}
        )
        promise = self._promise()
        self.assertEqual(promise.check_date, FRIDAY)
        self._pay(self.invoice, 999, payment_date=FRIDAY)
        # what was agreed when it was given stays agreed
        self.company.collection_promise_tolerance_percent = 50
        self._judge(FRIDAY + DAY)
        self.assertEqual(promise.state, "partly_kept")

    def test_a_holiday_puts_off_the_check(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Monday off",
                "company_id": self.company.id,
                "date_from": f"{FRIDAY + 3 * DAY} 00:00:00",
                "date_to": f"{FRIDAY + 3 * DAY} 23:00:00",
            }
        )
        self.assertEqual(self._promise().check_date, TUESDAY + DAY)

    def test_an_owner_who_left(self):
        leaver = new_test_user(
            self.env,
            "leaver",
            "account_collections.group_collection_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        promise = self._promise(user_id=leaver.id)
        leaver.active = False
        self._morning(TUESDAY)
        self.assertEqual(self.case.activity_ids.user_id, self.owner, "whoever acts on the case")
        with self.assertRaisesRegex(UserError, "leaver.*no longer with us"):
            promise.with_user(self.owner).user_id = leaver
        self.portfolio.user_id = self.case.user_id = leaver
        self.company.collection_user_id = self.manager
        self._morning(TUESDAY + DAY)
        self.assertEqual(self.case.activity_ids.user_id, self.manager)

    def test_nothing_is_written_by_hand(self):
        promise = self._promise().with_user(self.owner)
        for vals in (
            {"state": "kept"},
            {"amount": 1},
            {"date": TODAY},
            {"received": 1000},
            {"check_date": TODAY + 99 * DAY},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                promise.write(vals)
        promise.write({"note": "Ask for Mr. Martin"})
        for name in ("promise_kept_rate", "promised_until", "promise_count"):
            with self.subTest(name), self.assertRaises(UserError):
                self.mine.write({name: False})

    # === PROOF === #

    def test_what_was_said_is_kept_as_proof(self):
        contact = self.env["res.partner"].create(
            {"name": "Ms. Petit", "parent_id": self.customer.id}
        )
        letter = (
            self.env["ir.attachment"]
            .with_user(self.owner)
            .create({"name": "letter.txt", "raw": b"We pay on Friday."})
        )
        hostile = "We pay <script>alert(1)</script> on Friday"
        promise = self._promise(
            contact_id=contact.id, channel="mail", sentence=hostile, attachment_ids=letter
        )
        letter.unlink()
        self.assertEqual(promise.attachment_ids.raw, b"We pay on Friday.")
        self.assertEqual((promise.contact_id, promise.channel), (contact, "mail"))
        event = self.env["collection.evidence"].search([("event", "=", "promised")])
        self.assertEqual(event.case_id, self.case)
        self.assertEqual(event.facts["amount"], 1000)
        self.assertEqual(event.facts["sentence"], hostile)
        self.assertEqual(event.facts["documents"], [self.invoice.name])
        self.assertEqual(event.facts["proofs"], promise.attachment_ids.mapped("checksum"))
        message = self.case.message_ids[0]
        self.assertIn("Ms. Petit", message.body)
        self.assertIn("&lt;script&gt;", message.body)

    # === SCREENS === #

    def test_invoice_customer_and_items_show_it(self):
        self._promise(600)
        books = new_test_user(
            self.env,
            "books",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for record in (self.invoice, self.customer):
            mine = record.with_user(books)
            self.assertEqual(mine.collection_promised_until, FRIDAY)
            model = mine.browse()
            for domain, found in (
                ([("collection_promised_until", "!=", False)], True),
                ([("collection_promised_until", "=", False)], False),
                ([("collection_promised_until", "<=", FRIDAY)], True),
                ([("collection_promised_until", ">", FRIDAY)], False),
            ):
                with self.subTest(record=record, domain=domain):
                    there = model.search([("id", "=", record.id), *domain])
                    self.assertEqual(bool(there), found)
        self.assertEqual(self._items(self.invoice).promised_until, FRIDAY)
        self.assertFalse(self.other_customer.collection_promised_until)

    def test_my_day(self):
        """Promises whose day has come; the day of the list is the database's."""
        promise = self._promise()
        promise.date = fields.Date.today()
        rows = (
            self.env["collection.todo"].with_user(self.owner).search([("kind", "=", "7_promise")])
        )
        self.assertEqual(
            (rows.case_id, rows.text),
            (self.case, "1000.00 EUR".replace("EUR", promise.currency_id.name)),
        )
        self._speak_french()
        # blanks of every kind are one
        self.assertIn("$ 1,000.00", " ".join(rows.label.split()))
        self.assertIn("1 000,00", " ".join(rows.with_context(lang="fr_FR").label.split()))
        activity = self.case.activity_schedule("mail.mail_activity_data_todo", fields.Date.today())
        promise.activity_id = activity
        self.env.flush_all()
        kinds = self.env["collection.todo"].search([("case_id", "=", self.case.id)]).mapped("kind")
        self.assertNotIn("5_activity", kinds, "it is there once")
        rows.action_open()

    def test_rows_of_my_day_have_slots_of_their_own(self):
        for source in self.env["collection.todo"]._get_sources():
            self.assertIn("* 32::bigint", source.code)

    # === THE FORM === #

    def test_what_may_have_happened_in_the_order_of_the_form(self):
        codes = [code for code, _label in self.env["collection.pause"]._get_kinds()]
        ours = [code for code in codes if code in ("promise", "plan", "paid", "other")]
        self.assertEqual(ours, ["promise", "plan", "paid", "other"])

    def _form(self, user=None, **context):
        model = self.env["collection.pause"].with_user(user or self.owner)
        context.setdefault("active_model", "collection.case")
        context.setdefault("active_ids", self.case.ids)
        return Form(model.with_context(**context))

    def test_a_promise_by_call_takes_one_key_to_open_and_one_to_save(self):
        with self._at(f"{TODAY} 08:00:00"):
            action = self.mine.action_promise()
            form = self._form(**action["context"])
            self.assertEqual((form.kind, form.amount), ("promise", 1000))
            # on a Wednesday the next Friday is too near
            self.assertEqual(form.date_promised, FRIDAY + 7 * DAY)
            form.save().action_pause()
        self.env.invalidate_all()
        promise = self.case.promise_ids
        self.assertEqual((promise.amount, promise.channel), (1000, "call"))
        self.assertEqual(promise.user_id, self.owner)
        self.assertEqual(self.case.decision_id.reason, "promised")

    def test_the_day_that_is_offered(self):
        for weekday, friday in ((0, 4), (1, 3), (2, 9), (3, 8), (4, 7), (5, 6), (6, 5)):
            day = TODAY + (weekday - 2) * DAY
            with self._at(f"{day} 12:00:00"):
                expected = day + friday * DAY
                self.assertEqual(self.case._get_promise_day(), expected, day)

    def test_from_items_of_the_list(self):
        newer = self._invoice(self.customer, 300, overdue=5)
        items = self._items(newer)
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form(
                active_model="collection.item", active_ids=items.ids, default_kind="promise"
            )
            self.assertEqual(form.amount, 300)
            form.save().action_pause()
        self.assertEqual(self.case.promise_ids.item_ids.move_id, newer)

    def test_from_a_reply_with_its_words(self):
        with self._at(f"{TODAY} 08:00:00"):
            self.case.message_post(
                body="We will pay on Friday.",
                message_type="email",
                author_id=self.customer.id,
                subtype_xmlid="mail.mt_comment",
            )
            self.case.unanswered_since = fields.Datetime.now()
            form = self._form(default_kind="promise")
            self.assertEqual((form.channel, form.sentence), ("mail", "We will pay on Friday."))

    def test_from_a_reminder_with_its_items(self):
        self._day()
        newer = self._invoice(self.customer, 300, overdue=5)
        self.assertTrue(self._items(newer))
        with self._at(f"{TODAY} 18:00:00"):
            action = self.case.reminder_ids.with_user(self.owner).action_promise()
            form = self._form(**action["context"])
            self.assertEqual(form.amount, 1000)
            form.save().action_pause()
        self.assertEqual(self.case.promise_ids.item_ids.move_id, self.invoice)

    # === A CALL'S RESULT === #

    def _call(self, user=None, **values):
        with self._at(f"{TODAY} 14:00:00"):
            model = self.env["collection.call.note"].with_user(user or self.owner)
            form = Form(model.with_context(default_case_id=self.case.id))
            form.result = "will_pay"
            for name, value in values.items():
                form[name] = value
            form.save().action_note()
        self.env.invalidate_all()

    def test_a_promise_by_call_in_two_keys(self):
        """Result and save: all that is overdue, for the Friday that is offered."""
        self._morning()
        self._call()
        promise = self.case.promise_ids
        self.assertEqual((promise.amount, promise.date), (1000, FRIDAY + 7 * DAY))
        self.assertEqual((promise.channel, promise.user_id), ("call", self.owner))
        self._noon()
        self.assertEqual(self.case.reminder_ids.end_reason, "promised")

    def test_a_part_promised_by_call_and_the_last_word_counts(self):
        self._morning()
        self._call(promised_amount=400, note="They wait for money themselves")
        first = self.case.promise_ids
        self.assertEqual((first.amount, first.sentence), (400, "They wait for money themselves"))
        self._call(promised_date=FRIDAY)
        self.assertEqual(first.state, "replaced")
        self.assertEqual(self.case.promised_until, FRIDAY)

    def test_a_call_exceeds_no_limit(self):
        self._morning()
        with self.assertRaisesRegex(UserError, "credit manager may allow more"):
            self._call(promised_date=TODAY + 30 * DAY)
        self.assertFalse(self.case.promise_ids)

    def test_without_a_day_nothing_is_promised(self):
        with self._at(f"{TODAY} 14:00:00"):
            calls = self.env["collection.call"].with_user(self.owner)
            call = calls._note(self.mine, result="will_pay", note="Soon")
        self.assertEqual((call.result, call.note), ("will_pay", "Soon"))
        self.assertFalse(self.case.promise_ids)

    def test_one_form_for_several_customers_promises_nothing(self):
        self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        cases = self.case | self._case(self.other_customer)
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form(active_ids=cases.ids, default_kind="promise")
            form.amount = 10
            form.date_promised = FRIDAY
            with self.assertRaisesRegex(UserError, "one customer"):
                form.save().action_pause()

    def test_the_form_says_what_is_promised_already_and_replaces_it(self):
        first = self._promise()
        with self._at(f"{TODAY} 08:00:00"):
            action = first.with_user(self.owner).action_renew()
            form = self._form(**action["context"])
            self.assertIn("1,000.00", form.promised_already)
            self.assertTrue(form.renew)
            form.date_promised = FRIDAY + 3 * DAY
            form.save().action_pause()
        self.assertEqual(first.state, "replaced")

    def test_paid_already_says_the_customer(self):
        with self._at(f"{TODAY} 08:00:00"):
            form = self._form()
            form.kind = "paid"
            form.note = "By transfer, on Monday"
            form.save().action_pause()
        self.assertEqual(self.case.current_hold_id.reason or self.case.hold_ids.reason, "paid")
        self.assertEqual(self.case.hold_ids.date_end, TODAY + 7 * DAY)

    def test_an_owner_who_left_is_chosen_by_nobody(self):
        leaver = new_test_user(self.env, "leaver", "account_collections.group_collection_user")
        leaver.active = False
        with self._at(f"{TODAY} 08:00:00"):
            wizard = self._form(default_kind="promise").save()
            wizard.user_id = leaver
            with self.assertRaisesRegex(UserError, "no longer with us"):
                wizard.action_pause()

    # === MANY === #

    def test_judging_takes_as_many_queries_for_many_as_for_few(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["collection.promise"].sudo()._judge(self.company, TODAY)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._promise()
        count()
        few = count()
        for amount in range(10, 20):
            self._promise(items=self._items(self._invoice(self.customer, amount, overdue=5)))
        self.assertLessEqual(count(), few)

    def test_merged_customers_keep_their_promises(self):
        self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        self._promise()
        other = self._case(self.other_customer)
        self.env["collection.case"].sudo()._merge_partners(self.customer, self.other_customer)
        self.env.invalidate_all()
        self.assertEqual(other.promise_ids.amount, 1000)
        self.assertEqual(other.promised_until, FRIDAY)
