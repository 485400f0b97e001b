from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestProbablyPaid(CollectionCommon):
    """Money that has arrived and is not allocated holds the reminder of what it pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.accountant = new_test_user(
            cls.env,
            "accountant",
            "account.group_account_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            email="accountant@company.example",
        )
        cls.company.collection_accountant_id = cls.accountant

    def _arrive(self, amount, text="", at=f"{TODAY} 07:50:00", **values):
        """A transfer arrives on the bank statement at a moment (UTC)."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": TODAY,
                "amount": amount,
                "payment_ref": text or "Transfer",
                **values,
            }
        )
        self._set_created(line, at)
        return line

    def _set_created(self, record, at):
        self.env.flush_all()
        self.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s WHERE id = %s",
                SQL.identifier(record._table),
                at,
                record.id,
            )
        )
        record.invalidate_recordset(["create_date"])

    def _held(self, partner):
        """Return (reason, codes of what is withheld) of the decision on a customer."""
        _fact, made = self._decided(partner)
        return made.reason, set(made.situation.withheld)

    # === THE STORY === #

    def test_a_transfer_of_48000_arrives_at_ten_to_nine(self):
        """Unallocated at 08:50; the reminder of 09:30 is held, and the accountant told."""
        self.company.resource_calendar_id.tz = "Europe/Paris"
        invoice = self._invoice(self.customer, 48000, overdue=10)
        with self._at(f"{TODAY} 06:00:00"):
            self._run()
        reminder = self._reminder(self.customer)
        self.assertEqual(str(reminder.depart_at), f"{TODAY} 08:30:00")
        line = self._arrive(48000, "VIR SEPA", at=f"{TODAY} 07:50:00")
        self._depart(f"{TODAY} 08:30:00")
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "probably_paid"))
        self.assertEqual(reminder.end_sentence, "Probably paid")
        task = line.move_id.activity_ids
        self.assertEqual(task.user_id, self.accountant)
        self.assertIn("Allocate", task.summary)
        probable = self.env["collection.probable.payment"].search([])
        self.assertEqual(
            (probable.statement_line_id, probable.case_id.partner_id, probable.amount),
            (line, self.customer, 48000),
        )
        self.assertEqual(probable.date_until, TODAY + 4 * DAY)
        # it is held, day after day, and nobody is told twice
        self._morning(TODAY + DAY)
        case = self._case(self.customer)
        self.assertEqual(case.decision_id.reason, "probably_paid")
        self.assertEqual(case.next_date, date(2026, 3, 23))
        self.assertEqual(line.move_id.activity_ids, task)
        # nobody allocated it: after five days the customer is asked after all
        self._morning(date(2026, 3, 23))
        self.assertEqual(case.reminder_ids[0].state, "scheduled")
        # allocated at last
        (invoice.line_ids + self._allocate(line, self.customer)).filtered(
            lambda one: one.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._noon(date(2026, 3, 23))
        self.assertEqual(case.reminder_ids[0].end_reason, "paid")
        self.assertTrue(probable.is_allocated)

    def _allocate(self, line, partner):
        """Put the money of a bank line on the customer's account."""
        _liquidity, suspense, _other = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.write(
            {
                "account_id": self.company_data["default_account_receivable"].id,
                "partner_id": partner.id,
            }
        )
        return line.move_id.line_ids

    def test_without_money_it_leaves(self):
        self._invoice(self.customer, 48000, overdue=10)
        self._day()
        self.assertEqual(self._reminder(self.customer).state, "sent")
        self.assertFalse(self.env["collection.probable.payment"].search([]))

    # === WHAT MATCHES === #

    def test_a_reference_holds_the_invoice_it_names(self):
        first = self._invoice(self.customer, 300, overdue=10)
        self._invoice(self.customer, 200, overdue=10)
        self._arrive(300, f"payment of {first.name.lower()}, thanks")
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 200)
        self.assertEqual([line.claim.item.move for line in made.lines].count(first.id), 0)

    def test_a_payment_reference_counts_too(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        invoice.payment_reference = "RF18539007547034"
        self._arrive(300, "RF18 5390 0754 7034")
        self.assertEqual(self._held(self.customer)[0], "probably_paid")

    def test_a_part_holds_a_part(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        self._arrive(100, invoice.name)
        _fact, made = self._decided(self.customer)
        self.assertEqual((made.outcome, made.situation.overdue), ("remind", 200))

    def test_the_amount_at_departure_is_what_is_left(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        self._morning()
        self._arrive(100, invoice.name, at=f"{TODAY} 07:00:00")
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 200))
        self.assertTrue(self.env["collection.probable.payment"].search([]))

    def test_the_partner_of_the_line(self):
        for amount in (100, 250, 330):
            self._invoice(self.customer, amount, overdue=10)
        self._invoice(self.other_customer, 580, overdue=10)
        self._arrive(580, partner_id=self.customer.id)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 100, "250 and 330 are paid")
        self.assertEqual(self._held(self.other_customer)[0], "level_called")

    def test_a_bank_account_tells_whose_it_is(self):
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": self.customer.id}
        )
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=10)
        self._arrive(100, account_number="BE71096123456769")
        self.assertEqual(self._held(self.customer)[0], "probably_paid")
        self.assertEqual(self._held(self.other_customer)[0], "level_called")

    def test_a_name_tells_whose_it_is(self):
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=10)
        self._arrive(100, partner_name="DUPONT")
        self.assertEqual(self._held(self.customer)[0], "probably_paid")
        self.assertEqual(self._held(self.other_customer)[0], "level_called")

    def test_how_certain_it_has_to_be_is_a_setting(self):
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(100)
        self.assertEqual(self._held(self.customer)[0], "probably_paid")
        self.company.collection_probable_certainty = "customer"
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_money_of_a_customer_who_owes_nothing_is_nobody_elses(self):
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(100, partner_id=self._customer("Stranger").id)
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_what_does_not_match(self):
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(-100, "Fees")
        self._arrive(99.99)
        self._arrive(100, at=f"{TODAY - 5 * DAY} 08:00:00")
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_days_are_a_setting(self):
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(100, at=f"{TODAY - 5 * DAY} 08:00:00")
        self.company.collection_probable_days = 6
        self.assertEqual(self._held(self.customer)[0], "probably_paid")
        self.company.collection_probable_days = 0
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_another_companys_money_is_not_ours(self):
        other = self.setup_other_company()["company"]
        invoice = self._invoice(self.customer, 100, overdue=10)
        journal = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "bank")], limit=1
        )
        self._arrive(100, invoice.name, journal_id=journal.id)
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_another_currency(self):
        """1,000 in the invoice's currency, whatever the rate of today makes of it."""
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 3), ("2026-03-01", 2)])
        self._invoice(self.customer, 1000, overdue=30, currency_id=currency.id)
        self._arrive(500, foreign_currency_id=currency.id, amount_currency=1000)
        self.assertEqual(self._held(self.customer)[0], "probably_paid")

    def test_a_hostile_text_is_a_text(self):
        self._invoice(self.customer, 100, overdue=10)
        self.customer.name = "<script>alert(1)</script> %s"
        self._arrive(100, "'; DROP TABLE account_move; -- % %s \\ " + "A1234 " * 5000)
        self._morning()
        self.assertEqual(self._case(self.customer).decision_id.reason, "probably_paid")
        note = self.env["mail.activity"].search([("summary", "like", "Allocate")]).note
        self.assertNotIn("<script>", note)

    # === TWO CUSTOMERS === #

    def test_a_line_that_matches_two_customers_holds_both_and_says_so(self):
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=10)
        line = self._arrive(100)
        self._morning()
        for partner in (self.customer, self.other_customer):
            case = self._case(partner)
            self.assertEqual(case.decision_id.reason, "probably_paid_shared")
            self.assertIn("another customer: both wait", case.decision_sentence)
            self.assertFalse(case.reminder_ids)
        task = line.move_id.activity_ids
        self.assertEqual(len(task), 1)
        self.assertIn("Dupont", task.note)
        self.assertIn("Martin", task.note)
        probable = self.env["collection.probable.payment"].search([])
        self.assertEqual(len(probable), 2)
        self.assertTrue(all(probable.mapped("is_shared")))

    def test_the_other_customer_counts_whatever_the_batch(self):
        """At departure one case is asked again; the other one is named all the same."""
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=-20)
        self._morning()
        line = self._arrive(100)
        self._noon()
        self.assertEqual(self._reminder(self.customer).end_reason, "probably_paid_shared")
        self.assertIn("Martin", line.move_id.activity_ids.note)

    def test_an_amount_that_everybody_owes_says_nothing(self):
        for number in range(4):
            self._invoice(self._customer(f"Crowd {number}"), 100, overdue=10)
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(100)
        self.assertEqual(self._held(self.customer)[0], "level_called")

    def test_merged_customers_keep_what_held_them(self):
        self._invoice(self.customer, 100, overdue=10)
        self._invoice(self.other_customer, 100, overdue=10)
        line = self._arrive(100)
        self._morning()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            [self.customer.id, self.other_customer.id], self.customer
        )
        probable = self.env["collection.probable.payment"].search([])
        self.assertEqual(probable.case_id, self._case(self.customer))
        self.assertEqual((len(probable), probable.statement_line_id), (1, line))

    # === NOT TWICE === #

    def test_an_unallocated_payment_nets_and_is_not_counted_twice(self):
        """The payment was registered, its bank line has arrived: 100 of 300 are paid, not 200."""
        self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.customer, 200, overdue=10)
        self._payment(100)
        self._arrive(100, partner_id=self.customer.id)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 200)
        self.assertNotIn("probably_paid", made.situation.withheld)

    def test_a_second_line_is_other_money(self):
        self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.customer, 200, overdue=10)
        self._payment(100)
        self._arrive(100, partner_id=self.customer.id)
        self._arrive(100, partner_id=self.customer.id)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 100)

    def _payment(self, amount, **values):
        """Post an inbound payment with a journal entry, allocated to nothing."""
        method = self.bank.inbound_payment_method_line_ids[:1]
        method.payment_account_id = self.company_data["default_account_assets"].copy(
            {"reconcile": True}
        )
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "journal_id": self.bank.id,
                "payment_method_line_id": method.id,
                "date": TODAY,
                **values,
            }
        )
        payment.action_post()
        return payment

    def test_a_payment_without_an_entry_holds(self):
        self._invoice(self.customer, 100, overdue=10)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 100,
                "journal_id": self.bank.id,
                "date": TODAY,
            }
        )
        payment.outstanding_account_id = False
        payment.action_post()
        self.assertFalse(payment.move_id)
        self._set_created(payment, f"{TODAY} 05:00:00")
        self._morning()
        self.assertEqual(self._case(self.customer).decision_id.reason, "probably_paid")
        self.assertEqual(payment.activity_ids.user_id, self.accountant)

    def test_where_credits_are_not_netted_an_equal_payment_holds(self):
        self.scenario.net_credits = False
        self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.customer, 200, overdue=10)
        self._payment(200)
        _fact, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, 100)

    # === WHO IS TOLD === #

    def test_nobody_is_told_in_simulation(self):
        self.portfolio.action_simulate()
        self._invoice(self.customer, 100, overdue=10)
        line = self._arrive(100)
        self._morning()
        self.assertEqual(self._case(self.customer).decision_id.reason, "probably_paid")
        self.assertFalse(line.move_id.activity_ids)

    def test_nobody_is_told_of_what_is_not_late(self):
        self._invoice(self.customer, 100, overdue=-10)
        line = self._arrive(100)
        self._morning()
        self.assertFalse(line.move_id.activity_ids)

    def test_without_an_accountant_who_entered_it_is_told(self):
        self.company.collection_accountant_id = False
        self._invoice(self.customer, 100, overdue=10)
        line = self._arrive(100)
        self._morning()
        self.assertEqual(line.move_id.activity_ids.user_id, line.create_uid)

    def test_who_sees_them(self):
        self._invoice(self.customer, 100, overdue=10)
        self._arrive(100)
        self._morning()
        probable = self.env["collection.probable.payment"].search([])
        self._case(self.customer).user_id = self.manager
        mine = self.env["collection.probable.payment"].with_user(self.owner)
        self.assertFalse(mine.search([]))
        self.assertEqual(mine.with_user(self.manager).search([]), probable)
        with self.assertRaises(AccessError):
            probable.with_user(self.manager).amount = 1

    def test_more_cases_are_no_more_queries(self):
        partners = [self._customer(f"Many {number}") for number in range(12)]
        for partner in partners:
            invoice = self._invoice(partner, 100, overdue=10)
            self._arrive(100, invoice.name)
        cases = self._sync_cases()
        counts = []
        for batch in (cases[:3], cases[:11]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["collection.gather"]._gather_facts(batch, TODAY)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
