from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
PAID_ON = TODAY + DAY


@tagged("post_install", "-at_install")
class TestThanks(CollectionCommon):
    """Thanked once, on the next working day, when nothing else is overdue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.env.ref("account_collections.mail_template_thanks")
        cls.scenario.level_ids = [
            cls._level(5, 0, "Thank-you", trigger="after_payment", template_id=template.id)
        ]
        cls.thanks = cls.scenario.level_ids.filtered(lambda one: one.rank == 5)

    def _settle(self, invoice, day=PAID_ON, value_date=TODAY, amount=None):
        """Pay what was dunned; the accountant allocates it on ``day``."""
        payments = self._pay(invoice, amount, payment_date=value_date)
        self._set_settled(invoice, day)
        return payments

    def _set_settled(self, invoice, day):
        self.env.flush_all()
        self.cr.execute(
            SQL(
                """UPDATE account_partial_reconcile SET create_date = %s
                    WHERE debit_move_id = ANY(%s)""",
                f"{day} 10:00:00",
                invoice.line_ids.ids,
            )
        )

    def _dunned(self, amount=100, partner=None):
        invoice = self._invoice(partner or self.customer, amount, overdue=10)
        self._day()
        return invoice

    def _thank_you(self, partner=None):
        reminders = self._case(partner or self.customer).reminder_ids
        return reminders.filtered(lambda one: one.kind == "thanks")

    def test_the_day_after_the_payment(self):
        invoice = self._dunned()
        self._settle(invoice)
        self._day(PAID_ON)
        case = self._case(self.customer)
        self.assertEqual(case.decision_id.reason, "thanks_due")
        self.assertEqual(case.next_date, PAID_ON + DAY)
        self._morning(PAID_ON + DAY)
        thanks = self._thank_you()
        self.assertEqual((thanks.state, thanks.level_id), ("scheduled", self.thanks))
        self.assertEqual(thanks.item_ids.date_paid, TODAY, "the value date of the money")
        self.assertEqual(thanks.item_ids.amount_currency, 100)
        self.assertIn("thank you for your payment", thanks.subject)
        self.assertIn(invoice.name, thanks.body)
        self.assertIn("03/18/2026", thanks.body)
        self._noon(PAID_ON + DAY)
        self.assertEqual(thanks.state, "sent")
        for later in range(2, 6):
            self._day(PAID_ON + later * DAY)
        self.assertEqual(self._thank_you(), thanks, "once")
        self.assertEqual(case.last_contact, TODAY, "a thank-you is no reminder")

    def test_paid_on_a_friday_it_leaves_on_monday(self):
        invoice = self._dunned()
        friday = TODAY + 2 * DAY
        self._settle(invoice, friday)
        self._day(friday)
        self.assertEqual(self._case(self.customer).next_date, TODAY + 5 * DAY)
        self._day(TODAY + 5 * DAY)
        self.assertEqual(self._thank_you().state, "sent")

    def test_what_was_to_leave_for_it_ends(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        self._day()
        self.scenario.level_ids.filtered(lambda one: one.rank == 30).approval = True
        self._day(TODAY + 7 * DAY)
        waiting = self._reminder(self.customer)
        self.assertEqual(waiting.state, "to_approve")
        self._settle(invoice, TODAY + 7 * DAY)
        self._day(TODAY + 8 * DAY)
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "paid"))
        self._day(TODAY + 9 * DAY)
        self.assertEqual(self._thank_you().state, "sent")

    def _promise(self, invoice):
        """Let the customer promise an invoice, at noon of ``TODAY``."""
        self.scenario.thank_for_promises = True
        case = self._case(self.customer).with_user(self.owner)
        items = case.env["collection.item"].search([("move_id", "=", invoice.id)])
        with self._at(f"{TODAY} 13:00:00"):
            return case._promise_quick(None, PAID_ON + DAY, items=items).sudo()

    def test_who_kept_a_promise_is_thanked_once(self):
        """The scenario thanks for payments and for kept promises: one message, and no call."""
        invoice = self._dunned()
        promise = self._promise(invoice)
        self._settle(invoice)
        self._day(PAID_ON)
        case = self._case(self.customer)
        self.assertEqual((promise.state, case.decision_id.reason), ("kept", "thanks_due"))
        self.assertFalse(case.activity_ids, "the level will thank")
        self._day(PAID_ON + DAY)
        self.assertEqual(self._thank_you().state, "sent")
        self.assertFalse(case.activity_ids)

    def test_a_person_thanks_for_a_promise_where_the_level_does_not(self):
        """Something else is overdue: no message thanks, who kept the promise still hears of it."""
        invoice = self._dunned()
        promise = self._promise(invoice)
        self._invoice(self.customer, 400, overdue=10)
        self._settle(invoice)
        self._morning(PAID_ON)
        self.assertEqual(promise.state, "kept")
        self.assertIn("thank them", self._case(self.customer).activity_ids.summary)
        self.assertFalse(self._thank_you())

    def test_never_when_something_else_is_overdue(self):
        invoice = self._dunned()
        self._settle(invoice)
        other = self._invoice(self.customer, 50, overdue=2)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you())
        # paid too, within the week: now for both, if both were asked for
        self._pay(other)
        self._day(PAID_ON + 2 * DAY)
        self.assertEqual(self._thank_you().item_ids.move_id, invoice)

    def test_something_falls_overdue_before_it_leaves(self):
        invoice = self._dunned()
        self._settle(invoice)
        self._morning(PAID_ON + DAY)
        self._invoice(self.customer, 500, overdue=1)
        self._noon(PAID_ON + DAY)
        self.assertEqual(self._thank_you().state, "cancelled")

    def test_not_for_what_a_credit_note_settled(self):
        invoice = self._dunned()
        refund = invoice._reverse_moves(cancel=True)
        self.assertEqual(refund.state, "posted")
        self._set_settled(invoice, PAID_ON)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you())

    def test_not_for_a_write_off(self):
        invoice = self._dunned()
        general = self.company_data["default_journal_misc"]
        written_off = self._entry(self.customer, -100, journal=general)
        (invoice + written_off).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._set_settled(invoice, PAID_ON)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you())

    def test_a_payment_and_a_credit_note_thanks_for_the_payment(self):
        invoice = self._dunned()
        refund = invoice._reverse_moves()
        refund.invoice_line_ids.price_unit = 30
        refund.action_post()
        (invoice + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._settle(invoice)
        self._day(PAID_ON + DAY)
        self.assertEqual(self._thank_you().amount, 70)

    def test_not_for_a_part(self):
        invoice = self._dunned()
        self._settle(invoice, amount=60)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you())

    def test_not_for_what_was_never_reminded(self):
        self._dunned()
        other = self._invoice(self.other_customer, 100, overdue=1)
        self._morning()
        self._settle(other)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you(self.other_customer))

    def test_not_after_a_week(self):
        invoice = self._dunned()
        self._settle(invoice)
        self._day(PAID_ON + 8 * DAY)
        self.assertFalse(self._thank_you())

    def test_withdrawn_it_does_not_come_back(self):
        invoice = self._dunned()
        self._settle(invoice)
        self._morning(PAID_ON + DAY)
        self._thank_you().with_user(self.owner).action_withdraw()
        self._day(PAID_ON + 2 * DAY)
        self.assertEqual(self._thank_you().state, "withdrawn")

    def test_a_scenario_without_it_does_not_thank(self):
        self.thanks.unlink()
        invoice = self._dunned()
        self._settle(invoice)
        self._day(PAID_ON + DAY)
        self.assertFalse(self._thank_you())
        self.assertEqual(self._case(self.customer).decision_id.reason, "nothing_owed")

    def test_one_level_thanks(self):
        with self.assertRaises(ValidationError):
            self.scenario.level_ids = [self._level(6, 0, "Twice", trigger="after_payment")]

    def test_its_rank_is_no_step_of_the_ladder(self):
        self.scenario.level_ids = [
            Command.update(self.thanks.id, {"rank": 90}),
        ]
        self._dunned()
        self.assertEqual(self._reminder(self.customer).rank, 20)

    # === ANNOUNCEMENTS === #

    def test_an_announcement_leaves_beside_a_formal_notice_that_waits(self):
        """The credit manager takes a week to approve; what falls due is announced meanwhile."""
        self.scenario.level_ids = [
            self._level(10, -5, "Announcement", trigger="before_due", min_amount=500)
        ]
        self.scenario.level_ids.filtered(lambda one: one.rank == 20).approval = True
        self._invoice(self.customer, 100, overdue=10)
        self._day()
        waiting = self._reminder(self.customer)
        self.assertEqual(waiting.state, "to_approve")
        soon = self._invoice(self.customer, 900, overdue=-5)
        self._day(TODAY + DAY)
        announced = self._case(self.customer).reminder_ids - waiting
        self.assertEqual((announced.kind, announced.state), ("preventive", "sent"))
        self.assertEqual(announced.item_ids.move_id, soon)
        self.assertEqual(waiting.state, "to_approve")
        self._day(TODAY + 2 * DAY)
        self.assertEqual(len(self._case(self.customer).reminder_ids), 2, "announced once")
