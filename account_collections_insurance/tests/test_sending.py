from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, InsuranceCommon
from .service_common import REFUSED_AMOUNT, serving

NOON = f"{TODAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestSending(InsuranceCommon):
    """Requests on their way to the insurer's service: each once, none twice unnoticed."""

    def _connect(self, service):
        self.env["collection.insurance.provider"].create(
            {
                "code": "atradius",
                "policy_id": self.policy.id,
                "user_id": self.manager.id,
                "url": service.url,
                "token_url": f"{service.url}/token",
                "client_id": "us",
                "client_secret": "hidden",
            }
        )

    def _approved(self, *amounts):
        customers = [self.customer, *map(self._customer, ("Second", "Third"))]
        requests = self.env["collection.insurance.request"].create(
            [
                {"policy_id": self.policy.id, "partner_id": customer.id, "amount": amount}
                for customer, amount in zip(customers, amounts)
            ]
        ).with_user(self.manager)
        requests.action_approve()
        return requests

    def _do(self, requests, action, now=NOON):
        """Press a button as the manager, or do the product's work; commits are allowed."""
        with self.committing() as env, self._at(now):
            records = requests.with_env(env)
            if not action.startswith("_"):
                records = records.with_user(self.manager)
            return getattr(records, action)()

    def test_what_the_insurer_has_stays_sent(self):
        with serving() as service:
            self._connect(service)
            requests = self._approved(30000, REFUSED_AMOUNT, 20000)
            with self.assertRaises(AccessError):
                requests.with_user(self.owner).action_send()
            told = self._do(requests, "action_send")
        self.assertIn("422", told["params"]["message"])
        self.assertEqual(requests.mapped("state"), ["sent", "approved", "sent"])
        self.assertEqual(requests[0].requested_id.reference, "R-7")
        # of one registration number they are one buyer
        self.assertEqual(requests[2].buyer_id, requests[0].buyer_id)
        self.assertIn(requests[2].partner_id, requests[0].buyer_id.partner_ids)
        self.assertEqual(requests.mapped("sent_on"), [TODAY, False, TODAY])
        self.assertEqual(set(service.posted), {requests[0].key, requests[2].key})
        self.assertIn("422", requests[1].problem)
        with self.assertRaises(UserError):
            self._do(requests[0], "action_send")
        with mute_logger("urllib3"):  # nobody is there: the request certainly did not arrive
            self._do(requests[1], "action_send")
        self.assertEqual(requests[1].state, "approved")
        self.assertIn("could not be reached", requests[1].problem)
        for name in ("key", "problem", "claimed_at"):
            with self.assertRaises(AccessError):
                requests[1].write({name: False})

    def test_what_may_have_arrived_is_not_sent_again_by_itself(self):
        """The service takes the request and hangs up: a person decides, and the key is the same."""
        with serving() as service:
            self._connect(service)
            request = self._approved(30000)
            for misdeed in ("hang up", 503):
                service.misdeeds = [misdeed]
                self._do(request, "action_send")
                self.assertEqual((request.state, len(service.posted)), ("unconfirmed", 1))
                [work] = request.activity_ids
                self.assertEqual(work.user_id, self.manager)
            self._do(request, "_find_interrupted")
            self.assertEqual(request.state, "unconfirmed")
            self._do(request, "action_send")
        self.assertEqual((request.state, len(service.posted)), ("sent", 1))
        self.assertFalse(request.activity_ids)
        self.assertEqual(len(request.buyer_id.decision_ids), 1)

    def test_customers_who_become_one_while_a_limit_is_asked_for(self):
        """What is on its way stays, though it is not the first; two on their way do not merge."""
        waiting, leaving = self._approved(20000, 30000)
        both, stays = (waiting | leaving).partner_id, leaving.partner_id
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        for request in (waiting, leaving):
            self._do(request, "_claim")
        with self.assertRaisesRegex(UserError, "when the requests have left"):
            wizard._merge(both.ids, stays)
        # the insurer's service certainly has not got the first one
        waiting._set_state("approved")
        wizard._merge(both.ids, stays)
        self.env.invalidate_all()
        self.assertEqual((waiting.state, leaving.state), ("cancelled", "sending"))
        self.assertEqual(leaving.partner_id, stays)

    def test_a_server_that_dies_between_claim_and_outcome(self):
        request = self._approved(30000)
        self._do(request, "_claim")
        key = request.key
        with self.assertRaisesRegex(UserError, "cannot become"):
            self._do(request, "action_cancel")
        with serving() as service:
            self._connect(service)
            with self.assertRaisesRegex(UserError, "cannot become"):
                self._do(request, "action_send")
        self.assertFalse(service.posted)
        self._do(request, "_find_interrupted")
        self.assertEqual(request.state, "sending", "another one may be at it")
        self._do(request, "_find_interrupted", f"{TODAY} 14:00:00")
        self.assertEqual((request.state, request.key), ("unconfirmed", key))
        with self.assertRaises(AccessError):
            request.with_user(self.owner).action_confirm()
        self._do(request, "action_confirm")
        self.assertEqual((request.state, request.requested_id.kind), ("sent", "requested"))
        with self.assertRaises(UserError):
            request.action_confirm()
