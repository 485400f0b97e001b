from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..engine.advice import Habits, is_worse, propose_limit, propose_terms
from .collection_behaviour_refresh import MONTHS

TERMS, LIMIT = "terms", "limit"
OPEN, ACCEPTED, DISMISSED, OVER = "open", "accepted", "dismissed", "over"

#: What a person may change, while nothing is decided.
EDITABLE = {"term_id", "amount"}

#: Days for which what somebody dismissed is not proposed again.
QUIET_DAYS = 90

#: One transition each: target state → states it may come from.
TRANSITIONS = {ACCEPTED: (OPEN,), DISMISSED: (OPEN,), OVER: (OPEN,)}


class CollectionProposal(models.Model):
    """What to agree with a customer who pays worse: it advises, a credit manager decides."""

    _name = "collection.proposal"
    _description = "Proposal of Terms or Limit"
    _inherit = "collection.stateful"
    _order = "date desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    behaviour_id = fields.Many2one(
        "collection.behaviour", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    case_id = fields.Many2one(related="behaviour_id.case_id")
    letter = fields.Selection(related="behaviour_id.letter")
    slower_since = fields.Date(related="behaviour_id.slower_since")
    exposure = fields.Monetary(related="behaviour_id.exposure")
    kind = fields.Selection(
        [(TERMS, "Shorter payment terms"), (LIMIT, "Internal credit limit")],
        required=True,
        readonly=True,
    )
    date = fields.Date("Proposed on", required=True, readonly=True)
    days = fields.Integer("Proposed Terms", readonly=True, help="Days from the document's date.")
    days_now = fields.Integer("Terms Now", readonly=True, help="What documents gave lately.")
    term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        help="What the customer gets when the proposal is accepted.",
    )
    amount = fields.Monetary("Proposed Limit")
    amount_now = fields.Monetary("Limit Now", readonly=True)
    sentence = fields.Text("Why", compute="_compute_sentence")
    state = fields.Selection(
        [
            (OPEN, "Proposed"),
            (ACCEPTED, "Accepted"),
            (DISMISSED, "Dismissed"),
            (OVER, "No Longer Needed"),
        ],
        default=OPEN,
        required=True,
        readonly=True,
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_on = fields.Date(readonly=True)

    _open_unique = models.UniqueIndex("(company_id, partner_id, kind) WHERE state = 'open'")

    @api.depends_context("lang")
    @api.depends("kind", "days", "days_now", "behaviour_id")
    def _compute_sentence(self):
        for proposal in self:
            behaviour = proposal.behaviour_id
            if behaviour.slower_since:
                sentence = self.env._(
                    "It pays %(now)s days late at the median, after %(before)s before.",
                    now=round(behaviour.slower_lately),
                    before=round(behaviour.slower_before),
                )
            else:
                sentence = self.env._(
                    "It is rated %(letter)s and pays %(late)s days late.",
                    letter=behaviour.letter or "–",
                    late=round(behaviour.late_weighted),
                )
            if proposal.kind == LIMIT:
                monthly = behaviour.paid_amount / MONTHS
                sentence += " " + self.env._(
                    "It pays %(monthly)s a month, %(days)s days after the invoice.",
                    monthly=formatLang(self.env, monthly, currency_obj=proposal.currency_id),
                    days=round(behaviour.pay_weighted),
                )
            proposal.sentence = sentence

    # === MAKE === #

    @api.model
    def _refresh(self, company, today):
        """Propose what behaviour asks for, and take back what it does not any more."""
        # Proposals are written by the product, on behalf of whoever asked for a run.
        ours = self.sudo()
        # A dismissed or accepted one is an answer for some time.
        answered = ours.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", (ACCEPTED, DISMISSED)),
                ("decided_on", ">", fields.Date.subtract(today, days=QUIET_DAYS)),
            ]
        )
        known = {(one.partner_id.id, one.kind): one for one in answered}
        there = ours.search([("company_id", "=", company.id), ("state", "=", OPEN)])
        waiting = {(one.partner_id.id, one.kind): one for one in there}
        wanted, vals_list = ours.browse(), []
        for vals in ours._prepare_proposals(company, today):
            key = (vals["partner_id"], vals["kind"])
            if key in waiting:
                wanted |= waiting[key]
            elif key not in known:
                vals_list.append(vals)
        (there - wanted)._set_state(OVER, today)
        ours.create(vals_list)

    @api.model
    def _prepare_proposals(self, company, today):
        """Yield the values of what would be proposed today."""
        behaviours = self.env["collection.behaviour"].search(
            [
                ("company_id", "=", company.id),
                ("paid_count", ">", 0),
                "|",
                ("slower_since", "!=", False),
                ("letter", "in", ("D", "E")),
            ]
        )
        terms = self._get_terms(company)
        for behaviour in behaviours:
            habits = self._get_habits(behaviour)
            if not is_worse(habits):
                continue
            vals = {
                "company_id": company.id,
                "behaviour_id": behaviour.id,
                "partner_id": behaviour.partner_id.id,
                "date": today,
            }
            days, limit = propose_terms(habits), propose_limit(habits)
            if days is not None:
                yield {
                    **vals, "kind": TERMS, "days": days, "days_now": round(habits.terms),
                    "term_id": terms.get(days),
                }  # fmt: skip
            if limit is not None:
                yield {**vals, "kind": LIMIT, "amount": limit, "amount_now": habits.limit}

    @api.model
    def _get_habits(self, behaviour):
        partner = behaviour.partner_id.with_company(behaviour.company_id)
        return Habits(
            letter=behaviour.letter or None,
            slower=bool(behaviour.slower_since),
            count=behaviour.paid_count,
            monthly=behaviour.paid_amount / MONTHS,
            pay_days=behaviour.pay_weighted,
            terms=behaviour.pay_mean - behaviour.late_mean,
            limit=partner.credit_limit or None,
            exposure=behaviour.exposure,
        )

    @api.model
    def _get_terms(self, company):
        """Return {days: id} of the payment terms that give so many days for all of it."""
        lines = self.env["account.payment.term.line"].search(
            [
                ("payment_id.company_id", "in", (False, company.id)),
                ("delay_type", "=", "days_after"),
            ],
            order="id desc",
        )
        return {
            line.nb_days: line.payment_id.id
            for line in lines
            if len(line.payment_id.line_ids) == 1
        }

    # === DECIDE === #

    def write(self, vals):
        """People change what they would agree to; all else is a transition.

        :raises UserError: when something else is written, or when it is decided
        """
        if not self.env.su and (
            set(vals) - EDITABLE or any(proposal.state != OPEN for proposal in self)
        ):
            raise UserError(self.env._("A proposal is accepted or dismissed, not changed."))
        return super().write(vals)

    def _set_state(self, state, today):
        """Move proposals to ``state``.

        :raises UserError: when somebody has decided already
        """
        self._check_transition(state, TRANSITIONS[state])
        # Who decided, and when, is nobody's to write.
        self.sudo().write({"state": state, "decided_on": today, "decided_by_id": self.env.uid})

    def action_accept(self):
        """Give customers the terms and limits that are proposed.

        :raises UserError: without payment terms to give
        """
        self._check_manager()
        for proposal in self:
            partner = proposal.partner_id.with_company(proposal.company_id)
            if proposal.kind == LIMIT:
                partner.credit_limit = proposal.amount
            elif proposal.term_id:
                partner.property_payment_term_id = proposal.term_id
            else:
                raise UserError(
                    self.env._(
                        "Choose payment terms for %(customer)s first.",
                        customer=partner.display_name,
                    )
                )
            proposal._set_state(ACCEPTED, proposal.company_id._collection_today())
        return True

    def action_dismiss(self):
        """Leave things as they are; it is proposed again after some months, if still needed."""
        self._check_manager()
        for company, ours in self.grouped("company_id").items():
            ours._set_state(DISMISSED, company._collection_today())
        return True

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
            "account_collections.group_collection_manager"
        ):
            raise AccessError(self.env._("A credit manager decides on terms and limits."))
        self.check_access("write")
