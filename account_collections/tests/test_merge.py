from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestMerge(CollectionCommon):
    """Merging customers merges their cases, in every company, and loses nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.customer, 100, overdue=10)
        cls._invoice(cls.other_customer, 200, overdue=10)

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_reminders_of_the_same_day_are_both_kept(self):
        self._day()
        cases = self._case(self.customer) | self._case(self.other_customer)
        reminders, decisions = cases.reminder_ids, cases.decision_ids
        messages = cases.message_ids
        evidence = self.env["collection.evidence"].search([("case_id", "in", cases.ids)])
        kept = self._case(self.customer)
        self._merge(self.other_customer, self.customer)
        self.assertEqual(cases.exists(), kept)
        self.assertEqual(kept.reminder_ids, reminders)
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
        self.assertEqual(kept.decision_ids, decisions)
        self.assertEqual(evidence.case_id, kept)
        self.assertEqual(messages.exists(), messages)
        self.assertEqual(set(messages.mapped("res_id")), {kept.id})
        # the ladder goes on where both stood
        summary = self._day(TODAY + 7 * DAY)
        self.assertEqual(summary["reminders"], 1)
        self.assertEqual((kept.reminder_ids[0].rank, kept.reminder_ids[0].amount), (30, 300))

    def test_in_two_companies(self):
        other = self._create_company(name="Second company")
        self.portfolio.copy({"company_id": other.id, "name": "Second"})
        self.env["collection.portfolio"].search([("company_id", "=", other.id)])._activate()
        for partner, amount in ((self.customer, 40), (self.other_customer, 60)):
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "company_id": other.id,
                    "invoice_date": TODAY - 40 * DAY,
                    "invoice_date_due": TODAY - 10 * DAY,
                    "is_move_sent": True,
                    "invoice_line_ids": [
                        Command.create({"name": "G", "price_unit": amount, "tax_ids": False})
                    ],
                }
            ).action_post()
        self._day()
        with self.committing() as env, self._at(f"{TODAY} 06:00:00"):
            env["collection.run"]._run_company(env["res.company"].browse(other.id), TODAY)
        cases = (
            self.env["collection.case"]
            .with_context(active_test=False)
            .search([("partner_id", "in", (self.customer | self.other_customer).ids)])
        )
        self.assertEqual(len(cases), 4)
        reminders = cases.reminder_ids
        # a user of one company merges; the other company's case follows
        self._merge(self.other_customer, self.customer)
        self.assertEqual(len(cases.exists()), 2)
        self.assertEqual(cases.exists().company_id, self.company | other)
        self.assertEqual(reminders.exists(), reminders)

    def test_chains_of_merges(self):
        third = self._customer("Bernard")
        self._invoice(third, 300, overdue=10)
        self._day()
        cases = self._case(self.customer) | self._case(self.other_customer) | self._case(third)
        reminders = cases.reminder_ids
        self._merge(self.customer, self.other_customer)
        self._merge(self.other_customer, third)
        self.assertEqual(self._case(third).reminder_ids, reminders)
        self.assertEqual(len(reminders), 3)

    def test_only_the_source_has_a_case(self):
        self._day()
        target = self._customer("Newcomer")
        case = self._case(self.customer)
        self._merge(self.customer, target)
        self.assertEqual(self._case(target), case)
        facts, _made = self._decided(target, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])

    def test_what_waits_is_asked_anew_what_is_uncertain_stays(self):
        self._morning()
        waiting = self._reminder(self.customer)
        uncertain = self._reminder(self.other_customer)
        uncertain.sudo().write({"state": "unconfirmed"})
        self._merge(self.customer, self.other_customer)
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "merged"))
        self.assertEqual(uncertain.state, "unconfirmed")

    def test_an_uncertain_reminder_of_the_source_is_not_sent_anew(self):
        self._morning()
        uncertain = self._reminder(self.customer)
        uncertain.sudo().write({"state": "unconfirmed"})
        self._merge(self.customer, self.other_customer)
        self.assertEqual(uncertain.state, "unconfirmed")
        self._morning(TODAY + DAY)
        self.assertEqual(self._case(self.other_customer).decision_id.reason, "stuck")

    def test_stage_owner_and_marks_of_the_source_are_kept(self):
        self._day()
        source = self._case(self.customer)
        source.action_set_insolvency()
        source.write({"do_not_contact": True, "forced_scenario_id": self.scenario.id})
        self.env["collection.hold"].create(
            {"case_id": source.id, "reason": "other", "date_start": TODAY, "date_end": TODAY}
        )
        source.activity_schedule("mail.mail_activity_data_todo", TODAY, summary="Look")
        self._merge(self.customer, self.other_customer)
        kept = self._case(self.other_customer)
        self.assertEqual(kept.state, "insolvency")
        self.assertTrue(kept.do_not_contact)
        self.assertEqual(kept.forced_scenario_id, self.scenario)
        self.assertEqual(len(kept.hold_ids), 1)
        self.assertIn("Look", kept.activity_ids.mapped("summary"))
