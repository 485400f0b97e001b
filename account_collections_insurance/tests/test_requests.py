import csv
import io
import re

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import DAY, TODAY, InsuranceCommon

NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestRequests(InsuranceCommon):
    """From the wish for a limit to the insurer's answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_credit_manager_id = cls.manager
        cls.requests = cls.env["collection.insurance.request"]

    def _request(self, partner=None, **values):
        partner = partner or self.customer
        action = partner.with_user(self.owner).action_request_limit()
        return (
            self.requests.with_user(self.owner)
            .with_context(**action["context"])
            .create({"policy_id": self.policy.id, "amount": 40000, "reason": "=1+1", **values})
        )

    def _exported(self, requests, extension):
        with self._at(NOON):
            action = getattr(requests.with_user(self.manager), f"action_export_{extension}")()
        [number] = re.findall(r"/web/content/(\d+)", action["url"])
        return self.env["ir.attachment"].browse(int(number)).raw

    def test_asked_approved_exported_answered(self):
        with self._at(NOON):
            request = self._request(credit_days=45)
            self.assertEqual(request.partner_id, self.customer)
            # all that its form shows
            self.assertFalse(request.read()[0]["can_send"])
            request.action_submit()
            self.assertEqual(request.sudo().activity_ids.user_id, self.manager)
            for attempt in (request.action_approve, request.action_export_csv):
                with self.assertRaises(AccessError):
                    attempt()
            with self.assertRaises(AccessError):
                request.write({"state": "approved"})
            with self.assertRaises(UserError):
                request.amount = 50000
            with self.assertRaises(UserError):
                request.with_user(self.manager).action_export_csv()
            request.with_user(self.manager).action_approve()
            with self.assertRaisesRegex(UserError, "Nothing connects"):
                request.with_user(self.manager).action_send()
        self.assertFalse(request.sudo().activity_ids)
        self.insurer.column_ids = [(0, 0, {"name": "amount_requested", "header": "Montant"})]
        rows = list(csv.reader(io.StringIO(self._exported(request, "csv").decode("utf-8-sig")),
                               delimiter=";"))  # fmt: skip
        told = dict(zip(*rows))
        self.assertEqual(
            (told["Montant"], told["buyer"], told["registration number"], told["currency"]),
            ("40000.00", "Dupont", "552100554", self.policy.currency_id.name),
        )
        self.assertEqual((told["payment term (days)"], told["reason"]), ("45", "'=1+1"))
        self.assertEqual((request.state, request.sent_on), ("sent", TODAY))
        buyer = request.buyer_id
        one_entity = self.customer | self.other_customer  # of one registration number
        self.assertEqual((buyer.partner_ids, buyer.limit_kind), (one_entity, "requested"))
        # exported again it is not asked for again
        book = openpyxl.load_workbook(io.BytesIO(self._exported(request, "xlsx")))
        self.assertEqual(book.active["M2"].value, "=1+1")
        self.assertEqual(book.active["M2"].data_type, "s")
        self.assertEqual(len(buyer.decision_ids), 1)

        self._decide(buyer, "pre_notice", effective=0)
        self.assertEqual(request.state, "sent")
        answer = self._decide(buyer, "partial", 25000, effective=1)
        self.assertEqual((request.state, request.decision_id), ("answered", answer))
        self.assertIn("25,000", request.message_ids[0].body)
        self.assertEqual(request.message_ids[0].partner_ids, self.owner.partner_id)
        with self._at(NOON):
            self.assertTrue(self._request(amount=60000), "an increase may be asked for")

    def test_declined_reworked_cancelled(self):
        with self._at(NOON):
            request = self._request()
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self._request()
            request.action_submit()
            request.with_user(self.manager).action_decline()
            self.assertEqual(request.state, "declined")
            request.action_rework()
            request.amount = 20000
            request.action_cancel()
            with self.assertRaises(UserError):
                request.action_submit()
            self._request()
            forged = {"default_state": "approved", "default_approved_by_id": self.manager.id}
            made = request.with_context(**forged).create(
                {
                    "policy_id": self.policy.id,
                    "partner_id": self.other_customer.id,
                    "amount": 1000,
                }
            )
            self.assertEqual((made.state, made.approved_by_id.ids), ("draft", []))
            for name, value in (("user_id", self.manager.id), ("buyer_id", False)):
                with self.assertRaises(AccessError):
                    made.write({name: value})
        stranger = self._user(
            "stranger",
            "account_collections.group_collection_manager",
            self._create_company(name="Elsewhere"),
        )
        for user in (self.reader, stranger):
            with self.assertRaises(AccessError):
                request.with_user(user).action_rework()
        request.with_user(self.reader).read(["amount"])
        with self.assertRaises(AccessError):
            request.with_user(stranger).read(["amount"])

    # === VIEWS === #

    def test_the_screens_of_cover(self):
        """Tiles, the cover of a past day, payment behaviour and our own limit beside it."""
        self.policy.term_ids.maximum = 20000
        buyer = self._buyer(self.customer)
        self._decide(buyer, "full", 50000)
        first = self._invoice(self.customer, 30000, 20)
        self._invoice(self.customer, 25000, 10)
        late = self._invoice(self.customer, 500, 260)
        later = self._invoice(self.customer, 500, 40)
        self._pay(late, payment_date=TODAY - 250 * DAY)
        self._pay(later, payment_date=TODAY - 10 * DAY)
        early = self._invoice(self.customer, 9000, 230)
        self._pay(early, payment_date=TODAY - 240 * DAY)
        self.customer.with_company(self.company).credit_limit = 40000
        with self._at(NOON):
            self.env["collection.insurance.exposure"]._refresh(self.company)
        exposure = self.env["collection.insurance.exposure"].search(
            [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        )
        self.assertEqual((exposure.internal_limit, exposure.internal_headroom), (40000, -15000))
        self.assertEqual(
            (exposure.behaviour, exposure.late_percent, round(exposure.late_percent_before, 1)),
            ("worse", 100, 5.3),
        )
        self.assertEqual(exposure.days_late, -7.0)
        with self._at(NOON):
            policy = self.policy.with_user(self.owner)
            self.assertEqual(
                (policy.exposure_total, policy.covered_total, policy.uncovered_total),
                (55000, 50000, 5000),
            )
            self.assertEqual((policy.indemnity_total, policy.deadline_count), (20000, 0))
            covers = policy.with_context(tile="uncovered").action_open_covers()
            self.assertEqual(
                self.env["collection.insurance.cover"].search(covers["domain"]).mapped("uncovered"),
                [5000],
            )

        day = self.env["collection.insurance.day"].with_user(self.reader)
        day = day.create({"company_id": self.company.id, "date": TODAY - 45 * DAY})
        self._pay(first)
        action = day.action_show()
        lines = self.env[action["res_model"]].with_user(self.reader).search(action["domain"])
        self.assertEqual(sorted(lines.mapped("covered")), [500, 30000])
        theirs = lines.with_user(self.manager)
        self.assertFalse(theirs.search(action["domain"]), "what one asks for is one's own")
        other = self._create_company(name="Elsewhere")
        with self.assertRaises(AccessError):
            day.create({"company_id": other.id}).action_show()
