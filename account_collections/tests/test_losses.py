from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestLosses(CollectionCommon):
    """Small differences, doubtful debts, losses: proposed, approved, booked; and back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls._user("books", "account.group_account_invoice")
        cls.admin = cls._user("admin2", "account_collections.group_collection_admin")
        kinds = {
            "small": ("658000", "expense"),
            "doubtful": ("416000", "asset_receivable"),
            "depreciation": ("681700", "expense"),
            "provision": ("491000", "asset_current"),
            "loss": ("654000", "expense"),
            "recovered": ("771400", "income_other"),
            "tax": ("445710", "liability_current"),
        }
        cls.accounts = {
            name: cls.env["account.account"].create(
                {"name": name, "code": code, "account_type": kind, "reconcile": kind ==
                 "asset_receivable", "company_ids": [Command.set(cls.company.ids)]}
            )
            for name, (code, kind) in kinds.items()
        }  # fmt: skip
        cls.company.write(
            {
                "collection_loss_small_account_id": cls.accounts["small"].id,
                "collection_doubtful_account_id": cls.accounts["doubtful"].id,
                "collection_depreciation_account_id": cls.accounts["depreciation"].id,
                "collection_provision_account_id": cls.accounts["provision"].id,
                "collection_loss_account_id": cls.accounts["loss"].id,
                "collection_recovered_account_id": cls.accounts["recovered"].id,
            }
        )
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "20 %", "amount": 20, "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create(
                        {"repartition_type": "tax", "account_id": cls.accounts["tax"].id}
                    ),
                ],
                "refund_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create(
                        {"repartition_type": "tax", "account_id": cls.accounts["tax"].id}
                    ),
                ],
            }
        )  # fmt: skip

    def _taxed(self, partner, amount, overdue):
        line = {"name": "Goods", "price_unit": amount, "tax_ids": [Command.set(self.tax.ids)]}
        return self._invoice(partner, 0, overdue, invoice_line_ids=[Command.create(line)])

    def _propose(self, *invoices, kind="small", reason="difference", user=None):
        self._sync_cases()
        ids = [invoice.id for invoice in invoices]
        items = self.env["collection.item"].search(
            ["|", ("move_id", "in", ids), ("line_id.account_id", "=", self.accounts["doubtful"].id)]
        )
        wizard = self.env["collection.loss.open"].with_user(user or self.owner)
        with self._at(NOON):
            values = {"item_ids": items.ids, "kind": kind, "reason": reason}
            action = wizard.create(values).action_propose()
        domain = action.get("domain") or [("id", "=", action["res_id"])]
        return self.env["collection.loss"].search(domain)

    def _book(self, loss):
        with self._at(NOON):
            loss.with_user(self.manager).action_approve()
            loss.with_user(self.accountant).action_book()
        return loss.move_ids

    def _balance(self, name):
        """Return the balance of one of our accounts."""
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.accounts[name].id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def test_small_differences_in_bulk(self):
        """Two customers, one with a credit too; in another currency too; reversed again."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        first = self._invoice(self.customer, 3, overdue=100)
        credit = self._invoice(self.customer, 1, overdue=100, move_type="out_refund")
        other = self._invoice(self.other_customer, 2.5, overdue=100, currency_id=euro.id)
        rest = sum(other.line_ids.mapped("amount_residual"))
        losses = self._propose(first, credit, other)
        self.assertEqual(losses.mapped("state"), ["draft", "draft"])
        with self.assertRaisesRegex(UserError, "proposed already"):
            self._propose(first)
        with self.assertRaisesRegex(UserError, "cannot become booked"):
            losses.with_user(self.accountant).action_book()
        self._book(losses)
        self.assertEqual((first | credit | other).mapped("amount_residual"), [0] * 3)
        self.assertAlmostEqual(self._balance("small"), 3 - 1 + rest)
        with self._at(NOON):
            losses.with_user(self.accountant).action_reverse()
        self.assertEqual(self._balance("small"), 0)
        self.assertEqual(set(losses.mapped("state")), {"reversed"})
        self.assertEqual(first.amount_residual, 3)
        self.assertEqual(other.amount_residual, 2.5)

    def test_doubtful_then_lost_then_recovered(self):
        """1,200 with 200 of tax: half of 1,000 is depreciated, then all is lost; 600 come in."""
        invoice = self._taxed(self.customer, 1_000, overdue=200)
        doubtful = self._propose(invoice, kind="doubtful", reason="old")
        self.assertEqual((doubtful.amount, doubtful.tax, doubtful.percent), (1_200, 0, 50))
        self._book(doubtful)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance("doubtful"), 1_200)
        self.assertEqual((self._balance("depreciation"), self._balance("provision")), (500, -500))
        self._sync_cases()
        item = self.env["collection.item"].search([("case_id", "=", doubtful.case_id.id)])
        self.assertEqual((item.amount, item.date_due), (1_200, invoice.invoice_date_due))
        loss = self._propose(kind="loss", reason="uncollectable")
        self.assertEqual((loss.amount, loss.tax, loss.net), (1_200, 200, 1_000))
        self.assertEqual(loss.line_ids.move_name, invoice.name)
        self._book(loss)
        self.assertEqual((self._balance("depreciation"), self._balance("provision")), (0, 0))
        self.assertEqual((self._balance("loss"), self._balance("tax")), (1_000, 0))
        with self._at(NOON):
            with self.assertRaisesRegex(UserError, "no unallocated money"):
                loss.with_user(self.accountant).action_recover()
            self._entry(self.customer, -600)
            loss.with_user(self.accountant).action_recover()
        self.assertEqual(loss.recovered, 600)
        self.assertEqual((self._balance("recovered"), self._balance("tax")), (-500, -100))
        with self.assertRaisesRegex(UserError, "something came in"):
            loss.with_user(self.accountant).action_reverse()
        groups = self.env["collection.loss"]._read_group(
            [("company_id", "=", self.company.id), ("kind", "=", "loss")],
            ["reason", "scenario_id", "salesperson_id"],
            ["amount:sum", "recovered:sum"],
        )
        self.assertEqual([group[-2:] for group in groups], [(1_200, 600)])
        events = self.env["collection.evidence"].search([("case_id", "=", loss.case_id.id)])
        self.assertEqual(events.mapped("event").count("loss_booked"), 2)

    def test_what_is_refused(self):
        """A locked period, a missing account, a payment meanwhile, a dispute, a credit."""
        invoice = self._taxed(self.customer, 1_000, overdue=200)
        loss = self._propose(invoice, kind="loss", reason="uncollectable")
        with self._at(NOON):
            loss.with_user(self.manager).action_approve()
        self.company.collection_loss_account_id = False
        with self.assertRaisesRegex(UserError, "choose “Losses on Receivables”"):
            loss.with_user(self.accountant).action_book()
        self.company.fiscalyear_lock_date = TODAY
        with self.assertRaisesRegex(UserError, "is locked until"):
            loss.with_user(self.accountant).action_book()
        self.company.fiscalyear_lock_date = False
        self._pay(invoice, 100)
        with self.assertRaisesRegex(UserError, "has changed since it was proposed"):
            loss.with_user(self.accountant).action_book()
        with self.assertRaisesRegex(UserError, "not changed by hand"):
            loss.with_user(self.manager).reason = "goodwill"
        credit = self._invoice(self.customer, 90, overdue=1, move_type="out_refund")
        with self.assertRaisesRegex(UserError, "nothing is owed"):
            self._propose(credit, kind="loss")
        contested = self._invoice(self.other_customer, 900, overdue=30)
        self._sync_cases()
        with self._at(NOON):
            self._case(self.other_customer)._dispute_quick(
                reason=self.env["collection.dispute.reason"].search([], limit=1),
                lines=contested.line_ids.filtered("date_maturity"), amount=400, description="?",
            )  # fmt: skip
        with self.assertRaisesRegex(UserError, "in dispute"):
            self._propose(contested, kind="loss")

    def test_who_may_what(self):
        """By amount and role; collectors propose, others see what is theirs."""
        invoice = self._invoice(self.customer, 6_000, overdue=200)
        self._case_of(invoice).user_id = self.owner
        loss = self._propose(invoice, kind="loss", reason="uncollectable")
        for user in (self.owner, self.accountant):
            with self.assertRaises(AccessError):
                loss.with_user(user).action_approve()
        with self.assertRaisesRegex(AccessError, "Above .*5,000.00 an administrator"):
            loss.with_user(self.manager).action_approve()
        with self._at(NOON):
            loss.with_user(self.admin).action_approve()
        with self.assertRaises(AccessError):
            loss.with_user(self.manager).action_book()
        for refused in (
            lambda: loss.with_user(self.admin).write({"state": "booked"}),
            lambda: self.env["collection.loss"].with_user(self.admin).create({}),
        ):
            with self.assertRaises(UserError):
                refused()
        stranger = self._user("stranger", "account_collections.group_collection_user")
        for record in (loss, loss.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["amount"])
        elsewhere = self._user(
            "elsewhere",
            "account_collections.group_collection_manager",
            self.env["res.company"].create({"name": "Elsewhere"}),
        )
        with self.assertRaises(AccessError):
            loss.with_user(elsewhere).read(["amount"])

    def _case_of(self, invoice):
        self._sync_cases()
        return self._case(invoice.partner_id)

    def test_the_run_proposes_once(self):
        small = self._invoice(self.customer, 4, overdue=95)
        old = self._invoice(self.other_customer, 700, overdue=185)
        self._invoice(self.other_customer, 700, overdue=20)
        self._sync_cases()
        losses = self.env["collection.loss"]
        self.assertFalse(losses._propose(self.company, TODAY), "nothing by surprise")
        self.company.write({"collection_loss_small_days": 90, "collection_doubtful_days": 180})
        made = losses._propose(self.company, TODAY)
        self.assertEqual(
            {(loss.kind, loss.line_ids.origin_id) for loss in made},
            {("small", small), ("doubtful", old)},
        )
        made.with_user(self.manager).action_cancel()
        self.assertFalse(losses._propose(self.company, TODAY + DAY), "a person said no")
