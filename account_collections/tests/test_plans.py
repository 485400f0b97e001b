from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from .common import TODAY
from .plans_common import DATES, PlanCommon
from .promise_common import DAY, FRIDAY


@tagged("post_install", "-at_install")
class TestPlans(PlanCommon):
    """A debt in instalments: once it is signed, each instalment is a promise."""

    # === STORY === #

    def test_a_plan_from_proposal_to_the_last_instalment(self):
        plan = self._draft()
        self.assertEqual(plan.line_ids.mapped("date"), DATES)
        self.assertEqual(plan.line_ids.mapped("amount"), [333.33, 333.33, 333.34])
        self._propose(plan)
        self.assertEqual(plan.state, "proposed")
        self._accept(plan)
        self.assertEqual((plan.state, plan.accepted_on), ("active", TODAY))
        promises = plan.sudo().promise_ids.sorted("date")
        self.assertEqual(promises.mapped("date"), DATES)
        self.assertEqual(promises.mapped("before"), [0, 333.33, 666.66])
        self.assertEqual(self.case.promised_amount, 1000)
        self.assertEqual(self.case.state, "promised")
        self.assertEqual(self.case.next_date, promises[0].check_date + DAY)
        for day, amount in zip(DATES, (333.33, 333.33, 333.34)):
            self._day(day)
            self.assertFalse(self._get_dunning(), "dunning follows the instalments")
            self._pay(self.invoice, amount, payment_date=day)
            self._judge(day)
        self.assertEqual(set(promises.mapped("state")), {"kept"})
        self.assertEqual((plan.state, plan.received), ("completed", 1000))

    def test_a_missed_instalment_breaks_the_plan(self):
        notice = self.scenario.level_ids.filtered(lambda level: level.rank == 60)
        plan = self._draft()
        plan.level_id = notice
        self._accept(self._propose(plan))
        first, *later = plan.sudo().promise_ids.sorted("date")
        self._morning(first.check_date)
        self.assertEqual(plan.state, "active", "the tolerance is not over yet")
        self._morning(first.check_date + DAY)
        self.assertEqual((first.state, plan.state), ("broken", "broken"))
        self.assertEqual([promise.state for promise in later], ["cancelled"] * 2)
        self.assertEqual(self.case.promise_count, 1, "what was ended with it counts for nothing")
        reminder = self._get_dunning()
        self.assertEqual((reminder.level_id, reminder.amount), (notice, 1000))
        self.assertIn("Instalment plan broken", "".join(self.case.activity_ids.mapped("summary")))

    def test_instalments_that_may_be_missed(self):
        self.company.collection_plan_tolerated = 1
        plan = self._active()
        first, second, _third = plan.promise_ids.sorted("date")
        self._morning(first.check_date + DAY)
        self.assertEqual((first.state, plan.state), ("broken", "active"))
        self.assertEqual(self._get_dunning().amount, 333.33, "what was missed is dunned")
        self.assertEqual(self._get_dunning().rank, 20, "as it would have been")
        self._pay(self.invoice, 333.33, payment_date=second.date)
        self._judge(second.check_date + DAY)
        self.assertEqual(second.state, "broken", "the money was for the first")
        self.assertEqual(plan.state, "broken")

    def test_a_late_reconciliation_brings_the_plan_back(self):
        plan = self._active()
        first, *later = plan.promise_ids.sorted("date")
        self._judge(first.check_date + DAY)
        self.assertEqual(plan.state, "broken")
        self._pay(self.invoice, 333.33, payment_date=first.date)
        self._judge(first.check_date + 2 * DAY)
        self.assertEqual((first.state, plan.state), ("kept", "active"))
        self.assertEqual([promise.state for promise in later], ["open"] * 2)
        self.assertEqual(
            self._decided(self.customer, first.check_date + 2 * DAY)[1].reason, "promised"
        )

    def test_the_last_instalment_is_reconciled_late(self):
        """Nothing was left to end when it broke: what came in time completes it."""
        plan = self._active(count=1)
        self._judge(plan.promise_ids.check_date + DAY)
        self.assertEqual(plan.state, "broken")
        self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(plan.promise_ids.check_date + 2 * DAY)
        self.assertEqual((plan.promise_ids.state, plan.state), ("kept", "completed"))
        self.assertFalse(plan.promise_ids.resume_rank)

    def test_paid_at_once(self):
        plan = self._active()
        self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual(plan.state, "completed")

    def test_reversed_after_completed(self):
        plan = self._active()
        payment = self._pay(self.invoice, payment_date=FRIDAY)
        self._judge(FRIDAY)
        payment.move_id.line_ids.remove_move_reconcile()
        self._judge(FRIDAY + 3 * DAY)
        self.assertEqual(plan.state, "active")
        self.assertEqual(set(plan.promise_ids.mapped("state")), {"open"})

    def test_instalments_over_several_invoices(self):
        newer = self._invoice(self.customer, 200, overdue=5)
        plan = self._active()
        shares = [
            {item.move_id: item.amount_currency for item in promise.item_ids}
            for promise in plan.promise_ids.sorted("date")
        ]
        self.assertEqual(
            shares, [{self.invoice: 400}, {self.invoice: 400}, {self.invoice: 200, newer: 200}]
        )
        _facts, made = self._decided(self.customer, TODAY)
        self.assertEqual(made.reason, "promised")
        # whichever of them it pays, the money is for the oldest instalment
        self._pay(newer, payment_date=FRIDAY)
        self._pay(self.invoice, 200, payment_date=FRIDAY)
        self._judge(FRIDAY)
        self.assertEqual(plan.promise_ids.sorted("date").mapped("state"), ["kept", "open", "open"])

    def test_other_debts_are_dunned(self):
        self._active()
        self._invoice(self.customer, 300, overdue=10)
        self._day(TODAY + DAY)
        self.assertEqual(self._get_dunning().amount, 300)

    # === CREDIT NOTES === #

    def test_a_credit_note_takes_the_last_instalments(self):
        plan = self._active()
        first, second, third = plan.promise_ids.sorted("date")
        self._credit(self.invoice, 400)
        self._judge(FRIDAY)
        self.assertEqual((third.state, third.end_reason), ("cancelled", "credited"))
        self.assertEqual((second.state, second.credited), ("open", 66.66))
        self.assertEqual(self.case.promised_amount, 600)
        self._pay(self.invoice, 333.33, payment_date=first.date)
        self._judge(first.check_date)
        self.assertEqual((first.state, plan.state), ("kept", "active"))
        self._pay(self.invoice, 266.67, payment_date=second.date)
        self._judge(second.check_date)
        self.assertEqual((second.state, plan.state), ("kept", "completed"))
        self.assertEqual(plan.received, 600)

    # === ACCEPT === #

    def test_accepted_with_a_signature_only(self):
        plan = self._propose(self._draft())
        with self.assertRaisesRegex(UserError, "Attach the agreement"):
            plan.action_accept()
        self.assertFalse(self.case.promise_ids)
        self._accept(plan)
        event = self.env["collection.evidence"].search([("event", "=", "acknowledged")])
        self.assertEqual((event.case_id, event.facts["amount"]), (self.case, 1000))
        self.assertEqual(event.facts["signed"], plan.signed_attachment_ids.mapped("checksum"))
        self.assertEqual(event.facts["documents"], [self.invoice.name])

    def test_paid_in_between(self):
        plan = self._propose(self._draft())
        self._pay(self.invoice, 400, payment_date=TODAY)
        with self.assertRaisesRegex(UserError, r"of .*1,000\.00, but only .*600\.00 is still open"):
            self._accept(plan)
        self.assertEqual(plan.state, "proposed")

    def test_a_plan_replaces_a_promise(self):
        promise = self._promise(600)
        self._active()
        self.assertEqual(promise.state, "replaced")
        self.assertEqual(self.case.promised_amount, 1000)

    def test_instalments_are_promises_of_the_plan(self):
        plan = self._active()
        with self.assertRaisesRegex(UserError, "renegotiate the plan"):
            self._promise(items=self._items(self.invoice), renew=True)
        with self.assertRaisesRegex(UserError, "instalment of a plan"):
            plan.promise_ids[0].with_user(self.owner).action_cancel()
        with self.assertRaisesRegex(UserError, "in an instalment plan already"):
            self._draft(items=self._items(self.invoice))

    # === RENEGOTIATE === #

    def test_renegotiation_keeps_the_history(self):
        plan = self._active()
        self._pay(self.invoice, 333.33, payment_date=FRIDAY)
        self._judge(FRIDAY)
        with self._at(f"{FRIDAY} 12:00:00"):
            action = plan.with_user(self.owner).action_renegotiate()
            again = plan.browse(action["res_id"]).with_user(self.owner)
            self.assertEqual((again.amount, again.previous_id), (666.67, plan))
            again.sudo()._arrange(count=4, first=DATES[1])
        self.assertEqual(plan.state, "active", "it holds until the new one is accepted")
        self._accept(self._propose(again, FRIDAY), FRIDAY)
        self.assertEqual((plan.state, again.state), ("replaced", "active"))
        states = plan.promise_ids.sorted("date").mapped("state")
        self.assertEqual(states, ["kept", "replaced", "replaced"])
        self.assertEqual(plan.next_id, again)
        self.assertAlmostEqual(self.case.promised_amount, 666.67)
        self._judge(DATES[2] + 9 * DAY)
        self.assertEqual((plan.state, again.state), ("replaced", "broken"))

    def test_what_is_proposed_or_broken_is_renegotiated_too(self):
        for origin in ("proposed", "broken"):
            with self.subTest(origin=origin), self.env.cr.savepoint() as savepoint:
                plan, day = self._propose(self._draft()), TODAY
                if origin == "broken":
                    self._accept(plan)
                    day = plan.sudo().promise_ids.sorted("date")[0].check_date + DAY
                    self._judge(day)
                self.assertEqual(plan.state, origin)
                with self._at(f"{day} 08:00:00"):
                    again = plan.browse(plan.action_renegotiate()["res_id"])
                    again.sudo()._arrange(count=2, first=DATES[2])
                self._accept(self._propose(again, day), day)
                self.assertEqual((plan.state, again.state), ("replaced", "active"))
                self.assertEqual(self._decided(self.customer, day)[1].reason, "promised")
                states = plan.sudo().promise_ids.sorted("date").mapped("state")
                kept = ["broken", "cancelled", "cancelled"] if origin == "broken" else []
                self.assertEqual(states, kept, "what became of it is kept")
                savepoint.rollback()

    def test_cancelled_while_it_holds(self):
        plan = self._active()
        with self._at(f"{TODAY} 11:00:00"):
            plan.with_user(self.owner).action_cancel()
        self.env.invalidate_all()
        self.assertEqual(plan.state, "cancelled")
        self.assertEqual(set(plan.promise_ids.mapped("end_reason")), {"plan_cancelled"})
        self.assertEqual((self.case.promise_count, self.case.promised_amount), (0, 0))
        self.assertEqual(self.case.decision_id.outcome, "remind")

    def test_a_draft_is_not_renegotiated(self):
        with self.assertRaisesRegex(UserError, "was proposed"):
            self._draft().action_renegotiate()

    # === APPROVAL === #

    def _assert_approval(self, plan, expected):
        """A plan's approval, and what is found by it."""
        self.assertEqual(plan.approval, expected)
        model = plan.with_user(self.owner)
        for approval, _label in plan._fields["approval"].selection:
            found = model.search([("id", "=", plan.id), ("approval", "=", approval)])
            self.assertEqual(bool(found), approval == expected, approval)
        self.assertTrue(model.search([("id", "=", plan.id), ("approval", "!=", "x")]))

    def test_a_credit_manager_approves_from_an_amount_on(self):
        self.company.collection_plan_approval_amount = 1000
        plan = self._draft()
        self._assert_approval(plan, "needed")
        with self.assertRaisesRegex(UserError, "credit manager approves a plan of this amount"):
            self._propose(plan)
        with self.assertRaises(AccessError):
            plan.action_approve()
        with self._at(f"{TODAY} 08:00:00"):
            plan.action_ask_approval()
        self.env.flush_all()
        rows = self.env["collection.todo"].with_user(self.manager).search([("kind", "=", "8_plan")])
        self.assertEqual(rows.case_id, self.case)
        self.assertIn(f" in {len(plan.line_ids)} instalments", rows.label)
        self._assert_approval(plan, "asked")
        with self._at(f"{TODAY} 08:00:00"):
            plan.with_user(self.manager).action_approve()
        self._assert_approval(plan, "given")
        self.assertEqual(plan.approved_by_id, self.manager)
        plan.line_ids[0].amount -= 1
        self.assertEqual(plan.approval, "needed", "it was of other instalments")
        plan.line_ids[0].amount += 1
        self._propose(plan.with_user(self.manager))
        self.assertEqual(plan.approved_by_id, self.manager, "who proposes it approves it")

    def test_below_that_amount_nobody_has_to(self):
        plan = self._draft()
        for amount in (1000.01, 0):
            self.company.collection_plan_approval_amount = amount
            plan.invalidate_recordset(["approval"])
            self._assert_approval(plan, "none")

    # === BAD INPUT === #

    def test_instalments_that_do_not_add_up(self):
        plan = self._draft()
        plan.line_ids[1].amount = 300
        with self.assertRaisesRegex(UserError, r"add up to .*966\.67; the debt is .*1,000\.00"):
            self._propose(plan)
        self.assertEqual(plan.state, "draft")
        self.assertEqual(len(plan.line_ids), 3, "nothing is lost")

    def test_instalments_that_are_none(self):
        plan = self._draft()
        refused = [
            ({"count": 0}, "at least one"),
            ({"count": 1, "first_payment": 500}, "at least one"),
            ({"count": 3, "first_payment": -5}, "at least one"),
            ({"count": 2, "first_payment": 1000}, "cannot be paid in 2"),
            ({"count": 2, "first_payment": 5000}, "cannot be paid in 2"),
            ({"count": 200000}, "120 instalments at most"),
            ({"count": 120, "first_payment": 999}, "cannot be paid in 120"),
        ]
        for values, message in refused:
            with self.subTest(values), self.assertRaisesRegex(UserError, message):
                plan.sudo()._arrange(**{"first": FRIDAY, **values})
        plan.line_ids[0].date = TODAY - DAY
        with self.assertRaisesRegex(UserError, "in the past"):
            self._propose(plan)
        plan.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "no instalment yet"):
            self._propose(plan)

    def test_instalments_of_nothing_or_on_one_day(self):
        plan = self._draft()
        for error, vals in (
            (CheckViolation, {"amount": 0}),
            (UniqueViolation, {"date": DATES[1]}),
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                plan.line_ids[0].write(vals)
                self.env.flush_all()

    def test_whose_debts(self):
        theirs = self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        with self.assertRaisesRegex(UserError, "one customer"):
            self._draft(items=self._items(self.invoice, theirs))
        items = self._items(self.invoice)
        self._pay(self.invoice)
        with self.assertRaisesRegex(UserError, "is paid"):
            self._draft(items=items)

    def test_only_a_draft_is_changed(self):
        plan = self._propose(self._draft())
        for change in (
            lambda: plan.line_ids[0].write({"amount": 1}),
            lambda: plan.line_ids[0].unlink(),
            lambda: plan.line_ids.create({"plan_id": plan.id, "date": DATES[2] + DAY, "amount": 1}),
            lambda: plan.write({"tolerated": 9}),
            lambda: plan.write({"state": "active"}),
            lambda: plan.write({"amount": 1}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        self.assertEqual(plan.line_ids.mapped("amount"), [333.33, 333.33, 333.34])

    def test_an_owner_who_left(self):
        plan = self._draft()
        self.colleague = new_test_user(
            self.env, "leaver", "account_collections.group_collection_user"
        )
        self.colleague.active = False
        with self.assertRaisesRegex(UserError, "no longer with us"):
            plan.user_id = self.colleague

    def test_each_forbidden_transition_is_refused(self):
        """What may become of a plan: all else is refused."""
        plan = self._draft().sudo()
        states = [state for state, _label in plan._fields["state"].selection]
        allowed = {
            "draft": {"proposed", "cancelled"},
            "proposed": {"draft", "active", "cancelled", "replaced"},
            "active": {"completed", "broken", "cancelled", "replaced"},
            # verdicts on instalments change: a payment turns up late, or comes back
            "completed": {"active", "broken"},
            "broken": {"active", "completed", "replaced"},
            "cancelled": set(),
            "replaced": set(),
        }
        for origin in states:
            for target in states:
                plan.state = origin
                with self.subTest(origin=origin, target=target):
                    if target in allowed[origin]:
                        plan._set_state(target)
                        self.assertEqual(plan.state, target)
                    else:
                        with self.assertRaisesRegex(UserError, "cannot become"):
                            plan._set_state(target)
