from datetime import timedelta

from odoo.addons.account_collections.tests.common import TODAY
from odoo.addons.account_collections.tests.disputes_common import DisputeCommon
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestPortalTours(DisputeCommon, HttpCase):
    """What a customer does in a real browser, and what the runs make of it.

    The browser's clock is the real one, so is the day of the runs.
    """

    def setUp(self):
        super().setUp()
        self.company.collection_link_confirmation = False
        self.today = self.company._collection_today()
        self.invoice = self._invoice(self.customer, 900, overdue=(TODAY - self.today).days + 5)
        self.env["collection.portal.attempt"].search([]).unlink()
        # In a browser's test every cursor is its own: it sees what was written.
        self.env.flush_all()
        with self.env.registry.cursor() as cr:
            env = self.env(cr=cr, su=True)
            company = env["res.company"].browse(self.company.id)
            env["collection.run"]._run_company(company, self.today)
        self.env.invalidate_all()
        self.case = self._case(self.customer)

    def _tour(self, name):
        url = self.case._get_signed_url()
        self.env.flush_all()
        self.start_tour(url.removeprefix(self.case.get_base_url()), name)
        self.env.invalidate_all()

    def test_contested_routed_rejected_and_dunning_resumes(self):
        asked = self._claims()
        self.assertEqual(asked, {self.invoice.name: 900})

        self._tour("account_collections_portal_contest")
        dispute = self.case.dispute_ids
        self.assertEqual(
            (dispute.source, dispute.user_id, dispute.amount), ("portal", self.handler, 400)
        )
        self.assertEqual(self._claims(), {self.invoice.name: 500}, "the rest is asked for")

        wizard = (
            self.env["collection.dispute.resolve"]
            .with_user(self.handler)
            .with_context(default_dispute_id=dispute.id)
            .create({"outcome": "rejected"})
        )
        wizard.action_resolve()
        self.env.invalidate_all()
        self.assertEqual(self._claims(), {self.invoice.name: 900}, "dunning resumes with all of it")

        self._tour("account_collections_portal_rejected")
        promise = self.case.promise_ids
        self.assertEqual((promise.state, promise.amount), ("open", 900))
        self.assertEqual(self._claims(), {}, "until the promised day nothing is asked for")
        self.assertLessEqual(
            promise.date, self.today + timedelta(days=self.company.collection_promise_days)
        )

    def _claims(self):
        return self._claimed(self.customer, self.today)
