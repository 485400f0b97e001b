from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .disputes_common import DisputeCommon

DAY = timedelta(days=1)

MARKUP = "<script>alert(1)</script><b>bold</b> %s {{ 7 * 7 }}"


@tagged("post_install", "-at_install")
class TestDisputeInput(DisputeCommon):
    """What cannot be disputed, and what people and customers type."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)

    def _refused(self, pattern, *lines, user=None, **values):
        """Assert that a dispute on ``lines`` (values of each) is refused, and leaves nothing."""
        before = self.env["collection.dispute"].search_count([])
        with (
            self._at(f"{TODAY} 12:00:00"),
            self.assertRaisesRegex(UserError, pattern),
            self.env.cr.savepoint(),
        ):
            self.env["collection.dispute"].with_user(user or self.owner).create(
                {
                    "case_id": self.case.id,
                    "reason_id": self.reason.id,
                    **values,
                    "line_ids": [Command.create(line) for line in lines],
                }
            )
        self.assertEqual(self.env["collection.dispute"].search_count([]), before)

    def _line(self, move, amount=None):
        return {
            "line_id": self._receivable(move).id,
            **({} if amount is None else {"amount_currency": amount}),
        }

    def test_above_what_is_open(self):
        pattern = r"\$.100\.01 cannot be disputed on INV.*: \$.100\.00 is left open"
        self._refused(pattern, self._line(self.invoice, 100.01))
        self._pay(self.invoice, 60)
        self._refused("40.00 is left open", self._line(self.invoice, 40.01))

    def test_above_what_is_not_disputed_yet(self):
        self._dispute(self.invoice, 80)
        self._refused("20.00 is left open", self._line(self.invoice, 20.01))
        self._refused(
            "10.00 is left open", self._line(self.invoice, 10), self._line(self.invoice, 10.01)
        )
        self._dispute(self.invoice, 20)
        self._refused("0.00 is left open", self._line(self.invoice))

    def test_above_the_line_of_the_invoice(self):
        line = self.invoice.invoice_line_ids
        self._pay(self.invoice, 10)
        self._refused("90.00 is left", {"invoice_line_id": line.id, "amount_currency": 90.01})

    def test_nothing_or_less(self):
        for amount in (0, -5, 0.001):
            self._refused("above zero", self._line(self.invoice, amount))
        self._refused("needs an amount")
        self._refused("which item", {"amount_currency": 5})
        self._refused("case and a reason", self._line(self.invoice), reason_id=False)

    def test_a_credit_note_a_payment_a_paid_item(self):
        credit = self._invoice(self.customer, 50, overdue=5, move_type="out_refund")
        self._refused("nothing that the customer owes", self._line(credit, 10))
        advance = self._entry(self.customer, -40)
        self._refused("nothing that the customer owes", self._line(advance, 10))
        revenue = self.invoice.invoice_line_ids
        self._refused("nothing that the customer owes", {"line_id": revenue.id})
        line = self._line(self.invoice, 10)
        self._pay(self.invoice)
        self._refused("nothing is left to pay", line)
        self._refused("nothing is left to pay", {"invoice_line_id": revenue.id})

    def test_a_draft(self):
        self.invoice.button_draft()
        self._refused("not posted", {"invoice_line_id": self.invoice.invoice_line_ids.id})

    def test_another_customer_s(self):
        other = self._invoice(self.other_customer, 100, overdue=10)
        self._sync_cases()
        self._refused("another customer", self._line(other, 10))
        self._refused("another customer", self._line(self.invoice, 10), self._line(other, 10))

    def test_another_company_s(self):
        other = self.setup_other_company()["company"]
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "company_id": other.id,
                "partner_id": self.customer.id,
                "invoice_date": TODAY,
                "invoice_line_ids": [Command.create({"name": "Goods", "price_unit": 100})],
            }
        )
        invoice.action_post()
        line = self._line(invoice, 10)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self.env["collection.dispute"].with_user(self.owner).create(
                {
                    "case_id": self.case.id,
                    "reason_id": self.reason.id,
                    "line_ids": [Command.create(line)],
                }
            )
        self.owner.company_ids += other
        both = self.owner.company_ids.ids
        owner = self.env["collection.dispute"].with_user(self.owner)
        with self.assertRaisesRegex(UserError, "another company"):
            owner.with_context(allowed_company_ids=both).create(
                {
                    "case_id": self.case.id,
                    "reason_id": self.reason.id,
                    "line_ids": [Command.create(line)],
                }
            )

    def test_in_another_currency(self):
        euro = self.setup_other_currency("EUR")
        self._refused(
            "is in USD: give", {**self._line(self.invoice, 10), "currency_id": euro.id}
        )
        foreign = self._invoice(self.customer, 100, overdue=10, currency_id=euro.id)
        lines = self._receivable(self.invoice) | self._receivable(foreign)
        with self.assertRaisesRegex(UserError, "one currency at a time"):
            self.case._dispute_quick(reason=self.reason, lines=lines, amount=150)

    def test_in_the_future(self):
        self._refused("in the future", self._line(self.invoice), date_opened=TODAY + DAY)

    def test_figures_are_not_made_up(self):
        for name, value in (
            ("state", "closed"), ("outcome", "accepted"), ("days_to_resolve", 1), ("name", "X"),
            ("resume_rank", 60), ("accepted_amount", 5),
        ):  # fmt: skip
            self._refused("not changed by hand", self._line(self.invoice), **{name: value})
        dispute = self._dispute(self.invoice, 30)
        for values in (
            {"state": "closed"}, {"amount": 1}, {"case_id": self.case.id}, {"line_ids": []},
            {"date_opened": TODAY - DAY}, {"escalation": 0}, {"company_id": self.company.id},
        ):  # fmt: skip
            with self.assertRaises(UserError):
                dispute.with_user(self.manager).write(values)
        for values in ({"amount_currency": 1}, {"accepted_currency": 1}, {"move_name": "X"}):
            with self.assertRaises(UserError):
                dispute.line_ids.with_user(self.manager).write(values)

    def test_a_snapshot_is_not_made_up(self):
        dispute = self.env["collection.dispute"].with_user(self.owner).create(
            {
                "case_id": self.case.id,
                "reason_id": self.reason.id,
                "line_ids": [
                    Command.create(
                        {
                            **self._line(self.invoice, 10),
                            "move_name": "Forged",
                            "amount": 9999,
                            "accepted_currency": 10,
                        }
                    )
                ],
            }
        )
        line = dispute.line_ids
        self.assertEqual((line.move_name, line.amount), (self.invoice.name, 10))
        self.assertEqual(line.accepted_currency, 0)

    def test_defaults_of_a_crafted_context_count_for_nothing(self):
        dispute = (
            self.env["collection.dispute"]
            .with_user(self.owner)
            .with_context(default_state="closed", default_amount_currency=99, default_outcome="x")
            .create(
                {
                    "case_id": self.case.id,
                    "reason_id": self.reason.id,
                    "line_ids": [Command.create(self._line(self.invoice, 10))],
                }
            )
        )
        self.assertEqual((dispute.state, dispute.outcome, dispute.amount), ("new", False, 10))

    # === THE SNAPSHOT OUTLIVES THE LEDGER === #

    def test_an_invoice_posted_again_is_still_disputed(self):
        dispute = self._dispute(self.invoice, 30)
        self.invoice.button_draft()
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 20)
                ],
            }
        )
        self.invoice.invoice_payment_term_id = term
        self.invoice.action_post()
        self.env.invalidate_all()
        lines = self._receivable(self.invoice)
        self.assertEqual(len(lines), 2)
        held = self.env["collection.dispute"]._get_disputed_amounts(lines)
        self.assertEqual(sum(own for own, _company in held.values()), 30)
        self.assertEqual(dispute.line_ids.move_name, self.invoice.name)

    # === TEXTS AND ATTACHMENTS === #

    def test_markup_stays_text(self):
        self.customer.name = MARKUP
        self.reason.name = MARKUP
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        invoice = self._invoice(
            self.customer,
            0,
            overdue=10,
            ref=MARKUP,
            invoice_line_ids=[
                Command.create({"name": MARKUP, "price_unit": 100, "tax_ids": [Command.clear()]})
            ],
        )
        dispute = self._dispute(invoice, 40, description=MARKUP)
        self.assertEqual(dispute.line_ids.description, MARKUP)
        self._resolve(dispute, "rejected", note=MARKUP)
        again = self._dispute(invoice, 40)
        self._noon(TODAY + DAY)
        bodies = [self._reminder(self.customer).body, *dispute.message_ids.mapped("body")]
        bodies += again.activity_ids.mapped("note")
        for body in bodies:
            self.assertNotIn("<script", str(body))
        review = self.env["collection.dispute.report"]
        html = self.env["ir.qweb"]._render(
            "account_collections.dispute_review_open",
            {"listed": again, "day": str, "amount": str, "end": TODAY, "left_out": 0},
        )
        self.assertNotIn("<script", html)
        self.assertIn("&lt;script", html)
        self.assertTrue(review._get_review(self.company, TODAY)["listed"])

    def test_attachments_and_the_customer_s_message_come_along(self):
        message = self.case.message_post(
            body="We contest ten bags.",
            subject="Claim",
            attachments=[("photo.txt", b"torn bags")],
            message_type="email",
            author_id=self.customer.id,
        )
        self.case.unanswered_since = message.date
        with self._at(f"{TODAY} 12:00:00"):
            attachment = self.env["ir.attachment"].with_user(self.owner).create(
                {"name": "slip.txt", "raw": b"slip", "res_model": "collection.dispute.open"}
            )
            wizard = (
                self.env["collection.dispute.open"]
                .with_user(self.owner)
                .with_context(default_case_id=self.case.id)
                .create({"reason_id": self.reason.id, "attachment_ids": attachment.ids})
            )
            self.assertEqual(wizard.message_id, message)
            wizard.line_ids.selected = True
            dispute = self.env["collection.dispute"].browse(wizard.action_open()["res_id"])
        seen = dispute.with_user(self.handler)
        self.assertIn("ten bags", "".join(seen.message_ids.mapped("body")))
        self.assertEqual(
            {one.name: one.raw for one in seen.message_ids.attachment_ids},
            {"photo.txt": b"torn bags", "slip.txt": b"slip"},
        )
        with (
            mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"),
            self.assertRaises(AccessError),
        ):
            message.with_user(self.handler).read(["body"])

    def test_what_is_offered_and_what_is_chosen_in_a_list(self):
        receivable = self.company_data["default_account_receivable"]
        debts = [
            Command.create(
                {"account_id": receivable.id, "partner_id": self.customer.id, "balance": 10 + n}
            )
            for n in range(100)
        ]
        revenue = self.company_data["default_account_revenue"]
        balance = -sum(10 + n for n in range(100))
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY,
                "line_ids": [
                    *debts,
                    Command.create({"account_id": revenue.id, "balance": balance}),
                ],
            }
        ).action_post()
        self.env.flush_all()
        wizard = self.env["collection.dispute.open"].with_user(self.owner)
        context = {"default_case_id": self.case.id}
        offered = wizard.with_context(**context).create({"reason_id": self.reason.id}).line_ids
        self.assertEqual((len(offered), any(offered.mapped("selected"))), (80, False))
        chosen = self._receivable(self.invoice).ids
        lines = wizard.with_context(**context, dispute_item_ids=chosen).create(
            {"reason_id": self.reason.id}
        ).line_ids
        self.assertEqual((lines.line_id.ids, lines.selected), (chosen, True))

    # === CASES MERGE === #

    def test_disputes_move_along_when_customers_are_merged(self):
        dispute = self._dispute(self.invoice, 30)
        self._invoice(self.other_customer, 100, overdue=10)
        self._sync_cases()
        target = self._case(self.other_customer)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(
            (self.customer | self.other_customer).ids, self.other_customer, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual((dispute.case_id, dispute.partner_id), (target, self.other_customer))
        self.assertEqual(dispute.partner_name, "Dupont")


@tagged("post_install", "-at_install")
class TestWaysIn(DisputeCommon):
    """'Pause…' and the result of a call open disputes too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._invoice(cls.customer, 100, overdue=20)
        cls.second = cls._invoice(cls.customer, 200, overdue=10)
        cls.coming = cls._invoice(cls.customer, 50, overdue=-10)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)

    def _pause(self, cases, **values):
        with self._at(f"{TODAY} 12:00:00"):
            form = Form(
                self.env["collection.pause"]
                .with_user(self.owner)
                .with_context(active_model="collection.case", active_ids=cases.ids)
            )
            form.kind = "dispute"
            for name, value in values.items():
                form[name] = value
            action = form.save().action_pause()
        self.env.invalidate_all()
        return self.env["collection.dispute"].browse(action["res_id"])

    def test_pause_disputes_all_that_is_overdue(self):
        dispute = self._pause(
            self.case, dispute_reason_id=self.reason, dispute_text="Missing", note="Said Ann"
        )
        self.assertEqual(dispute.amount, 300)
        self.assertEqual(dispute.description, "Missing\nSaid Ann")
        self.assertEqual(dispute.user_id, self.handler)
        self.assertEqual(self._claimed(self.customer), {self.coming.name: 50})

    def test_pause_disputes_an_amount_oldest_first(self):
        dispute = self._pause(self.case, dispute_reason_id=self.reason, disputed_amount=130)
        amounts = {line.move_name: line.amount for line in dispute.line_ids}
        self.assertEqual(amounts, {self.first.name: 100, self.second.name: 30})

    def test_pause_refuses_what_cannot_be(self):
        with self.assertRaisesRegex(UserError, "is left open"):
            self._pause(self.case, dispute_reason_id=self.reason, disputed_amount=301)
        self._invoice(self.other_customer, 100, overdue=10)
        self._sync_cases()
        with self.assertRaisesRegex(UserError, "several"):
            self._pause(
                self.case | self._case(self.other_customer), dispute_reason_id=self.reason
            )

    def _call(self, **values):
        item = self.env["collection.item"].browse(self._receivable(self.second).id)
        with self._at(f"{TODAY} 12:00:00"):
            form = Form(
                self.env["collection.call.note"]
                .with_user(self.owner)
                .with_context(default_case_id=self.case.id)
            )
            form.result = "contests"
            form.note = "Ten bags are missing"
            if values:
                form.dispute_reason_id = self.reason
                form.dispute_item_ids.add(item)
                form.disputed_amount = values["amount"]
            action = form.save().action_note()
        self.env.invalidate_all()
        return action

    def test_who_contests_on_the_telephone(self):
        action = self._call(amount=25)
        dispute = self.env["collection.dispute"].browse(action["res_id"])
        line = dispute.line_ids
        self.assertEqual((line.move_name, line.amount), (self.second.name, 25))
        self.assertEqual(dispute.description, "Ten bags are missing")
        call = self.env["collection.call"].search([("case_id", "=", self.case.id)])
        self.assertEqual(call.result, "contests")

    def test_without_a_reason_the_call_is_only_noted(self):
        self._call()
        self.assertFalse(self.case.dispute_ids)
