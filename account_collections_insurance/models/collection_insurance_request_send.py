import logging
from uuid import uuid4

from odoo import api, fields, models
from odoo.addons.account_collections.wording import with_colon
from odoo.exceptions import UserError

from ..connectors.service import ServiceError, Uncertain
from .collection_insurance_request import APPROVED, SENDING, TRANSITIONS, UNCONFIRMED

_logger = logging.getLogger(__name__)


class CollectionInsuranceRequest(models.Model):
    """Requests on their way to the insurer's service.

    A request is claimed, with a key of its own, and the claim committed, before it leaves: a
    server that dies meanwhile leaves it unconfirmed, which a person sees and decides on. Sent
    again, it has the same key, by which the service knows it.
    """

    _inherit = "collection.insurance.request"

    can_send = fields.Boolean(compute="_compute_can_send", compute_sudo=True)
    key = fields.Char(
        readonly=True, copy=False, help="By which the insurer knows a second sending of the same."
    )
    claimed_at = fields.Datetime(readonly=True, copy=False)
    problem = fields.Char(
        readonly=True, copy=False, help="Why the insurer has not got it, or may not have got it."
    )

    @api.depends("policy_id.provider_ids")
    def _compute_can_send(self):
        for request in self:
            request.can_send = bool(request.policy_id._get_provider())

    # === ACTIONS === #

    def action_send(self):
        """Send the requests through the providers of their policies, one after the other.

        What the insurer has stays sent, whatever becomes of the others.

        :return: an action that says what could not be sent, and why
        :raises UserError: when one of them is not approved, or its policy has no provider: such
            requests are exported
        """
        self._check_manager()
        self.check_access("write")
        self._check_transition(SENDING, TRANSITIONS[SENDING])
        for policy in self.policy_id:
            if not policy._get_provider():
                raise UserError(
                    self.env._(
                        "Nothing connects %(policy)s to its insurer: export the requests instead.",
                        policy=policy.display_name,
                    )
                )
        for request in self:
            request._claim()
            # The point of it all: what was claimed survives a server that dies while it sends.
            self.env["ir.cron"]._commit_progress()
            if request.try_lock_for_update(allow_referencing=True) and request.state == SENDING:
                request._send_claimed()
                self.env["ir.cron"]._commit_progress()
        return self._say_problems()

    def action_confirm(self):
        """Note that the insurer has got what was unconfirmed."""
        self._check_manager()
        self._check_transition("sent", (UNCONFIRMED,))
        self._set_sent()
        self._end_activities()

    def _say_problems(self):
        problems = [
            with_colon(self.env, request.display_name, request.problem)
            for request in self
            if request.problem
        ]
        if not problems:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": "\n".join(problems),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === SENDING === #

    def _claim(self):
        """Take a request for sending; of two who send at once the second is refused."""
        self._lock(allow_referencing=True)
        # What could go wrong with it does so before the insurer hears of it.
        buyer = self._provide_buyer()
        self._set_state(
            SENDING,
            buyer_id=buyer.id,
            key=self.key or str(uuid4()),
            claimed_at=fields.Datetime.now(),
            sent_on=self.company_id._collection_today(),
            problem=False,
        )
        self._end_activities()

    def _send_claimed(self):
        """Send, and write down what came of it."""
        provider = self.policy_id._get_provider()
        try:
            self._set_sent(provider._send_request(self))
            self.env.flush_all()
        except Uncertain as error:
            self._set_unconfirmed(provider._explain(error))
        except ServiceError as error:
            self._set_state(APPROVED, sent_on=False, problem=provider._explain(error))
        except Exception:
            # Nobody knows how far it came.
            self.env.cr.rollback()
            _logger.exception("Limit request %s broke while it was sent", self.id)
            self._set_unconfirmed(self.env._("It failed: the server's log says why."))

    def _set_unconfirmed(self, problem):
        self._set_state(UNCONFIRMED, problem=problem)
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Does the insurer have it? %(request)s", request=self.display_name),
            note=problem,
            user_id=self.approved_by_id.id or self.env.uid,
        )

    @api.model
    def _find_interrupted(self):
        """Show what a dead server left between claim and outcome; a living one holds its lock."""
        grace = self.env["collection.delivery"]._get_claim_grace()
        limit = fields.Datetime.subtract(fields.Datetime.now(), seconds=grace)
        left = self.search([("state", "=", SENDING), ("claimed_at", "<", limit)])
        for request in left.try_lock_for_update(allow_referencing=True):
            words = request.with_context(lang=request.approved_by_id.lang)
            words._set_unconfirmed(words.env._("The server stopped while it was sending."))
