import io

import pypdf
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY
from .plans_common import PlanCommon
from .promise_common import DAY, FRIDAY


@tagged("post_install", "-at_install")
class TestPlanProposals(PlanCommon):
    """A plan before it holds: drafted, written down as an agreement, sent, accepted or not."""

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
