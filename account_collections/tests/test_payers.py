import base64
from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPayers(CollectionCommon):
    """A third party pays: it is dunned, the customer is named, what it settled is followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls._customer("Payeur", company_registry=False)
        cls.second_payer = cls._customer("Second", company_registry=False)

    def _open(self, partner):
        """Return the open amounts of a partner's case."""
        self.env.invalidate_all()
        items = self.env["collection.item"].search([("case_id", "=", self._case(partner).id)])
        return sorted(items.mapped("amount"))

    # === WHO IS DUNNED === #

    def test_payer_of_a_customer_is_dunned_and_the_customer_is_named(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self._invoice(self.customer, 300, overdue=10)
        self.customer.collection_payer_id = self.payer
        self._invoice(self.customer, 200, overdue=10, move_type="out_refund")
        self._day()
        reminder = self._reminder(self.payer)
        self.assertEqual((reminder.state, reminder.amount), ("sent", 100))
        self.assertEqual(reminder.recipient_id, self.payer)
        self.assertIn("Dupont", reminder.body)
        self.assertFalse(self._reminder(self.customer))

    def test_payer_of_one_invoice_only(self):
        self._invoice(self.customer, 300, overdue=10, collection_payer_id=self.payer.id)
        self._invoice(self.customer, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.payer).amount, 300)
        self.assertEqual(self._reminder(self.customer).amount, 70)

    def test_the_invoice_s_own_payer_comes_before_the_customer_s(self):
        self.customer.collection_payer_id = self.second_payer
        self._invoice(self.customer, 300, overdue=10, collection_payer_id=self.payer.id)
        self._invoice(self.customer, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.payer).amount, 300)
        self.assertEqual(self._reminder(self.second_payer).amount, 70)

    def test_a_hostile_customer_name_is_text(self):
        self.template.body_html = '<t t-call="account_collections.reminder_items"/>'
        self.customer.write({"name": "<script>x</script>", "collection_payer_id": self.payer.id})
        self._invoice(self.customer, 300, overdue=10)
        self._morning()
        self.assertNotIn("<script>", self._reminder(self.payer).body)
        self.assertIn("&lt;script&gt;", self._reminder(self.payer).body)

    # === SHARES === #

    def test_a_share_of_an_invoice_rounds_on_one_side(self):
        """A third of 1,000.01: the payer's part is rounded, the customer has the rest."""
        self._invoice(
            self.customer,
            1000.01,
            overdue=10,
            collection_payer_id=self.payer.id,
            collection_payer_share=33.33,
        )
        self._morning()
        self.assertEqual(self._reminder(self.payer).amount, 333.3)
        self.assertEqual(self._reminder(self.customer).amount, 666.71)

    def test_shares_add_up_in_the_invoice_s_currency_too(self):
        currency = self.setup_other_currency("GBP", rates=[("2020-01-01", 4.0)])
        self.scenario.threshold = 0
        self._invoice(
            self.customer,
            100.01,
            overdue=10,
            currency_id=currency.id,
            collection_payer_id=self.payer.id,
            collection_payer_share=50,
        )
        self._morning()
        parts = self._reminder(self.payer).item_ids | self._reminder(self.customer).item_ids
        self.assertEqual(sorted(parts.mapped("amount")), [12.5, 12.5])
        self.assertEqual(sorted(parts.mapped("amount_currency")), [50.0, 50.01])

    def test_each_side_climbs_its_own_ladder(self):
        self.customer.write(
            {"collection_payer_id": self.payer.id, "collection_payer_share": 60}
        )
        self._invoice(self.customer, 1000, overdue=10)
        self._sync_cases()
        self.env["collection.hold"].create(
            {
                "case_id": self._case(self.customer).id,
                "reason": "other",
                "date_start": TODAY,
                "date_end": TODAY + 20 * DAY,
            }
        )
        self._day()
        facts, made = self._decided(self.payer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])
        self.assertEqual(made.situation.outstanding, Decimal(600))
        facts, made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [0])
        self.assertEqual(made.situation.outstanding, Decimal(400))

    def test_what_the_customer_pays_counts_for_the_customer(self):
        self.customer.write(
            {"collection_payer_id": self.payer.id, "collection_payer_share": 60}
        )
        self._invoice(self.customer, 1000, overdue=10)
        self._entry(self.customer, -400)
        self._morning()
        self.assertEqual(self._reminder(self.payer).amount, 600)
        self.assertEqual(self._case(self.customer).overdue, 0)

    def test_shares_are_percents(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.customer.collection_payer_share = 101
            self.env.flush_all()

    # === CHANGES === #

    def test_the_rank_follows_the_item_to_its_payer_and_back(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        self._day()
        invoice.collection_payer_id = self.payer
        self.assertEqual(self._open(self.customer), [])
        self.assertEqual(self._open(self.payer), [300])
        facts, _made = self._decided(self.payer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])
        invoice.collection_payer_id = False
        self.assertEqual(self._open(self.payer), [])
        facts, _made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])

    def test_what_waits_is_cancelled_with_a_reason(self):
        self._invoice(self.customer, 300, overdue=10)
        self._morning()
        waiting = self._reminder(self.customer)
        self.customer.collection_payer_id = self.payer
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "moved"))
        self._morning(TODAY + DAY)
        self.assertEqual(self._reminder(self.payer).amount, 300)

    def test_what_waits_about_other_items_stays(self):
        self._invoice(self.customer, 300, overdue=10)
        self._morning()
        later = self._invoice(self.customer, 80, overdue=-20)
        later.collection_payer_id = self.payer
        self.assertEqual(self._reminder(self.customer).state, "scheduled")

    def test_a_run_repairs_what_was_changed_behind_its_back(self):
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE res_partner SET collection_payer_id = %s WHERE id = %s",
            [self.payer.id, self.customer.id],
        )
        self.env.invalidate_all()
        self._sync_cases()
        self.assertEqual(self._open(self.payer), [300])
        self.assertEqual(self._open(self.customer), [])

    def test_mapping_twice_does_nothing(self):
        self.customer.write(
            {"collection_payer_id": self.payer.id, "collection_payer_share": 60}
        )
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        rows = self.env["collection.debtor"].search([("partner_id", "=", self.customer.id)])
        stamps = rows.mapped("write_date")
        self.assertEqual(len(rows), 2)
        self.assertFalse(self._sync_cases())
        self.assertEqual(rows.exists(), rows)
        self.assertEqual(rows.mapped("write_date"), stamps)

    def test_two_statements_whatever_the_number_of_partners(self):
        for number in range(12):
            self._invoice(self._customer(f"C{number}"), 100, overdue=10)
        self.env.flush_all()
        company = self.company

        def count():
            before = self.cr.sql_log_count
            self.env["collection.debtor"]._map(company._collection_cluster())
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(12):
            self._invoice(self._customer(f"D{number}"), 100, overdue=10)
        self.env.flush_all()
        self.assertEqual(count(), few)

    # === BAD INPUT === #

    def test_loops_and_chains_of_payers(self):
        self.customer.collection_payer_id = self.payer
        with self._refused("cannot pay for each other"):
            self.payer.collection_payer_id = self.customer
        with self._refused("cannot have a payer itself"):
            self.payer.collection_payer_id = self.second_payer
        with self._refused("choose Payeur as the payer"):
            self.other_customer.collection_payer_id = self.customer
        with self._refused("its own third-party payer"):
            self.payer.collection_payer_id = self.payer
        desk = self.env["res.partner"].create({"name": "Desk", "parent_id": self.payer.id})
        with self._refused("its own third-party payer"):
            self.payer.collection_payer_id = desk

    def test_loops_by_an_invoice(self):
        self.customer.collection_payer_id = self.payer
        invoice = self._invoice(self.payer, 100, overdue=10)
        with self._refused("cannot pay for each other"):
            invoice.collection_payer_id = self.customer

    def test_payer_of_another_company(self):
        self.payer.company_id = self._create_company(name="Elsewhere")
        with self._refused("belongs to Elsewhere only"):
            self.customer.collection_payer_id = self.payer
        invoice = self._invoice(self.customer, 100, overdue=10)
        with self._refused("belongs to Elsewhere only"):
            invoice.collection_payer_id = self.payer

    def test_archived_payer(self):
        self.payer.active = False
        with self._refused("is archived"):
            self.customer.collection_payer_id = self.payer

    def test_a_payer_archived_later_falls_to_the_next_rule_and_is_listed(self):
        self.customer.collection_payer_id = self.payer
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        self.assertEqual(self._open(self.payer), [300])
        self.payer.active = False
        self.assertEqual(self._open(self.customer), [300])
        self._morning()
        defects = self.env["collection.defect"].search(
            [("case_id", "=", self._case(self.customer).id)]
        )
        self.assertIn("payer_unusable", defects.mapped("kind"))

    # === WHAT IT SETTLED === #

    def _payers(self):
        self.env.invalidate_all()
        return {
            (row.payer_id, row.customer_id): (row.outstanding, row.overdue, row.paid)
            for row in self.env["collection.payer"].search(
                [("company_id", "=", self.company.id)]
            )
        }

    def test_open_overdue_and_paid_by_payer_and_customer(self):
        for customer in (self.customer, self.other_customer):
            customer.collection_payer_id = self.payer
        paid = self._invoice(self.customer, 300, overdue=10)
        self._invoice(self.customer, 70, overdue=-300)
        self._invoice(self.other_customer, 40, overdue=600)
        payment = self._entry(self.payer, -120)
        lines = (paid | payment).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self._sync_cases()
        lines.reconcile()
        # the view counts from the day of the database: everything of this story is past
        self.assertEqual(
            self._payers()[self.payer, self.customer][::2], (250, 120)
        )
        self.assertEqual(self._payers()[self.payer, self.other_customer], (40, 40, 0))

    def test_a_payment_of_the_payer_covers_what_it_pays_for(self):
        self.customer.collection_payer_id = self.payer
        self._invoice(self.customer, 300, overdue=10)
        self._entry(self.payer, -120)
        self._morning()
        self.assertEqual(self._reminder(self.payer).amount, 180)

    # === REMITTANCE ADVICE === #

    def test_remittance_advice_from_the_case(self):
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        case = self._case(self.customer)
        document = self.env["ir.attachment"].with_user(self.owner).create(
            {"name": "list.csv", "raw": b"1;2", "res_model": case._name, "res_id": case.id}
        )
        document.action_collection_remittance()
        self.assertEqual(document.collection_kind, "remittance")
        self.assertEqual(case.remittance_count, 1)
        events = self.env["collection.evidence"].search([("case_id", "=", case.id)])
        self.assertIn("remittance", events.mapped("event"))
        document.action_collection_remittance()
        self.assertFalse(document.collection_kind)

    def test_remittance_advice_by_mail(self):
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        case = self._case(self.customer)
        content = base64.b64encode(b"INV/1 300.00").decode()
        mail = f"""From: {self.customer.email}
To: collections@company.example
Subject: =?utf-8?q?Avis_de_r=C3=A8glement?=
Message-Id: <advice@customer.example>
In-Reply-To: <x-{case.id}-collection.case@company.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See attached.
--b
Content-Type: text/plain; name=march.txt
Content-Disposition: attachment; filename=march.txt
Content-Transfer-Encoding: base64

{content}
--b--
"""
        self.env["mail.thread"].message_process(
            "collection.case", mail, thread_id=case.id
        )
        self.env.invalidate_all()
        documents = case.document_ids.filtered(lambda one: one.name == "march.txt")
        self.assertEqual(documents.mapped("collection_kind"), ["remittance"])

    # === MERGING === #

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_payer_and_customer_become_one(self):
        self.customer.collection_payer_id = self.payer
        invoice = self._invoice(self.customer, 300, overdue=10)
        other = self._invoice(self.other_customer, 80, overdue=10)
        other.collection_payer_id = self.payer
        self._day()
        self._merge(self.payer, self.customer)
        self.assertFalse(self.customer.collection_payer_id)
        self.assertEqual(other.collection_payer_id, self.customer)
        self.assertEqual(self._open(self.customer), [80, 300])
        facts, _made = self._decided(self.customer, TODAY + DAY)
        self.assertEqual(
            sorted((item.move, item.rank) for item in facts.items),
            sorted([(invoice.id, 20), (other.id, 20)]),
        )

    def test_two_payers_become_one(self):
        self._invoice(self.customer, 300, overdue=10, collection_payer_id=self.payer.id)
        self._invoice(self.customer, 80, overdue=10, collection_payer_id=self.second_payer.id)
        self._day()
        self._merge(self.payer, self.second_payer)
        self.assertEqual(self._open(self.second_payer), [80, 300])
        self.assertEqual(len(self._case(self.second_payer).reminder_ids), 2)

    # === WHO MAY === #

    def test_an_accountant_chooses_a_payer_and_the_map_follows(self):
        invoice = self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        accountant = self._accountant()
        invoice.with_user(accountant).collection_payer_id = self.payer
        self.assertEqual(self._open(self.payer), [300])
        with self.assertRaises(UserError):
            self.env["collection.payer"].with_user(accountant).search([])

    def _accountant(self):
        return self.env["res.users"].create(
            {
                "name": "Accountant",
                "login": "accountant of payers",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref("account.group_account_invoice").ids)],
            }
        )
