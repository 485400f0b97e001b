from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestGather(CollectionCommon):
    """What the ledger holds arrives as facts, to the cent."""

    def _amounts(self, facts):
        return sorted(item.amount for item in facts.items)

    # === ITEMS === #

    def test_instalments_count_by_their_own_due_dates(self):
        """30 % at once, the rest after 60 days: only the first is late."""
        term = self.env["account.payment.term"].create(
            {
                "name": "30 % at once",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 60}),
                ],
            }
        )
        self._invoice(
            self.customer,
            1000,
            overdue=0,
            invoice_date=TODAY - 20 * DAY,
            invoice_date_due=False,
            invoice_payment_term_id=term.id,
        )
        facts, made = self._decided(self.customer)
        self.assertEqual(
            sorted((item.due, item.amount) for item in facts.items),
            [(TODAY - 20 * DAY, Decimal(300)), (TODAY + 40 * DAY, Decimal(700))],
        )
        self.assertEqual(made.situation.overdue, Decimal(300))
        self.assertEqual(len(made.lines), 1)

    def test_part_payment_leaves_the_residual(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        self._pay(invoice, 33.33)
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.lines[0].claim.amount, Decimal("66.67"))

    def test_credit_note_and_payment_are_netted_oldest_first(self):
        self._invoice(self.customer, 100, overdue=40)
        self._invoice(self.customer, 200, overdue=10)
        self._invoice(self.customer, 60.5, overdue=5, move_type="out_refund")
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 50.25,
                "date": TODAY,
            }
        )
        payment.action_post()
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal("189.25"))
        self.assertEqual([line.claim.amount for line in made.lines], [Decimal("189.25")])
        self.assertEqual(made.situation.withheld["credit"][0][1], Decimal(100))

    def test_credits_are_only_mentioned_where_the_scenario_says_so(self):
        self.scenario.net_credits = False
        self._invoice(self.customer, 100, overdue=40)
        self._invoice(self.customer, 90, overdue=5, move_type="out_refund")
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(100))
        self.assertEqual(made.outcome, "remind")

    def test_a_payment_entry_without_an_invoice_is_a_credit(self):
        self._invoice(self.customer, 100, overdue=40)
        self._entry(self.customer, -30)
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(70))

    def test_a_paid_customer_owes_nothing(self):
        invoice = self._invoice(self.customer, 100, overdue=40)
        self._sync_cases()
        self._pay(invoice)
        _facts, made = self._decided(self.customer)
        self.assertEqual((made.outcome, made.reason), ("clear", "nothing_owed"))

    def test_draft_and_cancelled_invoices_are_not_owed(self):
        draft = self._invoice(self.customer, 100, overdue=40)
        cancelled = self._invoice(self.customer, 200, overdue=40)
        self._invoice(self.customer, 70, overdue=40)
        draft.button_draft()
        cancelled.button_draft()
        cancelled.button_cancel()
        facts, _made = self._decided(self.customer)
        self.assertEqual(self._amounts(facts), [Decimal(70)])

    def test_no_due_date_counts_from_the_date_of_the_entry(self):
        entry = self._entry(self.customer, 80)
        line = entry.line_ids.filtered(lambda line: line.balance > 0)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE id = %s", [line.id]
        )
        self.env.invalidate_all()
        facts, made = self._decided(self.customer)
        self.assertEqual(facts.items[0].due, entry.date)
        self.assertEqual(made.outcome, "remind")

    # === CURRENCY === #

    def _foreign_invoice(self, amount, overdue, **values):
        currency = self.setup_other_currency("GBP", rates=[("2020-01-01", 4.0)])
        return self._invoice(self.customer, amount, overdue, currency_id=currency.id, **values)

    def test_decided_in_company_currency_told_in_the_invoice_s(self):
        self._foreign_invoice(1000, 10)
        facts, made = self._decided(self.customer)
        [item] = facts.items
        self.assertEqual((item.amount, item.amount_currency), (Decimal(250), Decimal(1000)))
        self.assertEqual(made.situation.overdue, Decimal(250))
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual(reminder.amount, 250)
        self.assertEqual(reminder.item_ids.amount_currency, 1000)
        self.assertEqual(reminder.item_ids.currency_id.name, "GBP")

    def test_a_partly_netted_foreign_item_is_told_to_the_cent(self):
        """100.01 GBP at 4 is 25.00 here; 10 of it are covered, so 3/5 of 100.01 is told."""
        self._foreign_invoice(100.01, 10)
        self._invoice(self.customer, 10, overdue=3, move_type="out_refund")
        self.scenario.threshold = 0
        self._morning()
        item = self._reminder(self.customer).item_ids
        self.assertEqual((item.amount, item.amount_currency), (15.0, 60.01))

    def test_a_currency_without_a_rate_is_taken_as_booked(self):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search(
                [("rate_ids", "=", False), ("name", "!=", self.company.currency_id.name)], limit=1
            )
        )
        currency.active = True
        self._invoice(self.customer, 100, overdue=10, currency_id=currency.id)
        self._morning()
        item = self._reminder(self.customer).item_ids
        self.assertEqual((item.amount, item.amount_currency), (100.0, 100.0))
        self.assertEqual(item.currency_id, currency)

    # === MARKS === #

    def test_no_followup_is_withheld_and_counted(self):
        """Opening balances in a general journal are excluded by Odoo's own default."""
        self._entry(
            self.customer,
            500,
            journal=self.company_data["default_journal_misc"],
            due=TODAY - 20 * DAY,
        )
        self._invoice(self.customer, 100, overdue=10)
        summary = self._morning()
        self.assertEqual(summary["excluded_by_reason"], {"no_followup": 1})
        self.assertEqual(summary["excluded_items"], 1)
        self.assertEqual(self._reminder(self.customer).amount, 100)

    def test_excluded_invoice(self):
        self._invoice(self.customer, 100, overdue=10).no_followup = True
        _facts, made = self._decided(self.customer)
        self.assertEqual((made.outcome, made.reason), ("wait", "no_followup"))

    def test_intercompany(self):
        sister = self.env["res.company"].create({"name": "Sister"}).partner_id
        branch = self.env["res.partner"].create({"name": "Desk", "parent_id": sister.id})
        self._invoice(branch, 900, overdue=10)
        _facts, made = self._decided(sister)
        self.assertEqual((made.outcome, made.reason), ("wait", "intercompany"))

    def test_assigned_and_deposit(self):
        self._invoice(self.customer, 100, overdue=10).collection_assigned = True
        self._invoice(self.customer, 200, overdue=10).collection_deposit = True
        self._invoice(self.customer, 300.1, overdue=10)
        _facts, made = self._decided(self.customer)
        self.assertEqual(set(made.situation.withheld), {"assigned", "deposit"})
        self.assertEqual(made.situation.overdue, Decimal("300.1"))

    def test_unsent_by_setting(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        invoice.is_move_sent = False
        self.assertEqual(self._decided(self.customer)[1].reason, "unsent")
        self.company.collection_require_sent = False
        self.assertEqual(self._decided(self.customer)[1].outcome, "remind")

    def test_small_residual_by_setting(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        self._pay(invoice, 95.01)
        self.assertEqual(self._decided(self.customer)[1].reason, "small_residual")
        small = self.env["collection.item"].search([("move_id", "=", invoice.id)])
        self.assertTrue(small.is_small, "listed for write-off")
        self.company.collection_small_residual = 4.99
        self.assertEqual(self._decided(self.customer)[1].reason, "low_total")

    # === PAYMENTS IN HAND === #

    def _debit_method(self, days):
        journal = self.company_data["default_journal_bank"]
        line = journal.inbound_payment_method_line_ids[:1]
        line.write({"collection_in_hand": True, "collection_return_days": days})
        return line

    def test_debit_until_maturity_and_return_period(self):
        method = self._debit_method(5)
        self._invoice(self.customer, 100, overdue=5, preferred_payment_method_line_id=method.id)
        self.assertEqual(self._decided(self.customer)[1].reason, "until_maturity")
        self.assertEqual(self._decided(self.customer, TODAY + DAY)[1].outcome, "remind")

    def _registered(self, invoice, outcome="in_process"):
        """A payment on an invoice without a journal entry, as without outstanding accounts."""
        journal = self.company_data["default_journal_bank"]
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": invoice.partner_id.id,
                "amount": invoice.amount_residual,
                "date": TODAY,
                "journal_id": journal.id,
                "invoice_ids": [Command.link(invoice.id)],
            }
        )
        payment.outstanding_account_id = False
        payment.action_post()
        if outcome == "rejected":
            payment.action_reject()
        if outcome == "canceled":
            payment.action_cancel()
        self.assertEqual((payment.state, payment.move_id.id), (outcome, False))
        return payment

    def test_a_payment_without_a_journal_entry_holds(self):
        self._registered(self._invoice(self.customer, 100, overdue=10), "in_process")
        self._invoice(self.customer, 80, overdue=10)
        _facts, made = self._decided(self.customer)
        self.assertEqual(set(made.situation.withheld), {"payment_in_process"})
        self.assertEqual(made.situation.overdue, Decimal(80))

    def test_a_cancelled_payment_does_not_hold(self):
        self._registered(self._invoice(self.customer, 100, overdue=10), "canceled")
        self.assertEqual(self._decided(self.customer)[1].outcome, "remind")

    def test_a_rejected_debit_is_called_about_once(self):
        method = self._debit_method(5)
        invoice = self._invoice(
            self.customer, 100, overdue=1, preferred_payment_method_line_id=method.id
        )
        self._registered(invoice, "rejected")
        self._morning()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.kind, reminder.channel), ("rejected_debit", "call"))
        # nobody was there to depart: the next run asks for no second call
        self._morning(TODAY + DAY)
        self.assertEqual(len(self._case(self.customer).reminder_ids), 1)
        self._noon(TODAY + DAY)
        self.assertEqual(reminder.state, "to_do")
        self.assertEqual(reminder.activity_id.user_id, self.owner)
        # while the call is to be made, no letter leaves about the item
        self._morning(TODAY + 5 * DAY)
        self.assertEqual(len(self._case(self.customer).reminder_ids), 1)
        self.assertEqual(self._case(self.customer).decision_id.reason, "task_open")

    def test_a_later_rejection_is_called_about_again(self):
        """Once for each time that the bank gives a debit back, an old payment again included."""
        invoice = self._invoice(self.customer, 100, overdue=1)
        with self._at(f"{TODAY} 05:00:00"):
            payment = self._registered(invoice, "rejected")
        self._day()
        first = self._reminder(self.customer)
        with self._at(f"{TODAY} 14:00:00"):
            first.activity_id.with_user(self.owner).action_feedback()
        self._day(TODAY + DAY)
        calls = self._case(self.customer).reminder_ids.filtered(
            lambda reminder: reminder.kind == "rejected_debit"
        )
        self.assertEqual(calls, first, "it was called about")
        for day, rejected in ((2, None), (5, payment)):
            with self.subTest(day=day), self._at(f"{TODAY + day * DAY} 05:00:00"):
                if rejected:
                    rejected.action_draft()
                    rejected.action_post()
                    rejected.action_reject()
                else:
                    self._registered(invoice, "rejected")
            self._day(TODAY + day * DAY)
            call = self._reminder(self.customer)
            self.assertEqual((call.kind, call.state), ("rejected_debit", "to_do"))
            self.assertNotIn(call, calls)
            calls |= call
            with self._at(f"{TODAY + day * DAY} 14:00:00"):
                call.activity_id.with_user(self.owner).action_feedback()

    def test_a_second_try_in_process_is_no_rejection(self):
        invoice = self._invoice(self.customer, 100, overdue=10)
        self._registered(invoice, "rejected")
        self._registered(invoice, "in_process")
        self.assertEqual(self._decided(self.customer)[1].reason, "payment_in_process")


