from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import TODAY, CollectionCommon


@tagged("post_install", "-at_install")
class TestSegments(CollectionCommon):
    """Which scenario takes whom, in which order, and who falls nowhere."""

    def _scenario(self, name, **values):
        return self.env["collection.scenario"].create(
            {"name": name, "level_ids": [self._level(20, 3, name)], **values}
        )

    def _taken_by(self, partner):
        fact, _made = self._decided(partner)
        return self.env["collection.scenario"].browse(fact.scenario and fact.scenario.key).name

    def test_each_condition(self):
        """Two late invoices of 400 and 600, the older one for 40 days; trust is normal."""
        self._invoice(self.customer, 400, overdue=40)
        self._invoice(self.customer, 600, overdue=5)
        self._invoice(self.customer, 250, overdue=-20)
        for wanted, accepted in (
            ({"min_outstanding": 1250}, True),
            ({"min_outstanding": 1251}, False),
            ({"max_outstanding": 1250}, False),
            ({"min_overdue": 1000}, True),
            ({"min_overdue": 1000.01}, False),
            ({"max_overdue": 1000}, False),
            ({"max_overdue": 1000.01}, True),
            ({"min_days_overdue": 40}, True),
            ({"min_days_overdue": 41}, False),
            ({"max_days_overdue": 40}, False),
            ({"max_days_overdue": 41}, True),
            ({"min_items": 2}, True),
            ({"min_items": 3}, False),
            ({"max_items": 2}, False),
            ({"max_items": 3}, True),
            ({"trust": "normal"}, True),
            ({"trust": "not_bad"}, True),
            ({"trust": "bad"}, False),
            ({"trust": "bad", "min_items": 1}, False),
        ):
            with self.subTest(wanted), self.cr.savepoint() as savepoint:
                self._scenario("Special", **wanted)
                self.assertEqual(self._taken_by(self.customer) == "Special", accepted)
                savepoint.rollback()

    def test_trust_is_that_of_the_company(self):
        self._scenario("Bad payers", trust="bad")
        self._invoice(self.customer, 400, overdue=40)
        other = self.env["res.company"].create({"name": "Other"})
        self.customer.with_company(other).trust = "bad"
        self.assertEqual(self._taken_by(self.customer), "Test")
        self.customer.with_company(self.company).trust = "bad"
        self.assertEqual(self._taken_by(self.customer), "Bad payers")

    def test_they_are_tried_in_their_order(self):
        large = self._scenario("Large", min_overdue=100, sequence=1)
        late = self._scenario("Late", min_days_overdue=10, sequence=2)
        self._invoice(self.customer, 400, overdue=40)
        self.assertEqual(self._taken_by(self.customer), "Large")
        late.sequence = 0
        self.assertEqual(self._taken_by(self.customer), "Late")
        large.sequence = late.sequence - 1
        self.assertEqual(self._taken_by(self.customer), "Large")
        self.scenario.sequence = -99
        self.assertEqual(self._taken_by(self.customer), "Large", "the fallback comes last")

    # === WHO FALLS WHERE === #

    def _preview(self, user=None):
        preview = self.env["collection.segment.preview"].with_user(user or self.manager).create(
            {"company_id": self.company.id, "date": TODAY}
        )
        return preview, preview.action_compute()

    def test_the_preview_says_what_a_run_would_choose(self):
        self._scenario("Large", min_overdue=500, sequence=1)
        self._scenario("Premium", partner_domain=f"[('id', '=', {self.other_customer.id})]")
        forced = self._customer("Forced")
        small = self._customer("Small")
        for partner, amount in (
            (self.customer, 900), (self.other_customer, 100), (forced, 900), (small, 10)
        ):
            self._invoice(partner, amount, overdue=20)
        self._sync_cases()
        self._case(forced).forced_scenario_id = self.scenario
        preview, action = self._preview()
        found = {line.case_id.partner_id: line for line in preview.line_ids}
        self.assertEqual(
            {partner.name: line.scenario_id.name for partner, line in found.items()},
            {"Dupont": "Large", "Martin": "Premium", "Forced": "Test", "Small": "Test"},
        )
        self.assertEqual(found[forced].answer, "forced")
        self.assertEqual(found[small].answer, "moves", "no run has looked at it yet")
        self.assertEqual(
            (found[self.customer].overdue, found[self.customer].days_overdue), (900, 20)
        )
        self.assertEqual(action["context"], {"search_default_group_scenario": 1})
        self._morning()
        for case in self.env["collection.case"].search([("company_id", "=", self.company.id)]):
            self.assertEqual(case.scenario_id, found[case.partner_id].scenario_id)
        preview, _action = self._preview()
        self.assertEqual(set(preview.line_ids.mapped("answer")), {"stays", "forced"})

    def test_who_falls_nowhere_is_listed(self):
        self.scenario.write({"is_fallback": False, "min_overdue": 500})
        self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.other_customer, 900, overdue=20)
        preview, _action = self._preview()
        nowhere = preview.line_ids.filtered(lambda line: line.answer == "nowhere")
        self.assertEqual(nowhere.case_id.partner_id, self.customer)
        self.assertFalse(nowhere.scenario_id)

    def test_it_measures_as_the_engine_does(self):
        """Credits lower what is outstanding; what is due today is not overdue."""
        self._invoice(self.customer, 400, overdue=40)
        self._invoice(self.customer, 300, overdue=0)
        self._invoice(self.customer, 50, overdue=3, move_type="out_refund")
        preview, _action = self._preview()
        line = preview.line_ids
        self.assertEqual(
            (line.outstanding, line.overdue, line.days_overdue, line.item_count), (650, 400, 40, 1)
        )

    def test_a_preview_changes_no_case(self):
        self._invoice(self.customer, 400, overdue=40)
        self._preview()
        case = self._case(self.customer)
        self.assertFalse(case.scenario_id)
        self.assertFalse(case.decision_ids)

    def test_more_cases_are_no_more_queries(self):
        counts = []
        for number in (2, 12):
            for one in range(number):
                self._invoice(self._customer(f"Many {number} {one}"), 100, overdue=10)
            preview = self.env["collection.segment.preview"].create(
                {"company_id": self.company.id, "date": TODAY}
            )
            self._sync_cases()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            preview.action_compute()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(preview.line_ids), 14)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_a_collector_sees_own_cases_and_nobody_elses_preview(self):
        self._invoice(self.customer, 100, overdue=20)
        self._invoice(self.other_customer, 100, overdue=20)
        self._sync_cases()
        self._case(self.customer).user_id = self.owner
        self._case(self.other_customer).user_id = self.manager
        preview, _action = self._preview(self.owner)
        self.assertEqual(preview.line_ids.case_id.partner_id, self.customer)
        with self.assertRaises(AccessError):
            preview.line_ids.with_user(self.owner).scenario_id = False
        auditor = new_test_user(
            self.env, "reader", "account_collections.group_collection_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self._preview(auditor)

    def test_another_day(self):
        self._scenario("Late", min_days_overdue=30)
        self._invoice(self.customer, 100, overdue=20)
        preview, _action = self._preview()
        self.assertEqual(preview.line_ids.scenario_id, self.scenario)
        preview.date = TODAY + timedelta(days=10)
        preview.action_compute()
        self.assertEqual(preview.line_ids.scenario_id.name, "Late")
        self.assertEqual(len(preview.line_ids), 1)
