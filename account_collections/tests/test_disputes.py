from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import TODAY
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)
OPEN = ("new", "investigating", "awaiting")
OUTCOMES = ("accepted", "partly_accepted", "rejected", "withdrawn")


@tagged("post_install", "-at_install")
class TestDisputes(DisputeCommon):
    """A dispute from its opening to its end; what it withholds meanwhile."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(self.customer, 100, overdue=10)

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

    # === WHAT IT WITHHOLDS === #

    def test_only_the_disputed_part_is_withheld_and_why_says_so(self):
        self._dispute(self.invoice, 30)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        case = self._case(self.customer)
        self.assertEqual((case.overdue, case.disputed, case.outstanding), (70, 30, 100))
        self.assertEqual(case.state, "dunning")
        [entry] = [
            entry
            for entry in self.env["collection.reason"]._explain_trace(case.decision_id)
            if entry["code"] == "disputed"
        ]
        self.assertTrue(entry["stopped"])
        self.assertIn("The customer disputes it", entry["text"])
        self.assertIn("30.00", entry["text"])

    def test_a_case_of_which_all_is_disputed(self):
        self._dispute(self.invoice)
        case = self._case(self.customer)
        self.assertEqual((case.overdue, case.disputed), (0, 100))
        self.assertEqual((case.state, case.decision_id.reason), ("disputed", "disputed"))
        self.assertFalse(self._claimed(self.customer))

    def test_the_reminder_names_what_is_disputed(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        other = self._invoice(self.customer, 200, overdue=12)
        self._dispute(self.invoice)
        self._dispute(other, 60)
        self._noon(TODAY + DAY)
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 140))
        self.assertEqual(reminder.item_ids.disputed_currency, 60)
        text = str(reminder.body)
        self.assertIn("without", text)
        self.assertIn("do not ask for it meanwhile", text)
        for part in (f"{other.name} ($\xa060.00)", f"{self.invoice.name} ($\xa0100.00)"):
            self.assertIn(part, html2plaintext(text))

    def test_the_statement_names_what_is_disputed(self):
        self._dispute(self.invoice, 30)
        [statement] = self.env["collection.statement"]._gather(self._case(self.customer), TODAY)
        [account] = statement.accounts
        self.assertEqual((account.balance, account.disputed), (100, 30))
        rows = [(row.kind, row.value) for row in account.item_rows(False)]
        self.assertEqual(rows[1], ("disputed", 30))
        [past] = self.env["collection.statement"]._gather(
            self._case(self.customer), TODAY, past=True
        )
        self.assertEqual(past.accounts[0].disputed, 0)

    def test_a_reminder_that_waits_is_written_anew(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self._morning()
        self.assertEqual(self._reminder(self.customer).amount, 100)
        self._dispute(self.invoice, 30, day=f"{TODAY}")
        self._depart(f"{TODAY} 12:30:00")
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 70))
        self.assertEqual(reminder.item_ids.disputed_currency, 30)
        self.assertIn("in dispute", str(reminder.body))

    def test_a_payment_of_the_rest_leaves_only_what_is_disputed(self):
        self._dispute(self.invoice, 30)
        self._pay(self.invoice, 70)
        self.assertFalse(self._claimed(self.customer))
        self._pay(self.invoice, 10)
        held = self.env["collection.dispute"]._get_disputed_amounts(self._receivable(self.invoice))
        self.assertEqual(list(held.values()), [(20, 20)], "no more than what is left")

    def test_two_disputes_of_one_item_add_up(self):
        self._dispute(self.invoice, 30)
        self._dispute(self.invoice, 20, reason=self.price)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 50})

    def test_lines_of_an_invoice_in_instalments_lie_on_the_oldest(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 20)
                ],
            }
        )
        invoice = self._invoice(
            self.customer, 200, overdue=10, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        first, second = self._receivable(invoice).sorted("date_maturity")
        self._sync_cases()
        case = self._case(self.customer)
        disputes = self.env["collection.dispute"]
        with self._at(f"{TODAY} 12:00:00"):
            for values in (
                {"invoice_line_id": invoice.invoice_line_ids.id, "amount_currency": 130},
                {"line_id": second.id, "amount_currency": 20},
            ):
                disputes.create(
                    {
                        "case_id": case.id,
                        "reason_id": self.reason.id,
                        "line_ids": [Command.create(values)],
                    }
                )
        held = disputes._get_disputed_amounts(first | second)
        self.assertEqual(held, {first.id: (100, 100), second.id: (50, 50)})

    def test_held_amounts_in_a_foreign_currency_follow_the_item(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self._invoice(self.customer, 90, overdue=10, currency_id=euro.id)
        self._dispute(invoice, 30)
        self.setup_other_currency("EUR", rates=[("2026-03-01", 3.0)])
        line = self._receivable(invoice)
        held = self.env["collection.dispute"]._get_disputed_amounts(line)
        self.assertEqual(held, {line.id: (30, 15)})
        facts, _made = self._decided(self.customer)
        [item] = [item for item in facts.items if item.key == line.id]
        self.assertEqual((item.disputed_currency, item.parts["disputed"]), (30, ((15, None),)))

    def test_a_constant_number_of_queries(self):
        invoices = [self._invoice(self._customer(f"C{n}"), 100, overdue=10) for n in range(6)]
        self._sync_cases()
        cases = self.env["collection.case"].search([("company_id", "=", self.company.id)])
        before = self._count_queries(cases)
        for invoice in invoices:
            self._dispute(invoice, 10)
        self.assertEqual(self._count_queries(cases), before)

    def _count_queries(self, cases):
        """Return what gathering takes once the settings are cached."""
        for _time in range(2):
            start = self.env.cr.sql_log_count
            facts = self.env["collection.gather"]._gather_facts(cases, TODAY)
        self.assertEqual(len(facts), len(cases))
        return self.env.cr.sql_log_count - start

    # === EVERY TRANSITION, AND EVERY FORBIDDEN ONE === #

    def _in_state(self, state):
        """Return a dispute that came to ``state`` the way that people bring it there."""
        invoice = self._invoice(self.customer, 100, overdue=10)
        dispute = self._dispute(invoice, 40)
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
        return dispute

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
        for origin, targets in allowed.items():
            for target, step in steps.items():
                with self.subTest(origin=origin, target=target):
                    dispute = self._in_state(origin)
                    if target in targets:
                        step(dispute)
                        self.assertEqual(dispute.state, target)
                    else:
                        with self.assertRaises(UserError), self.env.cr.savepoint():
                            step(dispute)
                        self.assertEqual(dispute.state, origin)

    def test_resolved_twice_is_refused_with_a_reason(self):
        dispute = self._in_state("accepted")
        with self.assertRaisesRegex(UserError, "is Accepted and cannot become Rejected"):
            self._resolve(dispute, "rejected")
        self.assertEqual(dispute.accepted_amount, 40)

    def test_a_part_is_more_than_nothing_and_less_than_all(self):
        for accepted in (0, 40, 41, -1):
            with self.subTest(accepted=accepted):
                dispute = self._in_state("investigating")
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

    # === ACCEPTED: THE CREDIT NOTE === #

    def test_accepted_credited_closed(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted", cause_id=self.cause.id, note="Ten were missing")
        self.assertEqual(dispute.activity_ids.user_id, self.accountant)
        self.assertEqual((dispute.cause_id, dispute.resolution), (self.cause, "Ten were missing"))
        self.assertTrue(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        credit = self._credit(dispute)
        self.assertEqual((credit.state, credit.move_type), ("draft", "out_refund"))
        self.assertEqual((credit.amount_total, credit.reversed_entry_id), (30, self.invoice))
        self.assertFalse(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70}, "still a draft")
        credit.with_user(self.accountant).action_post()
        self.env.invalidate_all()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))
        self.assertFalse(dispute.activity_ids)
        self.assertEqual(self.invoice.amount_residual, 70)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})

    def test_partly_accepted_the_rest_is_asked_for_at_once(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "partly_accepted", accepted=10)
        self.assertEqual((dispute.accepted_amount, dispute.amount), (10, 30))
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 90})
        self._credit(dispute).action_post()
        self.assertEqual(dispute.state, "closed")
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 90})

    def test_a_credit_note_reset_to_draft_withholds_again(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        credit.action_post()
        credit.button_draft()
        self.assertEqual((dispute.state, dispute.closed_on), ("accepted", False))
        self.assertEqual(dispute.activity_ids.user_id, self.accountant)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self.invoice.amount_residual, 100)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        credit.action_post()
        self.assertEqual(dispute.state, "closed")
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})

    def test_a_deleted_draft_is_drafted_again(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        self._credit(dispute).unlink()
        self.assertTrue(dispute.credit_missing)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.assertEqual(self._credit(dispute).amount_total, 30)
        with self.assertRaisesRegex(UserError, "no accepted amount without a credit note"):
            self._credit(dispute)

    def test_the_credit_note_of_a_taxed_invoice_carries_its_taxes(self):
        """A third of an invoice of two lines at two rates, to the cent."""
        taxes = [
            self.env["account.tax"].create({"name": f"{rate} %", "amount": rate})
            for rate in (20, 5.5)
        ]
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            invoice_line_ids=[
                Command.create(
                    {"name": tax.name, "price_unit": price, "tax_ids": [Command.set(tax.ids)]}
                )
                for tax, price in zip(taxes, (100, 33.33))
            ],
        )
        total = invoice.amount_total
        for accepted in (33.33, 0.07, total - 33.40):
            dispute = self._dispute(invoice, accepted)
            self._resolve(dispute, "accepted")
            credit = self._credit(dispute)
            self.assertAlmostEqual(credit.amount_total, accepted, 2)
            credit.action_post()
        self.assertEqual(invoice.payment_state, "reversed")

    def test_the_credit_note_of_an_invoice_line(self):
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20})
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": name,
                        "quantity": 4,
                        "price_unit": 10,
                        "tax_ids": [Command.set(tax.ids)],
                    }
                )
                for name in ("Tiles", "Grout")
            ],
        )
        self._sync_cases()
        line = Command.create({"invoice_line_id": invoice.invoice_line_ids[1].id})
        with self._at(f"{TODAY} 12:00:00"):
            dispute = self.env["collection.dispute"].create(
                {
                    "case_id": self._case(self.customer).id,
                    "reason_id": self.reason.id,
                    "line_ids": [line],
                }
            )
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        line = credit.invoice_line_ids
        self.assertEqual((line.name, line.quantity, line.price_unit), ("Grout", 4, 10))
        self.assertEqual((line.tax_ids, credit.amount_total), (tax, 48))

    def test_an_item_without_an_invoice_gets_a_plain_draft(self):
        entry = self._entry(self.other_customer, 80, due=TODAY - 10 * DAY, no_followup=False)
        dispute = self._dispute(entry, 50)
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        self.assertEqual((credit.amount_total, credit.partner_id), (50, self.other_customer))
        self.assertFalse(credit.reversed_entry_id)

    def test_a_credit_manager_takes_an_acceptance_back_until_it_is_posted(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        with self.assertRaises(AccessError):
            dispute.with_user(self.owner).action_reopen()
        dispute.with_user(self.manager).action_reopen()
        self.assertEqual((dispute.state, dispute.outcome), ("investigating", False))
        self.assertEqual((dispute.accepted_amount, dispute.days_to_resolve), (0, 0))
        self._resolve(dispute, "accepted")
        credit = self._credit(dispute)
        with self.assertRaisesRegex(UserError, "An accountant deletes a draft"):
            dispute.with_user(self.manager).action_reopen()
        credit.action_post()
        with self.assertRaisesRegex(UserError, "taken back"):
            dispute.with_user(self.manager).action_reopen()

    def test_closed_without_a_credit_note_by_a_credit_manager_only(self):
        dispute = self._dispute(self.invoice, 30)
        self._resolve(dispute, "accepted")
        with self.assertRaisesRegex(AccessError, "credit manager closes"):
            dispute.with_user(self.owner).action_close()
        dispute.with_user(self.manager).action_close()
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

    # === ITEMS THAT SEVERAL ARE ASKED FOR === #

    def _let_pay(self, share):
        """Let the other customer pay a share of what this one owes."""
        self.customer.write(
            {"collection_payer_id": self.other_customer.id, "collection_payer_share": share}
        )
        self._sync_cases()
        self.env.invalidate_all()

    def test_of_a_shared_item_only_what_its_debtor_contests_waits(self):
        self._let_pay(30)
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 70})
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 30})
        case = self._case(self.customer)
        with self._at(f"{TODAY} 12:00:00"):
            dispute = case._dispute_quick(
                reason=self.reason, lines=self._receivable(self.invoice), amount=20
            )
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 50})
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 30})
        [statement] = self.env["collection.statement"]._gather(
            self._case(self.other_customer), TODAY
        )
        self.assertEqual(statement.accounts[0].disputed, 0)
        self.env.flush_all()
        items = self.env["collection.item"].search([("line_id", "in", self.invoice.line_ids.ids)])
        self.assertEqual(
            {item.case_id: item.disputed for item in items},
            {case: 20, self._case(self.other_customer): 0},
        )
        self._resolve(dispute, "rejected")
        with self._at(f"{TODAY} 16:00:00"):
            whole = case._dispute_quick(
                reason=self.reason, lines=self._receivable(self.invoice)
            )
        self.assertEqual(whole.amount, 70, "all that this debtor is asked for")

    def test_what_is_contested_stays_so_whoever_is_asked(self):
        dispute = self._dispute(self.invoice, 20)
        self._let_pay(100)
        self.assertEqual(self._claimed(self.other_customer), {self.invoice.name: 80})
        self.assertEqual(dispute.case_id, self._case(self.other_customer))
        self.assertEqual(dispute.partner_id, self.customer)