@tagged("post_install", "-at_install")
class TestGatherBatch(CollectionCommon):
    """A batch costs the same number of queries, whatever its size."""

    def _customers(self, count):
        partners = self.env["res.partner"].create(
            [
                {"name": f"C{n}", "is_company": True, "email": f"c{n}@customer.example"}
                for n in range(count)
            ]
        )
        self.env.flush_all()
        # One posted invoice a customer, as fast as the database allows.
        invoice = self._invoice(partners[0], 100, overdue=10)
        line = invoice.line_ids.filtered(lambda line: line.balance > 0)
        line.partner_id = partners[0]
        self.env.flush_all()
        columns = self._columns("account_move_line", {"id", "partner_id"})
        self.cr.execute(
            f"""INSERT INTO account_move_line (partner_id, {columns})
                SELECT partner, {columns} FROM account_move_line, unnest(%s) AS partner
                 WHERE account_move_line.id = %s""",
            [partners[1:].ids, line.id],
        )
        self._sync_cases()
        return self.env["collection.case"].search([("partner_id", "in", partners.ids)])

    def _columns(self, table, without):
        self.cr.execute(
            """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                  AND attname <> ALL(%s) AND attgenerated = ''""",
            [table, list(without)],
        )
        return self.cr.fetchone()[0]

    def _count(self, cases, step):
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        step(cases)
        return self.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_batch(self):
        cases = self._customers(200)
        run = self.env["collection.run"].sudo()

        def decide(some):
            run._decide_batch(some, TODAY)

        def process(some):
            self.assertEqual(len(run._process_batch(some, self.company, TODAY)), len(some))

        self._count(cases[:10], decide)  # caches of the registry
        self.assertEqual(self._count(cases[:10], decide), self._count(cases, decide))
        few = self._count(cases[:10], process)
        self.assertEqual(few, self._count(cases[10:], process))

    def test_clear_cases_cost_no_query_each(self):
        cases = self._customers(60)
        run = self.env["collection.run"].sudo()
        run._process_batch(cases, self.company, TODAY)
        self.cr.execute(
            "UPDATE account_move_line SET reconciled = TRUE WHERE partner_id = ANY(%s)",
            [cases.partner_id.ids],
        )
        few = self._count(cases[:10], lambda some: run._process_batch(some, self.company, TODAY))
        many = self._count(cases[10:], lambda some: run._process_batch(some, self.company, TODAY))
        self.assertEqual(set(cases.reminder_ids.mapped("state")), {"cancelled"})
        self.assertLessEqual(many, few + 5)


