import csv
import hashlib
import io
import zipfile
from datetime import date
from unittest.mock import patch

import openpyxl
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import DAY, TODAY, InsuranceCommon


class FilingCommon(InsuranceCommon):
    """A customer with a covered invoice that is ten days late, and its case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.term_ids.write({"notification_days": 45, "deductible": 100})
        cls.buyer = cls._buyer(
            cls.customer, insurer_ref="AT-77", registration="552100554", grade="4"
        )
        cls._decide(cls.buyer, "full", 1500, reference="D-1")
        cls.first = cls._invoice(cls.customer, 1000, overdue=10)
        cls.second = cls._invoice(cls.customer, 800.55, overdue=5)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)
        cls.case.user_id = cls.owner
        cls.mine = cls.case.with_user(cls.owner)
        cls._refresh()

    @classmethod
    def _refresh(cls, day=TODAY):
        with cls._at(f"{day} 12:00:00"):
            cls.env["collection.insurance.exposure"]._refresh(cls.company)

    def _items(self, *moves, user=None):
        self.env.flush_all()
        items = self.env["collection.item"].with_user(user or self.owner)
        return items.search([("move_id", "in", [move.id for move in moves])])

    def _cover(self, move):
        return self.env["collection.insurance.cover"].search([("move_id", "=", move.id)])

    def _declare(self, kind="hand_over", day=TODAY, user=None, **values):
        """Fill in the dialog and press its button; what is not given stays as offered."""
        with self._at(f"{day} 12:00:00"):
            wizard = (
                self.env["collection.insurance.declare"]
                .with_user(user or self.owner)
                .with_context(active_id=self.case.id)
                .create({"kind": kind, "with_file": False, **values})
            )
            action = wizard.action_declare()
            self.env.flush_all()
        self.env.invalidate_all()
        return self.env[action["res_model"]].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestDeadlinesAndUndertakings(FilingCommon):
    """Nobody agrees past a deadline by mistake: due 8 March, notify by 22 April."""

    def _promise(self, user, day, **values):
        with self._at(f"{TODAY} 08:00:00"):
            return self.case.with_user(user)._promise_quick(None, day, **values)

    def test_a_promise_across_a_deadline_is_the_manager_s(self):
        self.company.collection_promise_days = 200
        last = self.first.invoice_date_due + 45 * DAY
        words = rf"{self.first.name} has to be notified to Test Insurer by 04/22/2026.*manager may"
        with self.assertRaisesRegex(UserError, words):
            self._promise(self.owner, last + DAY)
        with self.assertRaisesRegex(UserError, "write down why"):
            self._promise(self.manager, last + DAY)
        # of the second item alone the deadline is later
        later = self._promise(self.owner, last + DAY, items=self._items(self.second))
        self.assertFalse(later.allowed_by_id)
        kept = self._promise(self.owner, last, items=self._items(self.first))
        self.assertFalse(kept.exception_reason)
        allowed = self._promise(
            self.manager, last + DAY, items=self._items(self.first), renew=True,
            exception_reason="The insurer agreed",
        )  # fmt: skip
        self.assertEqual(allowed.allowed_by_id, self.manager)
        proof = self.env["collection.evidence"].search(
            [("case_id", "=", self.case.id), ("event", "=", "promised")], limit=1
        )
        self.assertEqual(proof.facts["exception"], "The insurer agreed")
        # once it is notified the next deadline counts: the end of the extension period
        with self._at(f"{TODAY} 09:00:00"):
            allowed.with_user(self.manager).action_cancel()
        self._declare("notification", cause="unpaid")
        self._promise(self.owner, last + DAY, items=self._items(self.first))
        with self.assertRaisesRegex(UserError, "extension period .* 05/07/2026"):
            self._promise(
                self.owner, last + 40 * DAY, items=self._items(self.first), renew=True
            )

    def test_the_dialog_shows_the_deadline_before(self):
        self.company.collection_promise_days = 200
        values = {"kind": "promise", "case_ids": self.case.ids}
        with self._at(f"{TODAY} 08:00:00"):
            pause = self.env["collection.pause"].with_user(self.manager).new(
                {**values, "date_promised": date(2026, 4, 23)}
            )
            self.assertIn("04/22/2026", pause.bound_sentence)
            self.assertTrue(pause.is_exceptional)
            pause.date_promised = date(2026, 4, 22)
            self.assertFalse(pause.bound_sentence)
            self.assertFalse(pause.is_exceptional)

    def test_what_has_no_cover_has_nothing_to_lose(self):
        self.company.collection_promise_days = 200
        bare = self._invoice(self.other_customer, 500, overdue=10)
        self._sync_cases()
        self._refresh()
        self.assertEqual(self._cover(bare).state, "uncovered")
        with self._at(f"{TODAY} 08:00:00"):
            promise = self._case(self.other_customer)._promise_quick(None, TODAY + 150 * DAY)
        self.assertEqual(promise.date, TODAY + 150 * DAY)

    def test_a_customer_hears_of_the_day_and_not_of_the_insurance(self):
        self.company.collection_promise_days = 200
        guest = new_test_user(self.env, "guest", "base.group_portal")
        case = self.case.with_user(guest).sudo()
        values = {"items": self._items(self.first).with_env(case.env), "channel": "portal"}
        with self._at(f"{TODAY} 08:00:00"):
            with self.assertRaises(UserError) as refused:
                case._promise_quick(1000, date(2026, 5, 8), **values)
            case._promise_quick(1000, date(2026, 4, 22), **values)
        self.assertEqual(
            str(refused.exception),
            "This is too late for us: 04/22/2026 is the latest day that can be agreed here. "
            "Please contact us.",
        )

    def test_a_plan_across_a_deadline_is_approved_by_a_manager_who_says_why(self):
        with self._at(f"{TODAY} 08:00:00"):
            plan = self.mine.env["collection.plan"]._make(
                self.mine, None, {"count": 3, "first": date(2026, 3, 20)}
            )
            self.assertIn("04/22/2026", plan.bound_sentence)
            self.assertEqual(plan.approval, "needed")
            with self.assertRaisesRegex(UserError, "04/22/2026.*manager may allow"):
                plan.action_propose()
            plan.action_ask_approval()
            self.assertIn(plan, plan.search([("approval", "=", "asked")]))
            asked = plan.with_user(self.manager)
            with self.assertRaisesRegex(UserError, "write down why"):
                asked.action_approve()
            asked.exception_reason = "The insurer agreed by mail"
            asked.action_approve()
            plan.action_propose()
            self.assertEqual((plan.state, plan.approved_by_id), ("proposed", self.manager))
            self.assertFalse(plan.bound_sentence)
            # within the deadline nobody has to be asked
            plan.action_rework()
            plan.line_ids = [(5,), (0, 0, {"date": date(2026, 4, 22), "amount": plan.amount})]
            self.assertEqual(plan.approval, "none")


@tagged("post_install", "-at_install")
class TestFiling(FilingCommon):
    """What the insurer is told, what becomes of dunning and deadlines, what goes into the file."""

    def test_handed_over_and_taken_back(self):
        self._morning()
        reminder = self.case.reminder_ids
        self.assertEqual(reminder.state, "scheduled")
        told = TODAY + DAY
        filing = self._declare(day=told, reference="CL-9", cause="refusal")
        self.assertEqual(filing.item_ids.mapped("move_name"), [self.first.name, self.second.name])
        self.assertEqual(
            (filing.amount, filing.covered, filing.uncovered, filing.indemnity),
            (1800.55, 1500, 300.55, 1250),
        )
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "insurer"))
        self.assertEqual(self.case.decision_id.reason, "insurer")
        self.assertEqual(
            self.case.decision_sentence,
            "It was handed over to Test Insurer on 03/19/2026, who collects it.",
        )
        french = self.case.with_context(lang="fr_FR")
        self.assertIn("Test Insurer", french.decision_sentence)
        cover = self._cover(self.first)
        self.assertEqual((cover.filed, cover.date_filed), ("hand_over", told))
        self.assertEqual((cover.next_clock, cover.date_next_clock), ("claim", cover.date_claim))
        self.assertEqual((self.mine.insurer_name, self.mine.filing_count), ("Test Insurer", 1))
        summary = self._morning(told + DAY)
        self.assertEqual(summary["held_by_reason"], {"insurer": 1})

        with self.assertRaisesRegex(UserError, "declared already"):
            self._declare(day=told, item_ids=self._items(self.first).ids)
        with self.assertRaisesRegex(AccessError, "manager takes"):
            filing.with_user(self.owner).action_withdraw()
        with self.assertRaisesRegex(UserError, "not changed"):
            filing.with_user(self.owner).withdrawal_reason = "So what"
        managed = filing.with_user(self.manager)
        with self._at(f"{told + DAY} 13:00:00"):
            with self.assertRaisesRegex(UserError, "Write down why"):
                managed.action_withdraw()
            managed.withdrawal_reason = "The customer paid us"
            managed.action_withdraw()
            with self.assertRaisesRegex(UserError, "cannot become"):
                managed.action_withdraw()
        self.env.invalidate_all()
        self.assertEqual((filing.state, filing.withdrawn_by_id), ("withdrawn", self.manager))
        self.assertNotEqual(self.case.decision_id.reason, "insurer")
        cover.invalidate_recordset()
        self.assertEqual((cover.filed, cover.next_clock), (False, "notification"))
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        self.assertEqual(
            [one for one in events.mapped("event") if one.startswith("decla")],
            ["declaration_withdrawn", "declared"],
        )
        self.assertTrue(self._declare(day=told + DAY), "it may be handed over again")

    def test_dunning_goes_on_once_what_was_handed_over_is_paid(self):
        self._declare(item_ids=self._items(self.first).ids)
        self._pay(self.first)
        with self._at(f"{TODAY} 13:00:00"):
            self.case._decide_again()
        self.env.invalidate_all()
        self.assertNotEqual(self.case.decision_id.reason, "insurer")
        self.assertFalse(self.case.insurer_name)

    def test_what_cannot_be_declared(self):
        credit = self._invoice(self.customer, 50, overdue=5, move_type="out_refund")
        bare = self._invoice(self.other_customer, 500, overdue=10)
        self._sync_cases()
        for values, words in (
            ({"item_ids": []}, "Choose what"),
            ({"date": TODAY + DAY}, "on which the insurer was told"),
            ({"date": TODAY - 300 * DAY}, "cannot have been declared before"),
            ({"item_ids": self._items(credit).ids}, "is a credit"),
            ({"item_ids": self._items(bare, user=self.manager).ids}, "of one customer"),
            ({"policy_id": self._policy("POL-9").id}, "covers nothing of it"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self._declare(**values)

    def test_who_declares(self):
        reader = self.reader
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self._declare(user=reader)
        other = self._user("colleague", "account_collections.group_collection_user")
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self._declare(user=other)
        filing = self._declare("notification")
        filing.with_user(self.owner).reference = "AT/1"
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            filing.with_user(other).reference = "AT/2"
        # what was told of another collector's customer is not theirs to read
        for records in (filing, filing.item_ids):
            self.assertFalse(records.with_user(other).search([("id", "in", records.ids)]))
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
                records.with_user(other).read(["amount"])
            self.assertEqual(records.with_user(self.owner).search([("id", "in", records.ids)]),
                             records)  # fmt: skip
        self.assertEqual(filing.with_user(reader).reference, "AT/1")
        stranger = self._user(
            "stranger",
            "account_collections.group_collection_manager",
            self._create_company(name="Elsewhere"),
        )
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            filing.with_user(stranger).read(["amount"])
        # notified is not handed over: dunning goes on
        self.assertFalse(self.case.insurer_name)

    def test_the_indemnity_of_a_claim_beyond_the_limit(self):
        """40,000 are owed and 30,000 insured for 90 %: 27,000 less the deductible of 2,500."""
        self.policy.term_ids.deductible = 2500
        customer = self._customer("Large", company_registry=False)
        self._decide(self._buyer(customer), "full", 30000)
        self._invoice(customer, 40000, overdue=10)
        self._sync_cases()
        self._refresh()
        self.case = self._case(customer)
        claim = self._declare("claim", user=self.manager)
        self.assertEqual((claim.covered, claim.uncovered, claim.indemnity), (30000, 10000, 24500))

    def test_words_are_erased_and_shown_to_whom_they_are_about(self):
        filing = self._declare(note="Spoke with Anne", reference="CL-1")
        answer = self.env["collection.personal.data"]._collect(self.customer)
        self.assertEqual(
            [(one["note"], one["reference"]) for one in answer["declarations"]],
            [("Spoke with Anne", "CL-1")],
        )
        self.env["collection.erasure"]._erase_cases(self.case, "term")
        self.assertEqual((filing.note, filing.amount), (False, 1800.55))

    def test_words_of_requests_are_erased_and_shown_too(self):
        """Of a customer with a case, and of one whom nobody ever dunned."""
        data = self.env["collection.personal.data"]
        requests = self.env["collection.insurance.request"]
        for partner in (self.case.partner_id, self._customer("Anne")):
            document = self.env["ir.attachment"].create(
                {"name": "accounts.csv", "raw": b"x", "res_model": requests._name}
            )
            request = requests.create(
                {
                    "policy_id": self.policy.id,
                    "partner_id": partner.id,
                    "amount": 5000,
                    "reason": "Anne pays well",
                    "document_ids": [Command.set(document.ids)],
                }
            )
            request.action_submit()
            request.message_post(body="Anne called")
            request.action_approve()
            answer = data._collect(partner)
            [told] = answer["limit_requests"]
            self.assertEqual(
                (told["reason"], told["documents"], told["amount"]),
                ("Anne pays well", ["accounts.csv"], 5000),
            )
            self.assertIn("limit_requests", data._get_sections())
            data._empty(data._find(partner))
            self.assertEqual((request.reason, request.amount), (False, 5000))
            self.assertFalse(document.exists())
            self.assertFalse(any(request.message_ids.mapped("body")))
        limits = data._collect(self.case.partner_id)["limits"]
        self.assertIn("full", [one["decision"] for one in limits])

    # === THE FILE === #

    def _build(self, filing):
        filing.with_user(self.owner).action_build_file()
        filing.env.flush_all()
        with self._at(f"{TODAY} 14:00:00"):
            filing = filing.sudo().with_context(force_report_rendering=True)
            with mute_logger("odoo.addons.base.models.ir_actions_report"):
                while filing.file_state == "waiting":
                    filing._build_next_part()
        return filing.file_ids

    def _open(self, attachment):
        """Return {name: content} of an archive, whose digests are true."""
        with zipfile.ZipFile(io.BytesIO(attachment.raw)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        sums = dict(
            reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines()
        )
        found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        self.assertEqual(sums, found)
        return files

    def _read_csv(self, content):
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    def test_the_file_to_the_cent(self):
        self.customer.name = "Dupont & Fils / ../../etc"
        with self._at(f"{TODAY} 08:00:00"):
            self.mine._promise_quick(
                300, TODAY + 2 * DAY, sentence="=cmd()", items=self._items(self.second)
            )
        self._morning()
        self._depart(f"{TODAY} 10:00:00")
        filing = self._declare("claim", reference="CL-10")
        archive = self._build(filing)
        self.assertEqual((archive.res_model, archive.res_id), (self.case._name, self.case.id))
        self.assertRegex(archive.name, r"^claim-2026-03-18-[\w.\- ]+\.zip$")
        files = self._open(archive)
        self.assertTrue(
            {"form.xlsx", "form.csv", "items.csv", "promises.csv", "plans.csv", "disputes.csv",
             "statement.pdf", "evidence.zip"} <= set(files)
        )  # fmt: skip
        invoices = [name for name in files if name.startswith("invoices/")]
        self.assertEqual(len(invoices), 2)
        for name in (*invoices, "statement.pdf"):
            self.assertTrue(files[name].startswith(b"%PDF"), name)
        mails = [files[name] for name in files if name.startswith("reminders/")]
        self.assertEqual(len(mails), len(self.case.reminder_ids.filtered("sent_at")))
        self.assertTrue(mails)
        for name in files:
            self.assertRegex(name, r"^([\w-]+/)?[\w.\- ]+$")

        items = self._read_csv(files["items.csv"])
        self.assertEqual(
            [(row["Document"], row["Open"], row["Covered"], row["Uncovered"]) for row in items],
            [
                (self.first.name, "1000.00", "1000.00", "0.00"),
                (self.second.name, "800.55", "500.00", "300.55"),
            ],
        )
        self.assertEqual(items[0]["Claim by"], str(self.first.invoice_date_due + 150 * DAY))
        [form] = self._read_csv(files["form.csv"])
        self.assertEqual(
            [form[name] for name in ("Insurer's number of the buyer", "Registration number",
                                     "Decision's reference", "Limit", "Open", "Covered",
                                     "Expected indemnity")],
            ["AT-77", "552100554", "D-1", "1500.00", "1800.55", "1500.00", "1250.00"],
        )  # fmt: skip
        [promise] = self._read_csv(files["promises.csv"])
        self.assertEqual((promise["Amount"], promise["Said"]), ("300.00", "'=cmd()"))
        book = openpyxl.load_workbook(io.BytesIO(files["form.xlsx"]))
        head, *rows = book.worksheets[1].iter_rows(values_only=True)
        covered = head.index("Covered")
        self.assertEqual([row[covered] for row in rows], [1000, 500])
        with zipfile.ZipFile(io.BytesIO(files["evidence.zip"])) as evidence:
            self.assertIn("verify.py", evidence.namelist())
        proof = self.env["collection.evidence"].search(
            [("case_id", "=", self.case.id), ("event", "=", "declaration_file")]
        )
        self.assertEqual(proof.facts["sha256"], hashlib.sha256(archive.raw).hexdigest())
        self.assertIn(archive, self.case.message_ids.attachment_ids)
        # another collector, and who may not read the case, get nothing
        stranger = self._user("clerk", "base.group_user")
        with self.assertRaises(AccessError):
            archive.with_user(stranger).check_access("read")
        with self.assertRaisesRegex(UserError, "being built"):
            filing.action_build_file()
            filing.action_build_file()

    def test_what_was_claimed_of_other_terms_leaves_their_maximum(self):
        """Of 1,000.00 at most, 800.00 were claimed: the other item was under other terms."""
        claim = self._declare("claim").sudo()  # nobody else changes what was declared
        first, second = claim.item_ids
        term = first.term_id
        term.maximum = 1000
        second.term_id = term.copy({"date_start": date(2031, 1, 1), "date_end": date(2031, 12, 31)})
        self.assertEqual((first.indemnity, claim.indemnity), (900, 1250))
        self.assertEqual(claim.copy()._get_indemnity(term, first), 200)
        self.assertEqual(claim._get_indemnity(term, first), 800, "its own counts once")

    def test_a_large_file_comes_in_parts(self):
        filing = self._declare("claim")
        path = "odoo.addons.account_collections.models.collection_dossier"
        with patch(f"{path}.PART_DOCUMENTS", 1):
            archives = self._build(filing).sorted("id")
        first, second = (self._open(one) for one in archives)
        self.assertEqual([one.name[-6:] for one in archives], ["-1.zip", "-2.zip"])
        self.assertIn("form.csv", first)
        self.assertEqual([name.split("/")[0] for name in second], ["invoices"])
