from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

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
        self.assertEqual(self.case.decision_id.reason, "level_called", "no level was chosen for it")
        self.assertEqual((self.case.reminder_ids.state, self.case.reminder_ids.rank), ("sent", 20))
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
        self._judge(FRIDAY)
        self.assertFalse(self.case.activity_ids)
        self._judge(TUESDAY)
        self.assertEqual(self.case.activity_ids.user_id, self.manager)
        self.assertEqual(self.case.activity_ids.date_deadline, TUESDAY)
        self.assertEqual(promise.state, "open")
        self._pay(self.invoice, payment_date=TUESDAY)
        self._judge(TUESDAY + DAY)
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
            self._promise_each(self._items(invoice))
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
        self._judge(FRIDAY)
        self.assertFalse(self.case.activity_ids, "nobody is thanked for what was settled before")
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
        """What may become of a promise: all else is refused."""
        promise = self._promise()
        states = [state for state, _label in promise._fields["state"].selection]
        allowed = {
            "open": {"kept", "partly_kept", "broken", "replaced", "cancelled"},
            "kept": {"open", "partly_kept", "broken", "cancelled"},
            "partly_kept": {"kept", "broken", "cancelled"},
            "broken": {"kept", "partly_kept", "cancelled"},
            "replaced": set(),
            # its plan goes on, or its credit note was undone
            "cancelled": {"open", "kept", "partly_kept", "broken"},
        }
        for origin in states:
            for target in states:
                promise.state = origin
                with self.subTest(origin=origin, target=target):
                    if target in allowed[origin]:
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
        installed = {
            "collection_promise_days": 21,
            "collection_promise_renewals": 1,
            "collection_promise_tolerance_days": 2,
            "collection_promise_tolerance_percent": 1,
        }
        self.assertEqual(self.env["res.company"].default_get([*installed]), installed)
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
        self._judge(TUESDAY)
        self.assertEqual(self.case.activity_ids.user_id, self.owner, "whoever acts on the case")
        with self.assertRaisesRegex(UserError, "leaver.*no longer with us"):
            promise.with_user(self.owner).user_id = leaver
        guest = new_test_user(self.env, "guest", "base.group_portal")
        with self.assertRaisesRegex(UserError, "no colleague"):
            promise.with_user(self.owner).user_id = guest
        self.portfolio.user_id = self.case.user_id = leaver
        self.company.collection_user_id = self.manager
        self._judge(TUESDAY + DAY)
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

    # === MANY === #

    def test_judging_takes_as_many_queries_for_many_as_for_few(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["collection.promise"].sudo()._judge(self.company, TODAY)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._promise_each([self._items(self.invoice)])
        count()
        few = count()
        self._promise_each(self._debts(10))
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