@tagged("post_install", "-at_install")
class TestLedgerAsOf(CollectionCommon):
    """What was open at the end of a past day, against arithmetic."""

    def _open(self, as_of=None):
        ledger = self.env["collection.ledger"]
        self.env.flush_all()
        rows = self.env.execute_query(
            ledger._open_items_sql(
                SQL("move.name, item.amount::text"),
                where=SQL("line.partner_id = %s", self.customer.id),
                as_of=as_of,
            )
        )
        return {name: Decimal(amount) for name, amount in rows}

    def test_as_of(self):
        invoice = self._invoice(self.customer, 100, overdue=10)  # invoiced 40 days ago
        other = self._invoice(self.customer, 250, overdue=-30, invoice_date=TODAY - 5 * DAY)
        self._pay(invoice, 30, payment_date=TODAY - 20 * DAY)
        self._pay(invoice, 20, payment_date=TODAY - 10 * DAY)
        self._pay(other, 250, payment_date=TODAY - 2 * DAY)
        expected = {
            -41: {},
            -40: {invoice.name: Decimal(100)},
            -21: {invoice.name: Decimal(100)},
            -20: {invoice.name: Decimal(70)},
            -10: {invoice.name: Decimal(50)},
            -5: {invoice.name: Decimal(50), other.name: Decimal(250)},
            -2: {invoice.name: Decimal(50)},
            0: {invoice.name: Decimal(50)},
        }
        found = {offset: self._open(TODAY + offset * DAY) for offset in expected}
        self.assertEqual(found, expected)
        self.assertEqual(self._open(), expected[0])

    def test_as_of_today_is_now_to_the_cent(self):
        invoices = [self._invoice(self.customer, 100 / 3 * n, overdue=n) for n in range(1, 6)]
        self._pay(invoices[4], 11.11)
        refund = self._invoice(self.customer, 20.02, overdue=1, move_type="out_refund")
        (refund | invoices[2]).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self._open(TODAY + 400 * DAY), self._open())
