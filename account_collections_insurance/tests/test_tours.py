from odoo.tests import HttpCase, tagged

from .common import InsuranceCommon


@tagged("post_install", "-at_install")
class TestTours(HttpCase, InsuranceCommon):
    """What people do, in a real browser."""

    def test_import_with_mapping(self):
        """A file that nobody can read; its columns are named, once; then its limits are there."""
        self.start_tour("/odoo", "account_collections_insurance_import", login="boss")
        buyer = self.policy.buyer_ids
        self.assertEqual((buyer.code, buyer.limit_kind), ("C-7", "partial"))
        self.assertEqual(buyer.limit_amount, 7500)
        self.assertEqual(len(self.insurer.column_ids), 3)
