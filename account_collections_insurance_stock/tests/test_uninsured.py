from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DAY, TODAY, InsuredDeliveryCommon

NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestUninsured(InsuredDeliveryCommon):
    """Deliveries that no insurer would pay for, and what the policy says of them."""

    def _holds(self, fresh=False):
        found = self.customer.with_user(self.clerk)._get_collection_holds(self.company, fresh)
        return [(one.code, one.release, one.is_strict) for one in found[self.customer]]

    def test_past_the_extension_period_until_it_is_paid(self):
        """Of two debts past the period one is contested in full: the other one releases it."""
        debt, contested = (self._invoice(self.customer, amount, 61) for amount in (700, 90))
        self._sync_cases()
        self._case(self.customer)._dispute_quick(
            reason=self.env["collection.dispute.reason"].search([], limit=1),
            lines=contested.line_ids.filtered(lambda line: line.display_type == "payment_term"),
            description="Never ordered",
        )
        self.assertFalse(self._holds(), "as of the last time figures were brought up to date")
        with self._at(NOON):
            self.assertEqual(self._holds(fresh=True), [("insurance_stopped", 700, False)])
            self.policy.on_stopped = "hold"
            picking = self._delivery(self.customer)
            self.assertEqual(picking.collection_hold, "hold")
            self._pay(debt, 699)
            with self.assertRaisesRegex(UserError, r"A payment of \$.1.00 releases it"):
                self._deliver(picking)
            self._pay(debt)
            self._deliver(picking)
            self.assertEqual(picking.state, "done")
            self.assertFalse(self._holds())

    def test_refused_or_withdrawn_no_payment_releases_it(self):
        self.policy.on_withdrawn = "hold"
        with self._at(NOON):
            self._decide(self.buyer, "withdrawn", effective=1, announced=0)
            picking = self._delivery(self.customer)
            self.assertFalse(self._holds(fresh=True), "it is not in effect yet")
        with self._at(f"{TODAY + DAY} 12:00:00"):
            self.assertEqual(self._holds(fresh=True), [("insurance_withdrawn", None, True)])
            with self.assertRaisesRegex(UserError, "any more.\nNo payment releases it."):
                self._deliver(picking)
            # another insurer still covers the buyer
            second = self._policy("POL-2")
            self._decide(self._buyer(self.customer, policy=second), "full", 500)
            self._deliver(picking)
        self.assertEqual(picking.state, "done")
