import hashlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.account_collections.models.collection_undertaking import Bound
from odoo.exceptions import UserError
from odoo.tests import tagged

from .access_common import PAGE
from .forms_common import FormCommon


@tagged("post_install", "-at_install")
class TestPlanOnline(FormCommon):
    """A customer asks for instalments, and accepts the agreement on line."""

    def setUp(self):
        super().setUp()
        self.company.write(
            {
                "collection_ready_plan_amount": 1000,
                "collection_ready_plan_count": 3,
                "collection_ready_plan_share": 50,
                "collection_ready_plan_least": 20,
                "collection_ready_plan_days": 10,
            }
        )
        self.today = self.company._collection_today()
        self._enter()

    def _day(self, days):
        return fields.Date.to_string(self.today + timedelta(days=days))

    def _ask(self, **changes):
        typed = {"count": "3", "date": self._day(5), "name": "Ann Clerk", **changes}
        return self._send("/instalments", **typed)

    def _accept(self, plan, **changes):
        typed = {"agreed": "1", "name": "Ann Clerk", **changes}
        return self._send(f"/plan/{plan.id}", **typed)

    def _plan(self):
        return self.env["collection.plan"].search([("case_id", "=", self.case.id)], limit=1)

    # === STORIES === #

    def test_within_the_ready_made_offer_it_is_accepted_at_once(self):
        answer = self._ask()
        plan = self._plan()
        self.assertIn(f"/plan/{plan.id}?", answer.url)
        self.assertEqual((plan.state, plan.portal_offer), ("draft", "ready"))
        self.assertEqual(plan.line_ids.mapped("amount"), [60, 30, 30])
        self.assertEqual(self._claimed(self.customer), {self.invoice.name: 120}, "an offer only")
        document = self.url_open(f"{PAGE}/plan/{plan.id}/pdf")
        self.assertEqual(document.headers["Content-Type"], "application/pdf")
        self.assertTrue(document.content.startswith(b"%PDF"))

        answer = self._accept(plan)
        self.assertIn("it is agreed", answer.text)
        self.assertEqual((plan.state, plan.accepted_on), ("active", self.today))
        self.assertEqual(plan.line_ids.promise_id.mapped("amount"), [60, 30, 30])
        self.assertIn("In your instalment plan: next $\xa060.00 on", self.url_open(PAGE).text)
        events = self.env["collection.evidence"].search([("case_id", "=", self.case.id)])
        proof = events.filtered(lambda one: one.event == "undertaken")
        self.assertEqual(proof.facts["name"], "Ann Clerk")
        self.assertEqual(
            proof.facts["agreement_sha256"], hashlib.sha256(document.content).hexdigest()
        )
        self.assertIn("fact.address", proof.digests)
        self.assertIn("acknowledged", events.mapped("event"))
        self.assertNotIn("<form", answer.text.split("<h1")[1].split("Your contact")[0])

    def test_beyond_the_offer_it_is_work_for_the_owner_and_accepted_once_proposed(self):
        answer = self._ask(count="10", text="Winter is slow")
        plan = self._plan()
        self.assertEqual((plan.state, plan.portal_offer), ("draft", "request"))
        self.assertIn("answer you", answer.text)
        self.assertIn("in <strong>10</strong> instalments", answer.text)
        self.assertTrue(self.case.unanswered_since)
        self.assertEqual(self.case.activity_ids.user_id, self.owner)
        said = self.case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertIn("Winter is slow", said.body)
        self.assertEqual(self.url_open(f"{PAGE}/plan/{plan.id}/pdf").status_code, 404)
        hidden = self._hidden(self.url_open(f"{PAGE}/message"))
        refused = self._post(f"/plan/{plan.id}", hidden, agreed="1", name="Ann")
        self.assertIn("no longer be accepted", self._refusal(refused))
        self.assertIn("waits for an answer", self.url_open(f"{PAGE}/instalments").text)

        plan.with_user(self.owner).action_propose()
        self.assertIn("waits for you", self.url_open(f"{PAGE}/plan/{plan.id}").text)
        self._accept(plan)
        self.assertEqual(plan.state, "active")

    def test_what_a_collector_proposed_is_accepted(self):
        plan = self.env["collection.plan"]._make(
            self.case, instalments={"count": 2, "first": self.today + timedelta(days=9)}
        )
        self.assertEqual(
            self.url_open(f"{PAGE}/plan/{plan.id}").status_code, 404, "a draft of ours"
        )
        plan.with_user(self.owner).action_propose()
        self.assertIn("waits for you", self.url_open(PAGE).text)
        self._accept(plan)
        self.assertEqual(plan.state, "active")

    # === READY OR NOT === #

    def test_past_a_day_that_binds_us_it_is_a_request(self):
        """Nobody is told why: the owner answers, and a credit manager may allow it."""

        def bind(_model, _lines, day):
            return Bound(self.today, "The insurer asks for it") if day > self.today else None

        with patch.object(type(self.env["collection.plan"]), "_get_bound", bind):
            answer = self._ask()
            plan = self._plan()
            self.assertEqual((plan.state, plan.portal_offer), ("draft", "request"))
            self.assertNotIn("insurer", answer.text)
            with self.assertRaisesRegex(UserError, "The insurer asks for it.*manager may"):
                plan.with_user(self.owner).action_propose()

    def test_each_limit_of_the_ready_made_offer(self):
        for changes, values in (
            ({"count": "4"}, {}),
            ({"date": self._day(11)}, {}),
            ({}, {"collection_ready_plan_least": 31}),
            ({}, {"collection_ready_plan_amount": 119}),
            ({}, {"collection_ready_plan_amount": 0}),
            ({}, {"collection_plan_approval_amount": 100}),
        ):
            with self.env.cr.savepoint() as savepoint:
                self.company.write(values)
                self._ask(**changes)
                self.assertEqual(self._plan().portal_offer, "request", (changes, values))
                savepoint.rollback()
            self.env.invalidate_all()
        self.case.sudo().scenario_id = self.scenario
        self.scenario.collection_ready_plans = False
        self._ask()
        self.assertEqual(self._plan().portal_offer, "request", "not in this segment")

    def test_another_look_replaces_the_offer(self):
        self._ask()
        first = self._plan()
        self._ask(count="2")
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(self.url_open(f"{PAGE}/plan/{first.id}").status_code, 404)
        self.assertEqual(len(self._plan().line_ids), 2)

    def test_an_offer_that_somebody_changed_is_none(self):
        self._ask()
        plan = self._plan()
        lines = plan.with_user(self.owner).line_ids
        lines[0].amount, lines[1].amount = 30, 60
        hidden = self._hidden(self.url_open(f"{PAGE}/message"))
        answer = self._post(f"/plan/{plan.id}", hidden, agreed="1", name="Ann")
        self.assertIn("no longer be accepted", self._refusal(answer))

    def test_contested_items_are_no_part_of_it(self):
        self._dispute(self.invoice, 10)
        self.assertIn("Nothing is overdue that", self.url_open(f"{PAGE}/instalments").text)

    # === REFUSED === #

    def test_instalments_that_are_none(self):
        for changes, words in (
            ({"count": "1"}, "between 2 and 36"),
            ({"count": "37"}, "between 2 and 36"),
            ({"count": "-3"}, "between 2 and 36"),
            ({"count": "x"}, "between 2 and 36"),
            ({"date": self._day(-1)}, "first instalment"),
            ({"date": self._day(61)}, "first instalment"),
            ({"date": "soon"}, "first instalment"),
            ({"name": ""}, "your name"),
        ):
            self.assertIn(words, self._refusal(self._ask(**changes)), changes)
        self.assertFalse(self._plan())

    def test_accepted_by_name_and_once(self):
        self._ask()
        plan = self._plan()
        self.assertIn("accept the agreement", self._refusal(self._accept(plan, agreed="")))
        self.assertIn("your name", self._refusal(self._accept(plan, name="")))
        hidden = self._hidden(self.url_open(f"{PAGE}/plan/{plan.id}"))
        for _turn in range(2):
            self._post(f"/plan/{plan.id}", hidden, agreed="1", name="Ann")
        self.assertEqual(len(plan.promise_ids), 3)
        self.assertEqual(
            self.env["collection.evidence"].search_count(
                [("case_id", "=", self.case.id), ("event", "=", "undertaken")]
            ),
            1,
        )

    def test_paid_in_between_and_expired(self):
        self._ask()
        plan = self._plan()
        hidden = self._hidden(self.url_open(f"{PAGE}/plan/{plan.id}"))
        self._pay(self.invoice, 50)
        answer = self._post(f"/plan/{plan.id}", hidden, agreed="1", name="Ann")
        self.assertIn("as your account stands now", self._refusal(answer))
        self.assertEqual(plan.state, "draft", "nothing of it remains")
        plan.sudo().valid_until = self.today - timedelta(days=1)
        self.assertIn("no longer be accepted", self.url_open(f"{PAGE}/plan/{plan.id}").text)

    def test_plans_of_others_look_like_none(self):
        plan = self.env["collection.plan"]._make(
            self.foreign_case, instalments={"count": 2, "first": self.today + timedelta(days=9)}
        )
        plan.action_propose()
        hidden = self._hidden(self.url_open(f"{PAGE}/message"))
        for path in (f"/plan/{plan.id}", f"/plan/{plan.id}/pdf", "/plan/0"):
            self.assertEqual(self.url_open(f"{PAGE}{path}").status_code, 404)
        answer = self._post(f"/plan/{plan.id}", hidden, agreed="1", name="Ann")
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(plan.state, "proposed")

    def test_not_offered(self):
        hidden = self._hidden(self.url_open(f"{PAGE}/instalments"))
        self.company.collection_offer_plans = False
        self.assertNotIn("/instalments", self.url_open(PAGE).text)
        self.assertEqual(self.url_open(f"{PAGE}/instalments").status_code, 404)
        self.assertEqual(self._post("/instalments", hidden).status_code, 404)
