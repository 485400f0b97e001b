import time
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models.collection_gather import CollectionGather
from ..models.collection_run import CollectionRun
from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestBadInput(CollectionCommon):
    """Each thing that may be wrong has a visible answer, and no other case suffers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.other_customer, 500, overdue=10)

    def _the_others_go_on(self):
        reminder = self._reminder(self.other_customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 500))

    def _defects(self, partner):
        self.env.invalidate_all()
        return set(
            self.env["collection.defect"].search([("partner_id", "=", partner.id)]).mapped("kind")
        )

    def _reason(self, partner):
        return self._case(partner).decision_id.reason

    # === ADDRESS === #

    def test_no_address_becomes_a_task(self):
        for email in (False, "not an address"):
            with self.subTest(email=email):
                customer = self._customer("Durand", email=email)
                self._invoice(customer, 100, overdue=10)
                self._day()
                reminder = self._reminder(customer)
                self.assertEqual(self._reason(customer), "level_called_no_address")
                self.assertEqual((reminder.channel, reminder.state), ("task", "to_do"))
                self.assertEqual(reminder.activity_id.user_id, self.owner)
                self.assertIn("no_address", self._defects(customer))
                self._the_others_go_on()

    def test_an_address_of_somebody_else_in_the_company_is_no_address(self):
        """A contact without a role is not written to: it is to be repaired."""
        customer = self._customer("Durand", email=False)
        self.env["res.partner"].create(
            {"name": "Driver", "parent_id": customer.id, "email": "driver@customer.example"}
        )
        self._invoice(customer, 100, overdue=10)
        self._morning()
        self.assertEqual(self._reason(customer), "level_called_no_address")
        self.assertIn("no_address", self._defects(customer))

    def test_level_that_waits_for_an_address(self):
        self.scenario.level_ids[0].undeliverable = "wait"
        customer = self._customer("Durand", email=False)
        self._invoice(customer, 100, overdue=10)
        self._day()
        self.assertEqual(self._reason(customer), "no_address")
        self.assertIn("no_address", self._defects(customer))
        customer.email = "new@customer.example"
        self._day(TODAY + DAY)
        self.assertEqual(self._reminder(customer).state, "sent")
        self.assertNotIn("no_address", self._defects(customer))

    def test_nobody_has_an_address_to_send_from(self):
        self._morning()
        self.owner.partner_id.email = False
        self.company.partner_id.email = False
        self.company.collection_alias_id.alias_domain_id = False
        self._noon()
        reminder = self._reminder(self.other_customer)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("send from", reminder.failure)

    def test_salesperson_without_an_address(self):
        self.company.email = "billing@company.example"
        self.scenario.level_ids[0].recipient_role = "salesperson"
        self.owner.partner_id.email = False
        self.customer.user_id = self.owner
        self.other_customer.user_id = self.manager
        self._invoice(self.customer, 100, overdue=10)
        self._day()
        self.assertEqual(self._reason(self.customer), "level_called_no_address")
        self._the_others_go_on()

    def test_address_taken_away_before_departure(self):
        self._invoice(self.customer, 100, overdue=10)
        self._morning()
        self.customer.email = "gone"
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("e-mail", reminder.failure)
        self._the_others_go_on()

    # === MONEY === #

    def test_zero_and_negative_balance(self):
        zero, negative = self._customer("Zero"), self._customer("Minus")
        for customer, credit in ((zero, 100), (negative, 160)):
            self._invoice(customer, 100, overdue=10)
            self._invoice(customer, credit, overdue=5, move_type="out_refund")
        self._day()
        self.assertEqual(self._reason(zero), "nothing_owed")
        self.assertEqual(self._reason(negative), "credit_balance")
        self.assertFalse((self._case(zero) | self._case(negative)).reminder_ids)
        self._the_others_go_on()

    def test_no_due_date_is_to_be_repaired(self):
        line = self._entry(self.customer, 80).line_ids.filtered(lambda line: line.balance > 0)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", [line.id]
        )
        self.env.invalidate_all()
        self._day()
        self.assertIn("no_due_date", self._defects(self.customer))
        self._the_others_go_on()

    def test_posted_again_with_other_terms_keeps_its_rank(self):
        """One line becomes two: both stand where the invoice stood."""
        invoice = self._invoice(self.customer, 100, overdue=10)
        self._day()
        self.assertEqual(self._reminder(self.customer).state, "sent")
        invoice.button_draft()
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 20}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 25}),
                ],
            }
        )
        invoice.action_post()
        invoice.is_move_sent = True
        facts, made = self._decided(self.customer, TODAY + 7 * DAY)
        self.assertEqual([item.rank for item in facts.items], [20, 20])
        self.assertEqual(made.level.rank, 30)
        items = self.env["collection.item"].search([("move_id", "=", invoice.id)])
        self.assertEqual(items.mapped("rank"), [20, 20])

    def test_ten_thousand_items(self):
        invoice = self._invoice(self.customer, 10, overdue=10)
        line = invoice.line_ids.filtered(lambda line: line.balance > 0)
        self.env.flush_all()
        self.cr.execute(
            """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                WHERE attrelid = 'account_move_line'::regclass AND attnum > 0
                  AND NOT attisdropped AND attname <> 'id'"""
        )
        [columns] = self.cr.fetchone()
        self.cr.execute(
            f"""INSERT INTO account_move_line ({columns})
                SELECT {columns} FROM account_move_line, generate_series(2, 10000)
                 WHERE account_move_line.id = %s""",
            [line.id],
        )
        started = time.monotonic()
        self._morning()
        decided = time.monotonic()
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.item_count, reminder.amount), (10000, 100000))
        self.assertEqual(reminder.state, "sent")
        self.assertLess(len(str(self._case(self.customer).decision_id.trace)), 20000)
        self._the_others_go_on()
        print(  # pylint: disable=print-used
            f"10,000 items: decided in {decided - started:.1f} s,"
            f" left in {time.monotonic() - decided:.1f} s"
        )

    # === CUSTOMERS === #

    def test_archived_customer(self):
        self._invoice(self.customer, 100, overdue=10)
        self._morning()
        self.customer.active = False
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "archived"))
        self._morning(TODAY + DAY)
        self.assertEqual(self._reason(self.customer), "archived")
        self._the_others_go_on()

    def test_archived_before_its_first_case(self):
        self._invoice(self.customer, 100, overdue=10)
        self.customer.active = False
        self._day()
        case = self._case(self.customer)
        self.assertEqual(case.decision_id.reason, "archived")
        self.assertEqual(case.portfolio_id, self.portfolio)
        self._the_others_go_on()

    def test_markup_in_names_is_text(self):
        customer = self._customer(
            "<b>Dur&and</b><script>alert(1)</script>", email="m@customer.example"
        )
        self.template.body_html = '<p>Dear <t t-out="object.debtor_id.name"/></p>'
        invoice = self._invoice(customer, 100, overdue=10, ref="<img src=x onerror=alert(2)>")
        self._day()
        reminder = self._reminder(customer)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.subject, f"Reminder for {customer.name}")
        self.assertIn("&lt;script&gt;", reminder.body)
        self.assertNotIn("<script>", reminder.mail_message_id.body)
        shown = " ".join(
            str(html)
            for html in (
                reminder.case_id.decision_id.why,
                customer.collection_situation,
                invoice.collection_situation,
            )
        )
        self.assertNotIn("<script", shown)
        self.assertNotIn("<b>Dur", shown)

    # === SCENARIOS === #

    def test_template_with_an_error_is_that_level_s_failure_only(self):
        broken = self.template.copy(
            {"body_html": '<p><t t-out="object.no_such_field"/></p>', "name": "Broken"}
        )
        public = self.scenario.copy({"name": "Broken", "is_fallback": False, "sequence": 1})
        public.partner_domain = str([("id", "=", self.customer.id)])
        public.level_ids.template_id = broken
        self._invoice(self.customer, 100, overdue=10)
        with self.assertLogs("odoo.addons.account_collections", "WARNING"):
            self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("no_such_field", reminder.failure)
        self._noon()
        self._the_others_go_on()
        self._morning(TODAY + DAY)
        self.assertEqual(self._reason(self.customer), "stuck")
        # mended and sent again, the text is there
        broken.body_html = "<p>Please pay.</p>"
        with self._at(f"{TODAY + DAY} 10:00:00"):
            reminder.action_send_again()
        self._noon(TODAY + DAY)
        self.assertEqual(reminder.state, "sent")
        self.assertIn("Please pay.", reminder.mail_message_id.body)

    def test_a_template_still_broken_fails_again(self):
        self.template.body_html = '<p><t t-out="object.no_such_field"/></p>'
        self._invoice(self.customer, 100, overdue=10)
        with self.assertLogs("odoo.addons.account_collections", "WARNING"):
            self._morning()
        reminder = self._reminder(self.customer)
        with self._at(f"{TODAY} 10:00:00"):
            reminder.action_send_again()
        with self.assertLogs("odoo.addons.account_collections", "WARNING"):
            self._noon()
        self.assertEqual(reminder.state, "failed")

    def test_scenario_without_levels(self):
        empty = self.env["collection.scenario"].create(
            {
                "name": "Empty",
                "sequence": 1,
                "partner_domain": str([("id", "=", self.customer.id)]),
            }
        )
        self._invoice(self.customer, 100, overdue=10)
        self._day()
        self.assertEqual(self._reason(self.customer), "no_level")
        self.assertEqual(self._case(self.customer).scenario_id, empty)
        self.assertIn("no_level", self._defects(self.customer))
        self._the_others_go_on()

    def test_no_scenario(self):
        self.scenario.write({"is_fallback": False, "min_outstanding": 400})
        self._invoice(self.customer, 100, overdue=10)
        self._day()
        self.assertEqual(self._reason(self.customer), "no_scenario")
        self.assertIn("no_scenario", self._defects(self.customer))
        self._the_others_go_on()

    def test_overlapping_segments_the_first_in_sequence_takes_the_customer(self):
        first, second = (
            self.scenario.copy({"name": name, "is_fallback": False, "max_outstanding": 1500})
            for name in ("First", "Second")
        )
        self._invoice(self.customer, 1499.99, overdue=10)
        for order in ((first, second), (second, first)):
            for sequence, scenario in enumerate(order):
                scenario.sequence = sequence
            self._morning()
            self.assertEqual(self._case(self.customer).scenario_id, order[0])
        self._invoice(self.customer, 0.01, overdue=10)
        self._morning(TODAY + DAY)
        self.assertEqual(self._case(self.customer).scenario_id, self.scenario)

    def test_customers_that_cannot_be_read_are_refused(self):
        for domain in ("[('no_such', '=', 1)]", "[(", "1 + 1"):
            for record in (self.scenario, self.portfolio):
                with (
                    self.subTest(domain=domain, model=record._name),
                    self.assertRaises(ValidationError),
                ):
                    record.partner_domain = domain

    def test_a_level_deleted_while_reminders_wait(self):
        self._invoice(self.customer, 100, overdue=10)
        self._morning()
        reminder = self._reminder(self.customer)
        self.scenario.level_ids[0].unlink()
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "level_deleted"))
        self.assertEqual(reminder.level_name, "Courteous")
        self.assertEqual(reminder.end_sentence, "Level deleted")
        self.assertIn("a deleted level", self._case(self.customer).decision_sentence)
        self._noon()
        self._day(TODAY + DAY)
        self.assertEqual(self._reminder(self.customer).level_name, "Direct")

    def test_a_scenario_deleted_while_reminders_wait(self):
        other = self.scenario.copy({"name": "Short-lived", "is_fallback": False, "sequence": 1})
        other.partner_domain = str([("id", "=", self.customer.id)])
        self._invoice(self.customer, 100, overdue=10)
        self._morning()
        other.unlink()
        self._noon()
        self.assertEqual(self._reminder(self.customer).state, "cancelled")
        self._the_others_go_on()

    # === CALENDAR === #

    def test_no_calendar(self):
        """Without a calendar the usual week-end is kept: decided on Sunday, leaving on Monday."""
        self.company.resource_calendar_id = False
        self._invoice(self.customer, 100, overdue=10)
        sunday = TODAY + 4 * DAY
        self._morning(sunday)
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.depart_at.date(), sunday + DAY)
        self._day(sunday + DAY)
        self.assertEqual(reminder.state, "sent")

    def test_holidays_of_the_calendar(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Bridge",
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": f"{TODAY} 00:00:00",
                "date_to": f"{TODAY + DAY} 23:59:59",
            }
        )
        self._invoice(self.customer, 100, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.customer).depart_at.date(), TODAY + 2 * DAY)

    # === PROGRAMS === #

    def test_one_guard_that_raises_harms_one_case(self):
        self._invoice(self.customer, 100, overdue=10)
        self._sync_cases()
        victim = self._case(self.customer).id
        decide_one = CollectionRun._decide_one

        def failing(records, fact, today, guards):
            if fact.key == victim:
                fact.items = None
            return decide_one(records, fact, today, guards)

        with (
            patch.object(CollectionRun, "_decide_one", failing),
            self.assertLogs("odoo.addons.account_collections", "WARNING"),
        ):
            summary = self._morning()
        self.assertEqual(summary["errors"], 1)
        self.assertEqual(self._reason(self.customer), "error")
        self.assertIn("TypeError", self._case(self.customer).decision_sentence)
        self.assertIn("error", self._defects(self.customer))
        self._noon()
        self._the_others_go_on()
        # the error over, the same day's next run goes on
        self._morning()
        self.assertEqual(self._reason(self.customer), "level_called")

    def test_a_batch_that_cannot_be_gathered_is_taken_case_by_case(self):
        self._invoice(self.customer, 100, overdue=10)
        self._sync_cases()
        victim = self._case(self.customer).id
        gather = CollectionGather._gather_facts

        def failing(records, cases, today):
            if victim in cases.ids:
                records.env.cr.execute("SELECT 1 / 0")
            return gather(records, cases, today)

        with (
            patch.object(CollectionGather, "_gather_facts", failing),
            self.assertLogs("odoo.addons.account_collections", "WARNING"),
            self.assertLogs("odoo.sql_db", "ERROR"),
        ):
            summary = self._morning()
        self.assertEqual((summary["errors"], summary["reminders"]), (1, 1))
        self.assertEqual(self._reason(self.customer), "error")
        self._noon()
        self._the_others_go_on()

    def test_a_departure_that_raises_harms_one_reminder(self):
        """The largest leaves first, and fails; the others leave in the same departure."""
        self._invoice(self.customer, 9000, overdue=10)
        self._morning()
        victim = self._reminder(self.customer)
        gather = CollectionGather._gather_facts

        def failing(records, cases, today):
            if cases == victim.case_id:
                raise ValueError("broken")
            return gather(records, cases, today)

        with (
            patch.object(CollectionGather, "_gather_facts", failing),
            self.assertLogs("odoo.addons.account_collections", "ERROR"),
        ):
            self._noon()
        self._the_others_go_on()
        self.assertEqual(victim.state, "failed")
        self.assertIn("broken", victim.failure)
