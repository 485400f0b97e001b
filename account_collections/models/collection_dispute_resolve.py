from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import disputes
from .collection_dispute import ACCEPTED, COLLECTOR, RESOLVED

MANAGER = "account_collections.group_collection_manager"


class CollectionDispute(models.Model):
    """How a dispute goes on and ends: the buttons, and the decision."""

    _inherit = "collection.dispute"

    # === ACTIONS === #

    def action_investigate(self):
        """Take it up, or go on with it after the customer's answer."""
        if any(dispute.state in ACCEPTED for dispute in self):
            raise UserError(self.env._("It was decided: a credit manager can take that back."))
        self._set_state("investigating")
        return True

    def action_await(self):
        """The customer has to answer: the clock stands still."""
        self._set_state("awaiting")
        return True

    def action_take(self):
        """Make the dispute one's own."""
        self.check_access("write")
        self.write({"user_id": self.env.uid})
        return True

    def action_resolve(self):
        """Open the dialog in which the dispute is decided."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide the Dispute"),
            "res_model": "collection.dispute.resolve",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def action_withdraw(self):
        """The customer no longer contests anything."""
        for dispute in self:
            dispute._resolve("withdrawn")
        return True

    def action_reopen(self):
        """Take an acceptance back, as long as there is no credit note.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: when there is nothing to take back any more
        """
        self._check_group(MANAGER, self.env._("A credit manager takes a decision back."))
        for dispute in self:
            if dispute.state not in ACCEPTED:
                raise UserError(
                    self.env._("Only an acceptance without a credit note is taken back.")
                )
            lines = dispute.sudo().line_ids
            if {"draft", "posted"} & set(lines.mapped("credit_state")):
                raise UserError(
                    self.env._(
                        "There is a credit note: an acceptance is only taken back without one. "
                        "An accountant deletes a draft."
                    )
                )
            dispute._set_state(
                "investigating",
                outcome=False,
                resolved_on=False,
                resolved_at=False,
                days_to_resolve=0,
            )
            lines.write({"accepted_currency": 0, "accepted_amount": 0, "credit_move_id": False})
            self.env["collection.evidence"]._record_disputes(dispute, "dispute_reopened")
            dispute._end_activities()
            dispute._plan(dispute.user_id, self.env._("Solve the dispute"), dispute.deadline)
        return True

    def action_close(self):
        """End what was decided; without its credit note only a credit manager does.

        :raises AccessError: for those who may not
        :raises UserError: when it is not decided yet
        """
        self._check_group(COLLECTOR, self.env._("A collector closes disputes."))
        for dispute in self:
            if dispute.state not in RESOLVED:
                raise UserError(
                    self.env._("%(dispute)s is not decided yet.", dispute=dispute.name)
                )
            if dispute.state in ACCEPTED:
                message = self.env._(
                    "The credit note is not posted: a credit manager closes without it."
                )
                dispute._check_group(MANAGER, message)
        self._close(self.company_id[:1]._collection_today())
        return True

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def _check_group(self, group, message):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(message)

    # === DECIDE === #

    def _resolve(self, outcome, accepted=None, note="", cause=None, level=None):
        """Decide a dispute: how, how much of it, and where dunning goes on with the rest.

        :param str outcome: ``accepted``, ``partly_accepted``, ``rejected`` or ``withdrawn``
        :param dict accepted: {line: amount accepted in its currency}, for a part of it
        :param level: ``collection.level`` at which dunning resumes; by default the reason's
        :raises UserError: when it was decided already, or the amounts do not fit the outcome
        """
        self.ensure_one()
        today = self.company_id._collection_today()
        self._set_state(
            outcome,
            outcome=outcome,
            resolution=note,
            resolved_on=today,
            resolved_at=fields.Datetime.now(),
            resume_rank=self._get_resume_rank(outcome, level),
            **({"cause_id": cause.id} if cause else {}),
        )
        amounts = self._get_accepted(outcome, accepted or {})
        # After the transition, which adds the days that the clock stood still until now.
        self.sudo().days_to_resolve = disputes.age(self._get_span(), today)
        for line, amount in amounts.items():
            line.sudo().write(
                {
                    "accepted_currency": amount,
                    "accepted_amount": self.currency_id.round(
                        line.amount * amount / line.amount_currency
                    ),
                }
            )
        self._end_activities()
        self.env["collection.evidence"]._record_disputes(self, "dispute_decided")
        if outcome in ACCEPTED:
            self._ask_for_credit_note(today)
        self.sudo().case_id._decide_again()

    def _get_resume_rank(self, outcome, level):
        """Return the rank at which dunning goes on with what was not accepted, 0 where it stood."""
        if outcome in ("rejected", "partly_accepted") and not level:
            # The owner decides; where dunning resumes is read from the reason on their behalf.
            level = self.sudo().reason_id.resume_level_id
        return level.rank if level and outcome != "accepted" else 0

    def _get_accepted(self, outcome, accepted):
        """Return {line: amount accepted}, checked against the outcome.

        :raises UserError: when a part is less than nothing, more than all, or neither
        """
        if outcome == "accepted":
            return {line: line.amount_currency for line in self.line_ids}
        if outcome != "partly_accepted":
            return {}
        amounts = {line: line.currency_id.round(accepted.get(line, 0)) for line in self.line_ids}
        for line, amount in amounts.items():
            if amount < 0 or line.currency_id.compare_amounts(amount, line.amount_currency) > 0:
                raise UserError(
                    self.env._(
                        "%(document)s: the accepted amount lies between zero and what is disputed.",
                        document=line.move_name,
                    )
                )
        if not any(amounts.values()) or all(
            not line.currency_id.compare_amounts(amount, line.amount_currency)
            for line, amount in amounts.items()
        ):
            raise UserError(
                self.env._("A part is more than nothing and less than all: accept or reject it.")
            )
        return amounts

    def _end_activities(self):
        """What was to be done about the dispute is done."""
        # The activities are the owner's and the credit manager's, whoever decided.
        self.sudo().activity_ids.unlink()

    def _close(self, day, **values):
        """End disputes on ``day``; what they still withheld is asked for again."""
        self._set_state("closed", closed_on=day, **values)
        self._end_activities()

    # === THE CUSTOMER ANSWERS === #

    # EXTENDS 'mail'
    def _notify_get_reply_to(self, default=None, author_id=False):
        """Answers come back through the collections address of the company, if there is one."""
        reply_to = super()._notify_get_reply_to(default=default, author_id=author_id)
        for dispute in self:
            if address := dispute.sudo().company_id._collection_address():
                reply_to[dispute.id] = address
        return reply_to

    # EXTENDS 'mail'
    def _message_post_after_hook(self, message, msg_values):
        """What the customer writes starts the clock again, and tells the owner."""
        is_ours = message.author_id and not message.author_id.partner_share
        if message.message_type == "email" and not is_ours:
            for dispute in self.filtered(lambda one: one.state == "awaiting"):
                # The mail gateway acts on behalf of a customer, who holds no right.
                dispute.sudo()._set_state("investigating")
                dispute._plan(
                    dispute.user_id,
                    self.env._("The customer answered"),
                    dispute.company_id._collection_today(),
                )
        return super()._message_post_after_hook(message, msg_values)
