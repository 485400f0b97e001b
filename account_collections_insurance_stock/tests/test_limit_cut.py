import csv
import io
import zipfile
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, InsuredDeliveryCommon


@tagged("post_install", "-at_install")
class TestLimitCut(InsuredDeliveryCommon):
    """A limit is cut while invoices are open: what follows, day by day, until the claim."""

    def test_from_the_cut_to_the_claim(self):
        self._open_invoices()
        self._cut_the_limit()
        self._tell_and_adapt()
        self._hold_deliveries()
        self._keep_the_deadline()
        self._hand_over()
        self._claim()

    def _open_invoices(self):
        """600.00 due 12 March, and a delivery of 300.00 that nobody has invoiced yet."""
        self.policy.write({"on_stopped": "hold", "on_withdrawn": "hold"})
        self.invoice = self._invoice(
            self.customer, 600, overdue=(TODAY - date(2026, 3, 12)).days
        )
        self.order = self._sell(self.customer)
        self._sync_cases()
        self.case = self._case(self.customer)
        self.case.user_id = self.owner
        self.assertEqual(self._figures(self.customer), (900, 300, 900, 100))

    def _cut_the_limit(self):
        """To 200.00 from 1 April: what was delivered before keeps its cover, what follows has
        none."""
        self._decide(self.buyer, "reduced", 200, effective=14, announced=1)
        day = date(2026, 4, 2)
        self.bill = self._bill(self.order, day)
        # delivered in March, whenever it was invoiced
        self.bill.line_ids.move_id.delivery_date = TODAY
        later = self._sell(self.customer, day, quantity=1)
        self.assertEqual(self._figures(self.customer, day), (1000, 100, 900, -800))
        self._bill(later, day)

    def _tell_and_adapt(self):
        """The owner is told at once; from then on a firmer scenario is the customer's."""
        alert = self.env["collection.insurance.alert"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "cut"), ("state", "=", "open")]
        )
        self.assertEqual((alert.user_id, alert.case_id), (self.owner, self.case))
        firm = self.scenario.copy(
            {"name": "Limit cut", "is_fallback": False, "sequence": 1, "limit": "going"}
        )
        facts, _decision = self._decided(self.customer, date(2026, 4, 2))
        self.assertEqual(facts.scenario.key, firm.id)

    def _hold_deliveries(self):
        """60 days after the due date nothing more is insured: the next delivery is held."""
        with self._at("2026-05-11 09:00:00"):
            before = self._delivery(self.customer)
            self._deliver(before)
            self.assertEqual(before.state, "done", "the last day of the extension period")
            self.env.flush_all()
        with self._at("2026-05-12 09:00:00"):
            delivery = self._delivery(self.customer)
            with self.assertRaisesRegex(
                UserError,
                r"uninsured since 05/11/2026: \$.600.00 past.*\n.*payment of \$.600.00 releases",
            ):
                self._deliver(delivery)
            self.env["collection.insurance.exposure"]._refresh(self.company)
            delivery.invalidate_recordset()
            self.assertEqual(delivery.with_user(self.clerk).collection_hold, "hold")
        # the same customer of another company, and another one, are not concerned
        self.assertFalse(self.other_customer._get_collection_holds(self.company)[self.other_customer])
        elsewhere = self._create_company(name="Elsewhere")
        self.assertFalse(self.customer._get_collection_holds(elsewhere)[self.customer])
        # allocated a moment ago, the money releases it at once
        with self._at("2026-05-12 10:00:00"), self.env.cr.savepoint() as savepoint:
            self._pay(self.invoice)
            self._deliver(delivery)
            self.assertEqual(delivery.state, "done")
            savepoint.rollback()
        self.env.invalidate_all()
        self.delivery = delivery

    def _keep_the_deadline(self):
        """Hand over by 10 June: nobody promises past it without a credit manager."""
        self.company.collection_promise_days = 60
        with self._at("2026-05-12 11:00:00"):
            item = self.env["collection.item"].search([("move_id", "=", self.invoice.id)])
            with self.assertRaisesRegex(UserError, f"{self.invoice.name} has to be handed over"):
                self.case.with_user(self.owner)._promise_quick(
                    600, date(2026, 6, 11), items=item.with_user(self.owner)
                )

    def _declare(self, kind, day, **values):
        with self._at(f"{day} 12:00:00"):
            wizard = (
                self.env["collection.insurance.declare"]
                .with_user(self.owner)
                .with_context(active_id=self.case.id)
                .create({"kind": kind, **values})
            )
            action = wizard.action_declare()
            self.env.flush_all()
        self.env.invalidate_all()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _hand_over(self):
        self._declare("hand_over", date(2026, 6, 1), cause="overdue", with_file=False)
        self.assertEqual(self.case.decision_id.reason, "insurer")
        self.assertEqual(self._morning(date(2026, 6, 2))["reminders"], 0)
        [hold] = self.customer._get_collection_holds(self.company)[self.customer]
        self.assertEqual(hold.release, 1000, "deliveries stay held: all of it is past the period")

    def _claim(self):
        """What was delivered before the cut is covered: 600.00 and 300.00, of which 90 %."""
        claim = self._declare("claim", date(2026, 8, 3), cause="overdue")
        self.assertEqual((claim.covered, claim.indemnity), (900, 810))
        with (
            self._at("2026-08-03 13:00:00"),
            mute_logger("odoo.addons.base.models.ir_actions_report"),
        ):
            claim.sudo().with_context(force_report_rendering=True)._build_next_part()
        with zipfile.ZipFile(io.BytesIO(claim.file_ids.raw)) as archive:
            text = archive.read("items.csv").decode("utf-8-sig")
            invoices = [name for name in archive.namelist() if name.startswith("invoices/")]
        rows = {row["Document"]: row for row in csv.DictReader(io.StringIO(text))}
        self.assertEqual(len(invoices), len(rows))
        self.assertEqual(rows[self.invoice.name]["Covered"], "600.00")
        self.assertEqual(rows[self.bill.name]["Covered"], "300.00")
