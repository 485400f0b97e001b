import io

import pypdf
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from ..models.collection_plan import TRANSITIONS
from .common import TODAY
from .promise_common import DAY, FRIDAY, PromiseCommon

#: The instalments of the plan below, the first on a Friday, a month apart.
DATES = [fields.Date.add(FRIDAY, months=months) for months in range(3)]


@tagged("post_install", "-at_install")
class TestPlans(PromiseCommon):
    """A debt in instalments: proposed, signed, then each instalment is a promise."""

    def _draft(self, items=None, user=None, count=3, **instalments):
        with self._at(f"{TODAY} 08:00:00"):
            case = self.case.with_user(user or self.owner)
            plan = case.env["collection.plan"]._make(
                case, items, {"count": count, "first": FRIDAY, **instalments}
            )
            self.env.flush_all()
        return plan

    def _propose(self, plan, today=TODAY):
        with self._at(f"{today} 09:00:00"):
            plan.action_propose()
            self.env.flush_all()
        self.env.invalidate_all()
        return plan

    def _accept(self, plan, today=TODAY):
        with self._at(f"{today} 10:00:00"):
            signed = self.env["ir.attachment"].create(
                {"name": "signed.pdf", "raw": b"signed", "res_model": plan._name, "res_id": plan.id}
            )
            plan.signed_attachment_ids = signed
            plan.action_accept()
            self.env.flush_all()
        self.env.invalidate_all()
        return plan

    def _active(self, **values):
        return self._accept(self._propose(self._draft(**values))).sudo()

    def _get_dunning(self):
        """Return the reminders that ask for money: the agreement does not."""
        return self.case.reminder_ids.filtered(lambda one: one.kind == "dunning")

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

    # === PROPOSE === #

    def _read_agreement(self, plan):
        pages = pypdf.PdfReader(io.BytesIO(plan.agreement_id.raw)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def test_the_agreement_acknowledges_the_debt_and_reaches_the_customer(self):
        hostile = "<b>Dupont</b> & fils"
        self.customer.name = hostile
        plan = self._propose(self._draft())
        flat = self._read_agreement(plan)
        for words in (
            "acknowledges that it owes",
            "interrupts its prescription",
            "1,000.00",
            "333.34",
            self.invoice.name,
            "<b>Dupont</b> & fils",
            "becomes due at once",
            "05/20/2026",
        ):
            self.assertIn(words, flat)
        self.assertEqual(plan.delivery_state, "scheduled")
        self._depart(f"{TODAY} 09:01:00")
        self.assertEqual(plan.delivery_state, "sent")
        message = self.case.message_ids.filtered("attachment_ids")
        self.assertEqual(message.attachment_ids.raw, plan.agreement_id.raw)
        self.assertEqual(message.notified_partner_ids, self.customer)
        self.assertIn("1,000.00", message.body)
        self.assertIn("04/01/2026", message.body, "until when it may be accepted")
        self.assertEqual(
            plan.action_print()["url"].split("?")[0], f"/web/content/{plan.agreement_id.id}"
        )

    def test_in_the_customer_s_language(self):
        self._speak_french()
        self.customer.lang = "fr_FR"
        plan = self._draft()
        self.assertEqual(plan.lang, "fr_FR")
        self._propose(plan)
        text = self._read_agreement(plan)
        self.assertIn("Reconnaissance de dette", text)
        self.assertIn("20/03/2026", text)

    def test_without_an_address_it_is_left_to_be_printed(self):
        self.customer.email = False
        plan = self._propose(self._draft())
        self.assertEqual(plan.state, "proposed")
        self._depart(f"{TODAY} 09:01:00")
        self.assertEqual(plan.delivery_state, "to_do")
        activity = self.case.activity_ids
        self.assertEqual(activity.user_id, self.owner)
        self.assertIn("Print the instalment agreement", activity.summary)
        activity.action_feedback("posted")
        self.assertEqual(plan.delivery_state, "sent")
        events = self.env["collection.evidence"].search([("reminder_id", "=", plan.delivery_id.id)])
        self.assertIn("said_sent", events.mapped("event"))

    def test_a_proposed_plan_waits_for_its_answer(self):
        self.company.collection_plan_valid_days = 5
        plan = self._propose(self._draft())
        self.assertEqual(self.case.decision_id.reason, "promised")
        self.assertEqual(plan.valid_until, TODAY + 5 * DAY)
        self._day(TODAY + 2 * DAY)
        self.assertFalse(self._get_dunning())
        self._day(TODAY + 6 * DAY)
        self.assertEqual(self._get_dunning().state, "sent")

    def test_taken_back_it_is_dunned(self):
        plan = self._propose(self._draft())
        with self._at(f"{TODAY} 10:00:00"):
            plan.action_rework()
            plan.line_ids[0].amount = 333.33
            plan.action_propose()
            plan.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(plan.state, "cancelled")
        self.assertEqual(self.case.decision_id.outcome, "remind")

    # === HOW THE AGREEMENT LEAVES === #

    def test_it_leaves_as_a_reminder_does(self):
        """Claimed, sent and proved; it is neither dunning nor a step of the ladder."""
        plan = self._propose(self._draft())
        reminder = plan.delivery_id.sudo()
        self.assertEqual((reminder.state, reminder.kind), ("scheduled", "agreement"))
        self.assertFalse(self.case.message_ids.filtered("attachment_ids"), "nothing has left yet")
        self._depart(f"{TODAY} 09:01:00")
        events = self.env["collection.evidence"].search([("reminder_id", "=", reminder.id)])
        self.assertEqual(
            events.sorted("id").mapped("event"), ["prepared", "claimed", "sent"]
        )
        self.assertEqual(reminder.mail_message_id.message_id, reminder.message_id)
        self._depart(f"{TODAY} 09:02:00")
        self.assertEqual(len(self.case.message_ids.filtered("attachment_ids")), 1)
        item = self._items(self.invoice)
        self.assertFalse(item.rank, "no level was reached by it")
        self._morning()
        self.assertFalse(self.case.last_contact)

    def test_taken_back_before_it_left(self):
        plan = self._propose(self._draft())
        first = plan.delivery_id
        plan.action_rework()
        self.assertEqual((plan.state, first.state), ("draft", "withdrawn"))
        self._propose(plan)
        self._depart(f"{TODAY} 09:01:00")
        self.assertEqual((first.state, plan.delivery_id.state), ("withdrawn", "sent"))
        self.assertEqual(len(self.case.message_ids.filtered("attachment_ids")), 1)

    def test_reworked_after_it_left_it_goes_again_on_the_same_day(self):
        plan = self._propose(self._draft())
        self._depart(f"{TODAY} 09:01:00")
        plan.action_rework()
        self._propose(plan)
        self._depart(f"{TODAY} 09:02:00")
        self.assertEqual(plan.reminder_ids.mapped("state"), ["sent", "sent"])

    def test_an_agreement_that_is_withdrawn_proposes_nothing(self):
        plan = self._propose(self._draft())
        plan.delivery_id.with_user(self.owner).action_withdraw()
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.proposed_on)

    def test_paid_in_part_before_it_left(self):
        plan = self._propose(self._draft())
        self._pay(self.invoice, 400, payment_date=TODAY)
        self._depart(f"{TODAY} 09:01:00")
        reminder = plan.delivery_id
        self.assertEqual(reminder.state, "failed")
        self.assertIn("only", reminder.failure)
        self.assertIn("600.00", reminder.failure)
        self.assertFalse(self.case.message_ids.filtered("attachment_ids"))

    def test_paid_before_it_left(self):
        plan = self._propose(self._draft())
        self._pay(self.invoice, payment_date=TODAY)
        self._morning()
        self.assertEqual(plan.delivery_id.state, "cancelled")
        self.assertEqual(plan.state, "draft")

    def test_signed_it_has_arrived(self):
        plan = self._propose(self._draft())
        plan.delivery_id.sudo().state = "unconfirmed"
        self._accept(plan)
        self.assertEqual((plan.state, plan.delivery_state), ("active", "sent"))

    # === ON LINE === #

    def test_a_customer_accepts_on_line(self):
        """By code that runs with all rights, for a customer who holds none."""
        plan = self._propose(self._draft()).sudo()
        signer = self.env["res.partner"].create(
            {"name": "Ms. Petit", "parent_id": self.customer.id}
        )
        guest = new_test_user(self.env, "guest", "base.group_portal", partner_id=signer.id)
        proof = self.env["ir.attachment"].create({"name": "signature.png", "raw": b"signed"})
        late = self._at(f"{plan.valid_until + DAY} 10:00:00")
        with late, self.assertRaisesRegex(UserError, "valid until 04/01/2026"):
            plan.with_user(guest).sudo()._accept_quick(proof, signer)
        self.assertEqual(plan.state, "proposed")
        with self._at(f"{TODAY} 10:00:00"):
            plan.with_user(guest).sudo()._accept_quick(proof, signer)
        self.assertEqual((plan.state, plan.accepted_by_id), ("active", signer))
        self.assertEqual(plan.signed_attachment_ids.raw, b"signed")
        self.assertEqual(plan.signed_attachment_ids.res_id, plan.id)
        event = self.env["collection.evidence"].search([("event", "=", "acknowledged")])
        self.assertEqual(event.facts["contact"], signer.id)
        with self.assertRaisesRegex(UserError, "not open any more"):
            plan.with_user(guest).sudo()._accept_quick(proof, signer)

    def test_a_customer_asks_for_a_plan(self):
        """The draft belongs to the collector, to be approved and proposed like any other."""
        guest = new_test_user(self.env, "guest", "base.group_portal")
        case = self.case.with_user(guest).sudo()
        with self._at(f"{TODAY} 10:00:00"):
            plan = case.env["collection.plan"]._make(
                case, None, {"count": 3, "first": FRIDAY}, note="Two months are enough"
            )
        self.assertEqual((plan.state, plan.user_id), ("draft", self.owner))

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
        plan = self._draft().sudo()
        states = [state for state, _label in plan._fields["state"].selection]
        for origin in states:
            for target in states:
                plan.state = origin
                if origin in TRANSITIONS[target]:
                    plan._set_state(target)
                    self.assertEqual(plan.state, target)
                else:
                    with self.assertRaisesRegex(UserError, "cannot become"):
                        plan._set_state(target)

    # === APPROVAL === #

    def test_a_credit_manager_approves_from_an_amount_on(self):
        self.company.collection_plan_approval_amount = 1000
        plan = self._draft()
        self.assertEqual(plan.approval, "needed")
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
        self.assertEqual(plan.search([("approval", "=", "asked")]), plan)
        with self._at(f"{TODAY} 08:00:00"):
            plan.with_user(self.manager).action_approve()
        self.assertEqual((plan.approval, plan.approved_by_id), ("given", self.manager))
        plan.line_ids[0].amount -= 1
        self.assertEqual(plan.approval, "needed", "it was of other instalments")
        plan.line_ids[0].amount += 1
        self._propose(plan.with_user(self.manager))
        self.assertEqual(plan.approved_by_id, self.manager, "who proposes it approves it")

    def test_below_that_amount_nobody_has_to(self):
        self.company.collection_plan_approval_amount = 1000.01
        self.assertEqual(self._draft().approval, "none")
        self.company.collection_plan_approval_amount = 0
        self.assertEqual(self._draft().approval, "none")

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

    def test_a_draft_is_not_renegotiated(self):
        with self.assertRaisesRegex(UserError, "was proposed"):
            self._draft().action_renegotiate()

    # === THE FORM === #

    def test_from_the_one_form_to_a_draft(self):
        with self._at(f"{TODAY} 08:00:00"):
            form = Form(
                self.env["collection.pause"]
                .with_user(self.owner)
                .with_context(**self.mine.action_plan()["context"])
            )
            form.plan_count = 4
            form.plan_every = "weekly"
            form.plan_first = FRIDAY
            form.plan_first_payment = 400
            action = form.save().action_pause()
        plan = self.env["collection.plan"].browse(action["res_id"])
        self.assertEqual(plan.line_ids.mapped("amount"), [400, 200, 200, 200])
        self.assertEqual(plan.line_ids[3].date, FRIDAY + 21 * DAY)
        self.assertEqual(
            (plan.state, plan.user_id, plan.contact_id), ("draft", self.owner, self.customer)
        )
        with Form(plan.with_user(self.owner)) as draft, draft.line_ids.edit(3) as last:
            last.amount = 100
        self.assertEqual(plan.planned, 900)

    def test_several_customers_have_no_plan_together(self):
        self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        wizard = (
            self.env["collection.pause"]
            .with_user(self.owner)
            .create(
                {
                    "kind": "plan",
                    "case_ids": [Command.set((self.case | self._case(self.other_customer)).ids)],
                }
            )
        )
        with self.assertRaisesRegex(UserError, "of one customer"):
            wizard.action_pause()

    def test_merged_customers_keep_their_plans(self):
        self._invoice(self.other_customer, 100, overdue=5)
        self._sync_cases()
        plan = self._active()
        other = self._case(self.other_customer)
        self.env["collection.case"].sudo()._merge_partners(self.customer, self.other_customer)
        self.assertEqual(plan.case_id, other)
