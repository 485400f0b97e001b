import csv
import io
import zipfile
from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
NOON = f"{TODAY} 12:00:00"


class HandoverCommon(CollectionCommon):
    """By French law, in USD: 10,000 overdue for 45 days, 2,000 for 20, 500 not due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.law = cls.env.ref("account_collections.interest_law_france").copy(
            {"country_id": False, "currency_id": cls.company.currency_id.id}
        )
        cls.company.write(
            {
                "collection_interest": True,
                "collection_interest_since": TODAY - 900 * DAY,
                "collection_interest_law_id": cls.law.id,
                "collection_prescription_country_id": cls.env.ref("base.fr").id,
                "collection_manager_id": cls.manager.id,
            }
        )
        cls.agency = cls.env["collection.agency"].create(
            {
                "partner_id": cls._customer("Agence", company_registry=False).id,
                "fee_percent": 10,
                "fee_fixed": 50,
                "our_reference": "C-42",
            }
        )
        cls.first = cls._invoice(cls.customer, 10_000, overdue=45)
        cls.second = cls._invoice(cls.customer, 2_000, overdue=20)
        cls.later = cls._invoice(cls.customer, 500, overdue=-10)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)

    def _items(self, *invoices):
        ids = [invoice.id for invoice in invoices]
        return self.env["collection.promise"]._read_items_anew().search([("move_id", "in", ids)])

    def _draft(self, *invoices, user=None, **values):
        """Draft a hand-over in the dialog, of all that is proposed or of some invoices."""
        if invoices:
            values["item_ids"] = [Command.set(self._items(*invoices).ids)]
        dialog = self.env["collection.handover.open"].with_user(user or self.owner)
        with self._at(NOON):
            dialog = dialog.with_context(active_ids=self.case.ids).create(
                {"agency_id": self.agency.id, "is_whole": False, **values}
            )
            action = dialog.action_draft()
        return self.env["collection.handover"].browse(action["res_id"])

    def _hand_over(self, *invoices, **values):
        handover = self._draft(*invoices, **values)
        with self._at(NOON):
            handover.with_user(self.manager).action_hand_over()
        return handover


@tagged("post_install", "-at_install")
class TestHandover(HandoverCommon):
    """When reminders are not enough: to an agency, and back."""

    # === DRAFT AND APPROVE === #

    def test_drafted_by_a_collector_handed_over_by_the_manager(self):
        handover = self._draft(note="Speaks French")
        self.assertEqual(handover.line_ids.move_id, self.first | self.second, "what is overdue")
        first, second = handover.line_ids
        self.assertEqual((first.interest, first.compensation), (149.79, 40))
        self.assertEqual((second.interest, second.compensation), (13.32, 40))
        self.assertAlmostEqual(handover.amount, 12_000 + 149.79 + 13.32 + 80)
        self.assertEqual((handover.fee_percent, handover.fee_fixed, handover.fee), (10, 50, 0))
        self.assertEqual(first.date_prescribed, date(2031, 1, 2), "five years from the invoice")
        with self._at(NOON):
            handover.with_user(self.owner).action_submit()
            asked = self.case.activity_ids.filtered(lambda one: "approve" in one.summary)
            self.assertEqual(asked.user_id, self.manager)
            with self.assertRaises(AccessError):
                handover.with_user(self.owner).action_hand_over()
            self.company.collection_handover_approval_amount = 11_999
            with self.assertRaisesRegex(AccessError, "administrator"):
                handover.with_user(self.manager).action_hand_over()
            self.company.collection_handover_approval_amount = 12_000
            # Part of it was paid meanwhile, the other item in full.
            self._pay(self.first, 4_000)
            self._pay(self.second)
            handover.with_user(self.manager).action_hand_over()
        self.assertEqual(handover.line_ids.move_id, self.first)
        self.assertEqual((handover.principal, handover.date), (6_000, TODAY))
        self.assertEqual(handover.line_ids.interest, 149.79, "until the payment of today")
        self.assertEqual(handover.line_ids.date_prescribed, date(2031, 3, 18), "paid in part")
        proofs = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertLessEqual(
            {"handover_to_approve", "handover_handed_over"}, set(proofs.mapped("event"))
        )

    def test_what_cannot_be_handed_over(self):
        with self.assertRaisesRegex(UserError, "not overdue"):
            self._draft(self.later)
        draft = self._draft(self.first)
        with self.assertRaisesRegex(UserError, f"{self.first.name}: it is handed over already"):
            self._draft(self.first, self.second)
        draft.with_user(self.owner).action_cancel()
        with self._at(NOON):
            self.case._dispute_quick(
                self.env["collection.dispute.reason"].search([], limit=1),
                self.second.line_ids.filtered(lambda line: line.account_type == "asset_receivable"),
                description="Broken",
            )
        with self.assertRaisesRegex(UserError, "in dispute"):
            self._draft(self.second)
        lawyer = self.agency.copy({"kind": "lawyer"})
        self.assertTrue(self._draft(self.second, agency_id=lawyer.id))
        self.assertEqual(self._draft().line_ids.move_id, self.first, "neither contested nor taken")
        other = self._invoice(self.other_customer, 100, overdue=50)
        self._sync_cases()
        self.case.with_user(self.manager).action_set_insolvency()
        with self.assertRaisesRegex(UserError, "several customers"):
            self._draft(other)
        handover = self.env["collection.handover"].search([], limit=1)
        with self.assertRaisesRegex(UserError, "insolvent"):
            handover.with_user(self.owner).action_cancel()
            self._draft(self.first)

    # === DUNNING === #

    def test_dunning_stops_for_its_items_and_goes_on_where_it_stood(self):
        self._day(TODAY - 29 * DAY)
        self.assertEqual(self._items(self.first).rank, 20)
        handover = self._hand_over(self.first)
        _facts, decision = self._decided(self.customer)
        self.assertEqual(decision.situation.overdue, 2_000, "the rest is asked for")
        self.assertIn("handed_over", decision.situation.waiting)
        self.assertEqual(decision.level.rank, 20)
        self.assertTrue(self._items(self.first).is_handed_over)
        self.assertEqual(self.case.agency_names, "Agence")
        with self._at(NOON):
            with self.assertRaisesRegex(UserError, "why"):
                handover.with_user(self.manager).action_withdraw()
            handover.with_user(self.manager).end_reason = "The agency is overloaded"
            handover.with_user(self.manager).action_withdraw()
        _facts, decision = self._decided(self.customer)
        self.assertEqual(decision.situation.overdue, 12_000)
        self.assertEqual(self._items(self.first).rank, 20, "it does not start again")
        self.assertEqual(decision.level.rank, 30, "the next level, not the first one")
        self.assertTrue(self._draft(self.first))

    def test_nobody_is_reminded_while_all_is_handed_over(self):
        self._morning()
        waiting = self.case.reminder_ids.filtered("is_waiting")
        self.assertTrue(waiting)
        handover = self._hand_over(self.first, is_whole=True)
        self.assertEqual((self.case.state, waiting.state), ("legal", "cancelled"))
        self.assertEqual(waiting.end_reason, "handed_over")
        _facts, decision = self._decided(self.customer)
        self.assertEqual(decision.reason, "state")
        with self._at(NOON):
            handover.with_user(self.manager).action_close()
        self.assertEqual(handover.outcome, "unrecoverable")
        self.assertNotEqual(self.case.state, "legal")
        self.assertEqual(self.case.decision_id.reason, "level_called")
        action = handover.with_user(self.manager).action_propose_loss()
        self.assertEqual(action["context"]["active_ids"], self._items(self.first).ids)

    # === RECOVERIES AND COSTS === #

    def test_money_is_attributed_by_value_date(self):
        """Paid before: no. Paid to us: the agency is told. Paid through the agency: not."""
        refresh = self.env["collection.handover.recovery"]._refresh
        self._pay(self.first, 1_000, payment_date=TODAY - DAY)
        handover = self._hand_over(self.first, self.second)
        with self._at(f"{TODAY + 5 * DAY} 12:00:00"):
            self._pay(self.first, 3_000, payment_date=TODAY + 3 * DAY)
            self._invoice(
                self.customer, 500, 0, move_type="out_refund", reversed_entry_id=self.first.id
            )
            refresh(self.company)
            self.assertEqual(handover.recovered, 3_000)
            self.assertEqual((handover.fee, handover.net), (350, 2_650))
            told = self.case.activity_ids.filtered(lambda one: "Tell Agence" in one.summary)
            self.assertEqual(len(told), 1)
            self.assertIn("3,000.00", told.summary)
            refresh(self.company)
            self.assertEqual(len(self.case.activity_ids & told), 1, "once")
            through = self._entry(self.agency.partner_id, -2_000)
            through.button_draft()
            through.date = TODAY + 4 * DAY
            through.action_post()
            receivable = (self.second | through).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            receivable.reconcile()
            costs = self.env["collection.handover.cost"].with_user(self.owner)
            costs.create(
                [
                    {"handover_id": handover.id, "amount": 60, "kind": "court", "is_claimable": 1},
                    {"handover_id": handover.id, "amount": 15},
                ]
            )
            handover.with_user(self.owner).action_refresh()
        self.assertEqual(handover.recovered, 5_000)
        self.assertEqual(handover.recovery_ids.mapped("is_direct"), [False, True])
        self.assertEqual((handover.fee, handover.cost, handover.claimable), (550, 75, 60))
        self.assertEqual(handover.net, 5_000 - 550 - 75)
        self.assertEqual(
            len(self.case.activity_ids.filtered(lambda one: "Tell Agence" in one.summary)), 1
        )
        # What is unreconciled was not recovered.
        receivable.remove_move_reconcile()
        refresh(self.company)
        self.assertEqual(handover.recovered, 3_000)
        # After its end nothing counts for it, and its outcome is what the ledger says.
        with self._at(f"{TODAY + 6 * DAY} 12:00:00"):
            handover.with_user(self.manager).action_close()
            self.assertEqual(handover.outcome, "partly")
        with self._at(f"{TODAY + 8 * DAY} 12:00:00"):
            self._pay(self.first, payment_date=TODAY + 8 * DAY)
            refresh(self.company)
        self.assertEqual(handover.recovered, 3_000)
        small = self._invoice(self.other_customer, 1_000, overdue=60)
        self._sync_cases()
        case, self.case = self.case, self._case(self.other_customer)
        none = self._hand_over(small)
        self.case = case
        [(rate,)] = self.env["collection.handover"]._read_group(
            [("id", "in", (handover | none).ids)], [], ["rate:avg"]
        )
        self.assertAlmostEqual(rate, 100 * 3_000 / 12_000, msg="of the sums")

    def test_what_they_did_restarts_prescription(self):
        handover = self._hand_over(self.first)
        steps = self.env["collection.handover.step"].with_user(self.owner)
        with self._at(f"{TODAY + 40 * DAY} 12:00:00"):
            with self.assertRaisesRegex(UserError, "not happened yet"):
                steps.create(
                    {"handover_id": handover.id, "kind": "title", "date": TODAY + 41 * DAY}
                )
            for kind, days in (("accepted", 1), ("filed", 10), ("served", 30)):
                steps.create(
                    {"handover_id": handover.id, "kind": kind, "date": TODAY + days * DAY}
                )
            item = self._items(self.first)
            self.assertEqual(item.date_prescribed, date(2031, 4, 17), "served, not filed")
            self.assertEqual(item.prescription_cause, "action")
            steps.create({"handover_id": handover.id, "kind": "title", "date": TODAY + 35 * DAY})
            item.invalidate_recordset()
            self.assertEqual(item.date_prescribed, date(2036, 4, 22), "ten years of a judgment")
            self._all_refused(
                [
                    lambda: handover.step_ids[:1].with_user(self.owner).write({"note": "x"}),
                    lambda: handover.step_ids[:1].with_user(self.owner).unlink(),
                ]
            )
        proofs = self.env["collection.evidence"].search([("event", "=", "handover_step")])
        self.assertEqual(len(proofs), 4)
        self.assertIn("Judgment", handover.message_ids[:1].body)

    # === THE FILE === #

    def test_the_file_is_built_and_sent(self):
        self._day(TODAY - 29 * DAY)
        handover = self._hand_over(self.first, self.second)
        self.assertEqual(handover.file_state, "waiting")
        with self.assertRaisesRegex(UserError, "not ready"):
            handover.with_user(self.owner).action_send()
        built = handover.sudo().with_context(force_report_rendering=True)
        with self._at(NOON), mute_logger("odoo.addons.base.models.ir_actions_report"):
            built._build_next_part()
        self.assertEqual(handover.file_state, "done")
        with zipfile.ZipFile(io.BytesIO(handover.file_ids.raw)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        self.assertLessEqual(
            {"form.xlsx", "form.csv", "items.csv", "interest.csv", "promises.csv", "plans.csv",
             "disputes.csv", "evidence.zip", "SHA256SUMS"},
            set(files),
        )  # fmt: skip
        for folder, count in (("invoices/", 2), ("reminders/", 1)):
            self.assertEqual(len([name for name in files if name.startswith(folder)]), count)
        head, *periods = csv.reader(io.StringIO(files["interest.csv"].decode("utf-8-sig")))
        self.assertEqual(head[-2:], ["Interest", "Currency"])
        self.assertAlmostEqual(sum(float(row[5]) for row in periods), handover.interest)
        self.assertIn("C-42", files["form.csv"].decode())
        with self._at(NOON):
            context = handover.with_user(self.owner).action_send()["context"]
            composer = self.env["mail.compose.message"].with_user(self.owner)
            composer.with_context(context).create({})._action_send_mail()
        message = handover.message_ids.filtered("attachment_ids")[:1]
        self.assertEqual(message.partner_ids, self.agency.partner_id)
        self.assertEqual(message.attachment_ids.mapped("mimetype"), ["application/zip"])
        self.assertTrue(handover.sent_on)
        proof = self.env["collection.evidence"].search([("event", "=", "handover_sent")])
        self.assertEqual(proof.case_id, self.case)

    # === RIGHTS === #

    def test_who_may_what(self):
        handover = self._hand_over(self.first)
        reader = self._user("audit", "account_collections.group_collection_readonly")
        stranger = self._user("stranger", "account_collections.group_collection_user")
        self.case.user_id = self.owner
        elsewhere = self.setup_other_company()["company"]
        foreign = self._user(
            "foreign", "account_collections.group_collection_manager", company=elsewhere
        )
        handover.with_user(self.owner).write({"reference": "AG-7"})
        self.assertEqual(handover.with_user(reader).reference, "AG-7")
        values = {"handover_id": handover.id, "kind": "other"}
        self._all_refused(
            [
                lambda: handover.with_user(self.owner).write({"state": "closed"}),
                lambda: handover.with_user(self.owner).write({"fee_percent": 1}),
                lambda: handover.with_user(self.owner).write({"outcome": "recovered"}),
                lambda: handover.with_user(self.owner).action_close(),
                lambda: handover.with_user(self.owner).copy(),
                lambda: handover.with_user(reader).write({"reference": "x"}),
                lambda: handover.with_user(reader).action_build_file(),
                lambda: handover.with_user(stranger).read(["reference"]),
                lambda: handover.with_user(foreign).read(["reference"]),
                lambda: handover.with_user(foreign).action_close(),
                lambda: handover.line_ids.with_user(foreign).read(["amount"]),
                lambda: handover.line_ids.with_user(self.owner).write({"amount": 1}),
                lambda: self.env["collection.handover.step"].with_user(stranger).create(values),
                lambda: self.env["collection.handover.step"].with_user(reader).create(values),
                lambda: self.env["collection.handover.cost"]
                .with_user(stranger)
                .create({"handover_id": handover.id, "amount": 1}),
                lambda: self.agency.with_user(self.owner).write({"fee_percent": 0}),
            ]
        )
        self.assertEqual((handover.state, handover.fee_percent), ("handed_over", 10))

    def test_it_follows_a_merged_case_and_is_erased_with_it(self):
        handover = self._hand_over(self.first, note="Lives above the shop")
        self._invoice(self.other_customer, 100, overdue=50)
        self._sync_cases()
        target = self._case(self.other_customer)
        self.case.sudo()._merge_into(target.sudo())
        self.assertEqual(handover.case_id, target)
        self.env["collection.erasure"]._erase_cases(target, "person")
        self.assertFalse(handover.note)
        self.assertEqual(handover.principal, 10_000)


@tagged("post_install", "-at_install")
class TestPrescription(HandoverCommon):
    """Until when a debt can be claimed: by country, by customer, by what interrupts."""

    def _refresh(self, today=TODAY):
        self._sync_cases()
        self.env["collection.prescription"]._refresh(self.company, today)
        self.env.invalidate_all()

    def _last(self, invoice):
        return self._items(invoice).date_prescribed

    def test_by_country_and_customer(self):
        self._refresh()
        # Invoiced thirty days before its due date.
        self.assertEqual(self._last(self.first), date(2031, 1, 2))
        for country, last in (
            ("de", date(2029, 12, 31)), ("es", date(2031, 2, 1)), ("it", date(2036, 2, 1)),
            ("uk", date(2032, 2, 1)), ("be", date(2036, 2, 1)), ("us", False),
        ):  # fmt: skip
            self.company.collection_prescription_country_id = self.env.ref(f"base.{country}")
            self._refresh()
            self.assertEqual(self._last(self.first), last, country)
        self.company.collection_prescription_country_id = self.env.ref("base.fr")
        self.customer.collection_legal_form = "consumer"
        self._refresh()
        self.assertEqual(self._last(self.first), date(2028, 1, 2))
        self.customer.write(
            {"collection_legal_form": False, "is_company": False, "company_registry": False}
        )
        self._refresh()
        self.assertEqual(self._last(self.first), date(2028, 1, 2), "nobody knows: the shorter one")

    def test_what_interrupts(self):
        """A part-payment does, a credit note and a spoken promise do not, a written one does."""
        self._pay(self.first, 100, payment_date=TODAY - 10 * DAY)
        credit = self._invoice(self.customer, 10, 0, move_type="out_refund")
        (credit | self.second).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        with self._at(NOON):
            self.case._promise_quick(50, TODAY + DAY, items=self._items(self.second))
            self._refresh()
            self.assertEqual(self._last(self.first), date(2031, 3, 8))
            self.assertEqual(self._items(self.first).prescription_cause, "paid")
            self.assertEqual(self._last(self.second), date(2031, 1, 27))
            self.case._promise_quick(
                60, TODAY + DAY, items=self._items(self.second), channel="mail", renew=True
            )
            self._refresh()
            self.assertEqual(self._last(self.second), date(2031, 3, 18))
            self.assertEqual(self.case.date_prescribed, min(
                self._last(one) for one in (self.first, self.second, self.later)))  # fmt: skip

    def test_an_acknowledgement_is_written_down_and_taken_back(self):
        interruptions = self.env["collection.interruption"].with_user(self.owner)
        with self._at(NOON):
            self._refresh()
            with self.assertRaisesRegex(UserError, "past day"):
                interruptions.create({"case_id": self.case.id, "date": TODAY + DAY})
            theirs = self._invoice(self.other_customer, 70, overdue=5)
            with self.assertRaisesRegex(UserError, "Choose the documents"):
                interruptions.create(
                    {"case_id": self.case.id, "move_ids": [Command.link(theirs.id)]}
                )
            made = interruptions.create(
                {"case_id": self.case.id, "date": TODAY, "note": "Letter of 18 March"}
            )
            self.env.invalidate_all()
            self.assertEqual(made.sudo().move_ids, self.first | self.second | self.later)
            self.assertEqual(self._last(self.first), date(2031, 3, 18))
            self._all_refused(
                [
                    lambda: made.write({"date": TODAY - DAY}),
                    lambda: made.unlink(),
                    lambda: self.env["collection.prescription"].with_user(self.manager).create({}),
                ]
            )
            made.with_user(self.manager).unlink()
            self.env.invalidate_all()
            self.assertEqual(self._last(self.first), date(2031, 1, 2))
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertLessEqual(
            {"prescription_interrupted", "interruption_deleted"}, set(events.mapped("event"))
        )

    def test_owner_and_manager_are_warned_once(self):
        self.case.user_id = self.owner
        old = self._invoice(self.customer, 900, overdue=5 * 365 - 100)
        self._refresh()
        tasks = self.case.activity_ids.filtered(lambda one: "Prescription" in one.summary)
        self.assertEqual(tasks.user_id, self.owner | self.manager)
        self.assertEqual(set(tasks.mapped("date_deadline")), {self._last(old)})
        self.assertIn(old.name, tasks[0].note)
        self._refresh()
        self.assertEqual(len(self.case.activity_ids & tasks), 2)
        near = self.env["collection.case"].search(
            [("date_prescribed", "<=", TODAY + 180 * DAY), ("id", "=", self.case.id)]
        )
        self.assertEqual(near, self.case)
        # An acknowledgement moves the day; years later there is another warning.
        with self._at(NOON):
            self._pay(old, 100)
            self._refresh()
            self.assertEqual(len(self.case.activity_ids), 2)
        self._refresh(self._last(old) - 30 * DAY)
        self.assertGreater(len(self.case.activity_ids), 2)
