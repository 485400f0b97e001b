from odoo.exceptions import AccessError, UserError

from .common import TODAY
from .test_behaviour import DAY, BehaviourCommon


class TestProposals(BehaviourCommon):
    """What to agree with a customer who pays badly: proposed by the run, decided by people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(6):
            cls._paid(cls.customer, 12000, 70, 20 + 15 * number)
            cls._paid(cls.other_customer, 12000, 0, 20 + 15 * number)
        for customer in (cls.customer, cls.other_customer):
            cls._invoice(customer, 20000, overdue=30)
        cls._sync_cases()

    def _propose(self, today=TODAY):
        for name in ("collection.behaviour", "collection.proposal"):
            self.env[name]._refresh(self.company, today)
        self.env.flush_all()
        return self.env["collection.proposal"].search(
            [("company_id", "=", self.company.id), ("state", "=", "open")], order="kind"
        )

    def test_terms_and_limit(self):
        proposals = self._propose()
        self.assertEqual(proposals.partner_id, self.customer, "the other one is punctual")
        limit, terms = proposals
        self.assertEqual((terms.kind, terms.days_now), ("terms", 30))
        self.assertLess(terms.days, 30)
        # 3,000 a month over two years, a hundred days: some 9,900, of which a share.
        self.assertEqual(limit.kind, "limit")
        self.assertTrue(4000 <= limit.amount <= 8000, limit.amount)
        self.assertIn("pays 70 days late", limit.sentence)
        self.assertEqual(self._propose(TODAY + DAY), proposals, "once")
        with self.assertRaises(AccessError):
            limit.with_user(self.owner).action_accept()
        with self.assertRaises(UserError):
            limit.with_user(self.manager).write({"state": "accepted"})
        limit.with_user(self.manager).action_accept()
        self.assertEqual(
            self.customer.with_company(self.company).credit_limit, limit.amount
        )
        self.assertEqual((limit.state, limit.decided_by_id), ("accepted", self.manager))
        with self.assertRaises(UserError):
            limit.with_user(self.manager).action_dismiss()
        # Without terms to give there is nothing to accept.
        terms.term_id = False
        with self.assertRaises(UserError):
            terms.with_user(self.manager).action_accept()
        terms.with_user(self.manager).term_id = self.env["account.payment.term"].create(
            {"name": "At once"}
        )
        terms.with_user(self.manager).action_accept()
        self.assertEqual(
            self.customer.with_company(self.company).property_payment_term_id, terms.term_id
        )

    def test_what_is_dismissed_rests_and_what_is_over_goes(self):
        proposals = self._propose()
        with self._at(f"{TODAY} 09:00:00"):
            proposals[0].with_user(self.manager).action_dismiss()
        self.assertEqual(self._propose(TODAY + DAY), proposals[1])
        self.assertEqual(len(self._propose(TODAY + 100 * DAY)), 2, "asked again after months")
        self.customer.with_company(self.company).trust = "good"
        self.company.collection_weight_punctuality = 0
        self.company.collection_weight_overdue = 0
        self.assertFalse(self._propose(TODAY + 100 * DAY))
        self.assertEqual(proposals[1].state, "over")
