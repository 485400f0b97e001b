from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)
OUTCOMES = ("accepted", "partly_accepted", "rejected", "withdrawn")


@tagged("post_install", "-at_install")
class TestDisputes(DisputeCommon):
    """A dispute from its opening to its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)

    # === OPEN AND ROUTE === #

    def test_opened_routed_with_deadline_activity_and_snapshot(self):
        dispute = self._dispute(self.invoice, 30, description="Ten are missing")
        self.assertEqual((dispute.state, dispute.priority), ("new", "1"))
        self.assertEqual((dispute.user_id, dispute.team_id), (self.handler, self.team))
        self.assertEqual(dispute.deadline, TODAY + 14 * DAY, "ten working days")
        self.assertTrue(dispute.name.startswith("D"))
        self.assertEqual(dispute.partner_name, "Dupont")
        line = dispute.line_ids
        self.assertEqual((line.move_name, line.amount_currency), (self.invoice.name, 30))
        self.assertEqual((line.amount_open, line.date_due), (100, TODAY - 10 * DAY))
        self.assertEqual(dispute.activity_ids.user_id, self.handler)
        self.assertEqual(dispute.activity_ids.date_deadline, dispute.deadline)

    def test_without_an_owner_the_reason_gives_it_to_its_team_else_to_the_case(self):
        self.reason.user_id = False
        self.assertEqual(self._dispute(self.invoice, 10).user_id, self.handler)
        self.team.user_id = False
        self.assertEqual(self._dispute(self.invoice, 10).user_id, self.owner)

    def test_an_owner_who_cannot_see_disputes_is_refused(self):
        outsider = self._user("nobody", "base.group_user")
        with self.assertRaisesRegex(UserError, "Dispute Handler"):
            self.reason.user_id = outsider
        with self.assertRaisesRegex(UserError, "Dispute Handler"):
            self._dispute(self.invoice, 10, user_id=outsider.id)

    def test_on_a_line_of_the_invoice(self):
        product = self.env["product.product"].create({"name": "Grout"})
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            invoice_line_ids=[
                Command.create({"name": "Tiles", "price_unit": 80, "tax_ids": [Command.clear()]}),
                Command.create(
                    {
                        "product_id": product.id,
                        "name": "Grout",
                        "quantity": 4,
                        "price_unit": 10,
                        "tax_ids": [Command.clear()],
                    }
                ),
            ],
        )
        self._sync_cases()
        with self._at(f"{TODAY} 12:00:00"):
            wizard = (
                self.env["collection.dispute.open"]
                .with_user(self.owner)
                .with_context(
                    default_case_id=self._case(self.customer).id, dispute_move_id=invoice.id
                )
                .create({"reason_id": self.reason.id})
            )
            self.assertEqual(wizard.line_ids.mapped("amount_currency"), [80, 40])
            wizard.line_ids[1].write({"selected": True, "amount_currency": 25})
            action = wizard.action_open()
        dispute = self.env["collection.dispute"].browse(action["res_id"])
        line = dispute.line_ids
        self.assertEqual((line.product_id, line.quantity), (product, 4))
        self.assertEqual((line.description, line.amount_open), ("Grout", 40))
        self.assertEqual(self._claimed(self.customer)[invoice.name], 95)

    def test_nothing_chosen_is_refused(self):
        self._sync_cases()
        wizard = (
            self.env["collection.dispute.open"]
            .with_user(self.owner)
            .with_context(default_case_id=self._case(self.customer).id)
            .create({"reason_id": self.reason.id})
        )
        self.assertEqual(wizard.line_ids.line_id, self._receivable(self.invoice))
        with self.assertRaisesRegex(UserError, "Choose"):
            wizard.action_open()

    # === EVERY TRANSITION, AND EVERY FORBIDDEN ONE === #

    def _bring(self, dispute, state):
        """Bring a new dispute to ``state`` the way that people do."""
        mine = dispute.with_user(self.handler)
        with self._at(f"{TODAY} 13:00:00"):
            if state == "investigating":
                mine.action_investigate()
            elif state == "awaiting":
                mine.action_await()
        if state in OUTCOMES:
            accepted = 25 if state == "partly_accepted" else None
            self._resolve(dispute, state, accepted=accepted)
        if state == "closed":
            self._resolve(dispute, "rejected")
            dispute.with_user(self.owner).action_close()
        self.env.invalidate_all()
        self.assertEqual(dispute.state, state)

    def test_transitions(self):
        """Every state, and every button in it: what is allowed leads on, the rest is refused."""
        steps = {
            "investigating": lambda one: one.with_user(self.handler).action_investigate(),
            "awaiting": lambda one: one.with_user(self.handler).action_await(),
            "accepted": lambda one: self._resolve(one, "accepted"),
            "partly_accepted": lambda one: self._resolve(one, "partly_accepted", accepted=10),
            "rejected": lambda one: self._resolve(one, "rejected"),
            "withdrawn": lambda one: one.with_user(self.handler).action_withdraw(),
            "closed": lambda one: one.with_user(self.manager).action_close(),
        }
        allowed = {
            "new": {"investigating", "awaiting", *OUTCOMES},
            "investigating": {"awaiting", *OUTCOMES},
            "awaiting": {"investigating", *OUTCOMES},
            "accepted": {"closed"},
            "partly_accepted": {"closed"},
            "rejected": {"closed"},
            "withdrawn": {"closed"},
            "closed": set(),
        }
        dispute = self._dispute(self.invoice, 40)
        for origin, targets in allowed.items():
            with self.env.cr.savepoint() as new:
                self._bring(dispute, origin)
                for target, step in steps.items():
                    with (
                        self.subTest(origin=origin, target=target),
                        self.env.cr.savepoint() as before,
                    ):
                        if target in targets:
                            step(dispute)
                            self.assertEqual(dispute.state, target)
                        else:
                            with self.assertRaises(UserError):
                                step(dispute)
                        before.rollback()
                        self.assertEqual(dispute.state, origin)
                new.rollback()

    def test_resolved_twice_is_refused_with_a_reason(self):
        dispute = self._dispute(self.invoice, 40)
        self._bring(dispute, "accepted")
        with self.assertRaisesRegex(UserError, "is accepted and cannot become rejected"):
            self._resolve(dispute, "rejected")
        self.assertEqual(dispute.accepted_amount, 40)

    def test_a_part_is_more_than_nothing_and_less_than_all(self):
        dispute = self._dispute(self.invoice, 40)
        self._bring(dispute, "investigating")
        for accepted in (0, 40, 41, -1):
            with self.subTest(accepted=accepted):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    self._resolve(dispute, "partly_accepted", accepted=accepted)
                self.assertEqual(dispute.state, "investigating")

    # === THE CLOCK === #

    def test_the_clock_stands_still_while_the_customer_is_awaited(self):
        dispute = self._dispute(self.invoice, 30)
        mine = dispute.with_user(self.handler)
        with self._at(f"{TODAY + 2 * DAY} 09:00:00"):
            mine.action_await()
        with self._at(f"{TODAY + 30 * DAY} 09:00:00"):
            self.env.invalidate_all()
            self.assertEqual((dispute.age, dispute.is_late), (2, False))
            self.assertNotIn(dispute, dispute.search([("is_late", "=", True)]))
            mine.action_investigate()
        self.assertEqual(dispute.days_stopped, 28)
        # eight working days were left
        self.assertEqual(dispute.deadline, TODAY + 30 * DAY + 12 * DAY)
        self._resolve(dispute, "rejected", day=TODAY + 33 * DAY)
        self.assertEqual(dispute.days_to_resolve, 5)
        self.assertEqual(dispute.resolved_on, TODAY + 33 * DAY)

    def test_decided_while_the_customer_is_awaited(self):
        dispute = self._dispute(self.invoice, 30)
        with self._at(f"{TODAY + 2 * DAY} 09:00:00"):
            dispute.with_user(self.handler).action_await()
        self._resolve(dispute, "withdrawn", day=TODAY + 9 * DAY)
        self.assertEqual((dispute.days_to_resolve, dispute.days_stopped), (2, 7))
        self.assertFalse(dispute.waiting_since)

    def test_late(self):
        dispute = self._dispute(self.invoice, 30)
        for offset, late in ((14, False), (15, True)):
            with self._at(f"{TODAY + offset * DAY} 12:00:00"):
                self.env.invalidate_all()
                self.assertEqual(dispute.is_late, late)
                self.assertEqual(dispute in dispute.search([("is_late", "=", True)]), late)

    # === REJECTED: DUNNING RESUMES === #

    def test_rejected_resumes_where_it_stood(self):
        self._day()  # courteous
        dispute = self._dispute(self.invoice, day=TODAY + DAY)
        self._resolve(dispute, "rejected", day=TODAY + DAY)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 100})
        _facts, made = self._decided(self.customer, TODAY + 8 * DAY)
        self.assertEqual(made.level.rank, 30)

    def test_rejected_resumes_at_the_level_chosen(self):
        """Twice reminded already; it starts again with the courteous reminder, once."""
        self._day()
        self._day(TODAY + 8 * DAY)
        self.assertEqual(self._reminder(self.customer).rank, 30)
        dispute = self._dispute(self.invoice, day=TODAY + 9 * DAY)
        first = self.scenario.level_ids.filtered(lambda level: level.rank == 20)
        self._resolve(
            dispute, "rejected", user=self.owner, day=TODAY + 9 * DAY, level_id=first.id
        )
        self.assertEqual(dispute.resume_rank, 20)
        self._day(TODAY + 16 * DAY)
        self.assertEqual(self._reminder(self.customer).rank, 20)
        self._day(TODAY + 23 * DAY)
        self.assertEqual(self._reminder(self.customer).rank, 30, "and goes on from there")

    def test_the_reason_s_level_is_the_default_for_an_owner_who_sees_no_levels(self):
        notice = self.scenario.level_ids.filtered(lambda level: level.rank == 60)
        self.reason.resume_level_id = notice
        dispute = self._dispute(self.invoice)
        self._resolve(dispute, "rejected")
        decision = self._case(self.customer).decision_id
        self.assertEqual((decision.level_id, decision.reason), (notice, "dispute_rejected"))
        self.assertIn("dunning goes on with Formal notice", decision.sentence)

    def test_withdrawn_resumes_where_it_stood(self):
        self.reason.resume_level_id = self.scenario.level_ids[-1]
        dispute = self._dispute(self.invoice)
        self._resolve(dispute, "withdrawn")
        self.assertEqual(dispute.resume_rank, 0)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 100})

    # === WHAT IS KEPT OF IT === #

    def test_the_evidence_says_that_it_was_contested_and_decided(self):
        dispute = self._dispute(self.invoice, 30, description="Ten are missing")
        self._resolve(dispute, "partly_accepted", accepted=10, note="Six were there")
        events = self.env["collection.evidence"].search(
            [("case_id", "=", self._case(self.customer).id), ("event", "like", "disput")],
            order="id",
        )
        self.assertEqual(events.mapped("event"), ["disputed", "dispute_decided"])
        facts = events[1].facts
        self.assertEqual(
            (facts["dispute"], facts["outcome"], facts["accepted"]),
            (dispute.name, "partly_accepted", "10.0"),
        )
        self.assertNotIn("missing", str(events.mapped("facts")), "no words of a person")

    def test_personal_data_is_handed_out_and_erased(self):
        dispute = self._dispute(self.invoice, 30, description="Ann says ten are missing")
        dispute.with_user(self.handler).message_post(body="I rang Ann", message_type="comment")
        personal = self.env["collection.personal.data"].with_user(self.manager)
        [told] = personal._collect(self.customer)["disputes"]
        self.assertEqual((told["number"], told["amount"]), (dispute.name, 30))
        self.assertIn("Ann", told["text"])
        self.assertIn("I rang Ann", str(told["messages"]))
        attachment = self.env["ir.attachment"].create(
            {"name": "slip", "raw": b"x", "res_model": dispute._name, "res_id": dispute.id}
        )
        self._resolve(dispute, "rejected", note="Ann was wrong")
        self.env["collection.erasure"]._erase_cases(self._case(self.customer), "term")
        self.env.invalidate_all()
        self.assertFalse(attachment.exists())
        left = [dispute.description, dispute.resolution, *dispute.message_ids.mapped("body")]
        self.assertNotIn("Ann", str(left))
        self.assertEqual((dispute.amount, dispute.outcome), (30, "rejected"))
