from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..engine import promises
from .collection_plan import PLAN_BROKEN
from .collection_promise_judge import REJUDGED_DAYS

#: Ten years of months: more is a slip of the finger.
MAX_INSTALMENTS = 120


class CollectionPlan(models.Model):
    """The life of a plan: made, accepted, judged with its instalments, renegotiated."""

    _inherit = "collection.plan"

    # === MAKE === #

    @api.model
    def _make(self, case, items=None, instalments=None, previous=None, **values):
        """Draft a plan for what the customer of ``case`` owes.

        :param items: recordset ``collection.item``; None takes all that is overdue
        :param instalments: keyword arguments of :func:`..engine.promises.schedule` but the total
        :param previous: plan that it renegotiates
        :return: the plan
        :raises UserError: with what is wrong
        """
        case.ensure_one()
        case.check_access("write")
        today = case.company_id._collection_today()
        promise = self.env["collection.promise"]
        items = promise._get_promisable(case, items, today)
        others = promise._get_open(items.line_id).sudo().plan_id
        if others - (previous or self).sudo():
            raise UserError(
                self.env._("These items are in an instalment plan already: renegotiate it.")
            )
        currency = promise._get_currency(items)
        # Plans are written by the product on behalf of whoever may write the case.
        plan = self.sudo().create(
            {
                **self._prepare_vals(case, today, items, currency),
                **values,
                "previous_id": previous.id if previous else False,
            }
        )
        self.env["collection.plan.item"]._insert(
            [{"plan_id": plan.id, **self._prepare_item_vals(item)} for item in items]
        )
        if instalments:
            plan._arrange(**instalments)
        return plan.with_env(self.env)

    @api.model
    def _prepare_vals(self, case, today, items, currency):
        company = case.company_id
        partner = case.partner_id
        return {
            "case_id": case.id,
            "currency_id": currency.id,
            "amount": sum(
                self.env["collection.promise"]._get_open_amount(item, currency) for item in items
            ),
            "amount_company": sum(items.mapped("amount")),
            "contact_id": partner.address_get(["invoice"])["invoice"],
            "user_id": self.env["collection.promise"]._get_default_owner(case).id,
            "tolerated": company.collection_plan_tolerated,
            "valid_until": fields.Date.add(today, days=company.collection_plan_valid_days),
        }

    @api.model
    def _prepare_item_vals(self, item):
        return {
            "line_id": item.line_id.id,
            "move_id": item.move_id.id,
            "move_name": item.move_name,
            "date": item.date,
            "date_due": item.date_due,
            "currency_id": item.currency_id.id,
            "open_currency": item.amount_currency,
            "open_amount": item.amount,
        }

    def _arrange(self, count, first, every=promises.MONTHLY, first_payment=0.0):
        """Arrange the instalments anew.

        :raises UserError: when these numbers make no plan
        """
        self.ensure_one()
        to_decimal = self.env["collection.ledger"]._to_decimal
        if count > MAX_INSTALMENTS:
            raise UserError(
                self.env._("A plan has %(count)s instalments at most.", count=MAX_INSTALMENTS)
            )
        if count < 1 or first_payment < 0 or (count == 1 and first_payment):
            raise UserError(
                self.env._("A plan has at least one instalment besides the first payment.")
            )
        found = promises.schedule(
            to_decimal(self.amount),
            count,
            first,
            every,
            to_decimal(first_payment),
            unit=to_decimal(self.currency_id.rounding).normalize(),
        )
        if any(amount <= 0 for _day, amount in found):
            raise UserError(
                self.env._(
                    "%(amount)s cannot be paid in %(count)s instalments.",
                    amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
                    count=count,
                )
            )
        self.line_ids = [
            Command.clear(),
            *(Command.create({"date": day, "amount": float(part)}) for day, part in found),
        ]

    # === ACCEPT === #

    def action_accept(self):
        """The customer signed: each instalment becomes a promise, the debt is acknowledged.

        :raises UserError: without a signed agreement, or when the debt is no longer the same
        """
        self.check_access("write")
        for plan in self:
            if not plan.signed_attachment_ids:
                raise UserError(
                    self.env._("Attach the agreement that the customer signed, then accept.")
                )
            plan._activate(plan.company_id._collection_today())
        self.case_id._decide_again()
        return True

    def _accept_quick(self, signed, contact=None):
        """Accept a proposal in one step, as its customer does on line.

        :param signed: ``ir.attachment`` that prove it: copies are kept with the plan
        :param contact: partner who accepted it, by default whom it was proposed to
        :raises UserError: when the proposal is over, or its debt is no longer the same
        """
        self.ensure_one()
        if self.state != "proposed":
            raise UserError(self.env._("This proposal is not open any more."))
        if self.valid_until and self.valid_until < self.company_id._collection_today():
            raise UserError(
                self.env._(
                    "This proposal was valid until %(date)s: please ask for a new one.",
                    date=format_date(self.env, self.valid_until),
                )
            )
        self.signed_attachment_ids = [
            # Only what the caller may read becomes readable with the plan.
            Command.link(one.copy({"res_model": self._name, "res_id": self.id}).id)
            for one in signed
        ]
        if contact:
            # Who accepted is a protected field.
            self.sudo().accepted_by_id = contact
        self.action_accept()

    def _activate(self, today):
        self.ensure_one()
        promise = self.env["collection.promise"]
        self.case_id._queue()
        items = self._get_open_items()
        self._check_debt(items)
        # Promises and earlier plans of these items, whoever made them, give way.
        before = promise._get_open(items.line_id).sudo()
        if before.plan_id - self.previous_id:
            raise UserError(
                self.env._("These items are in an instalment plan already: renegotiate it.")
            )
        before._set_state("replaced", today)
        if self.previous_id:
            self.previous_id._set_state("replaced", ended_on=today)
        self._set_state(promises.ACTIVE, accepted_on=today)
        self.sudo()._make_promises(items, today)
        self._record_acknowledged()
        self.case_id._refresh_promises()

    def _check_debt(self, items):
        """Refuse a plan of more than what is still open."""
        promise = self.env["collection.promise"]
        there = sum(promise._get_open_amount(item, self.currency_id) for item in items)
        if self.currency_id.compare_amounts(there, self.amount) < 0:
            raise UserError(
                self.env._(
                    "The plan is of %(amount)s, but only %(open)s is still open: rework it.",
                    amount=formatLang(self.env, self.amount, currency_obj=self.currency_id),
                    open=formatLang(self.env, there, currency_obj=self.currency_id),
                )
            )

    def _make_promises(self, items, today):
        """Make each instalment a promise, of its part of the items, the oldest first."""
        model = self.env["collection.promise"]
        to_decimal = self.env["collection.ledger"]._to_decimal
        currency = self.currency_id
        there = [(item, to_decimal(model._get_open_amount(item, currency))) for item in items]
        items.line_id.sudo().fetch(["amount_currency"])
        credited = model._get_credited(items.line_id)
        shares = promises.spread([to_decimal(line.amount) for line in self.line_ids], there)
        before = 0.0
        for line, share in zip(self.line_ids, shares):
            vals = model._prepare_vals(
                self.case_id,
                today,
                line.date,
                currency,
                {
                    "contact_id": self.contact_id.id,
                    "channel": "plan",
                    "user_id": self.user_id.id,
                    "note": self.display_name,
                },
            )
            parts = [
                model._prepare_item_vals(item, float(part), float(taken), currency, credited)
                for item, part, taken in share
            ]
            line.promise_id = model.create(
                {**vals, "amount": line.amount, "before": before, "plan_id": self.id}
            )
            line.promise_id._add_items(parts)
            before += line.amount

    def _record_acknowledged(self):
        """A debt acknowledged in writing interrupts its prescription: keep the proof."""
        self.env["collection.evidence"]._record(
            self.case_id,
            "acknowledged",
            {
                "plan": self.id,
                "amount": self.currency_id.round(self.amount),
                "currency": self.currency_id.name,
                "contact": (self.accepted_by_id or self.contact_id).id,
                "documents": self.item_ids.mapped("move_name"),
                "instalments": [
                    [fields.Date.to_string(line.date), self.currency_id.round(line.amount)]
                    for line in self.line_ids
                ],
                "agreement": self.agreement_id.checksum,
                "signed": self.signed_attachment_ids.mapped("checksum"),
            },
        )

    # === JUDGE === #

    @api.model
    def _judge(self, company, today, cases=None):
        """Let what became of the instalments decide on their plans.

        :param cases: recordset ``collection.case`` to keep to, None for all of the company
        """
        domain = [
            ("company_id", "=", company.id),
            ("state", "in", (promises.ACTIVE, promises.BROKEN, promises.COMPLETED)),
            "|",
            ("state", "=", promises.ACTIVE),
            # as long as verdicts on its instalments may change
            ("date_end", ">=", fields.Date.subtract(today, days=REJUDGED_DAYS)),
        ]
        if cases is not None:
            domain.append(("case_id", "in", cases.ids))
        for plan in self.search(domain):
            ended = plan.promise_ids.filtered(
                lambda promise: promise.state == "cancelled" and promise.end_reason == PLAN_BROKEN
            )
            states = [
                promises.OPEN if promise in ended else promise._get_verdict_state()
                for promise in plan.promise_ids.sorted("date")
            ]
            verdict = promises.judge_plan(states, plan.tolerated)
            if verdict != plan.state:
                plan._follow_verdict(verdict, ended, today)

    def _follow_verdict(self, verdict, ended, today):
        """Write what became of a plan.

        :param ended: promises that ended when the plan broke, which go on when it does
        """
        self._set_state(verdict, ended_on=today if verdict != promises.ACTIVE else False)
        if verdict == promises.BROKEN:
            self._break(today)
        else:
            ended._set_state(promises.OPEN, today, end_reason=False)
            self.promise_ids.resume_rank = 0

    def _break(self, today):
        """The rest falls back to the scenario, at the level that was chosen for it."""
        still_open = self.promise_ids.filtered(lambda promise: promise.state == promises.OPEN)
        still_open._set_state("cancelled", today, end_reason=PLAN_BROKEN)
        level = self.level_id or self.case_id.scenario_id.broken_promise_level_id
        self.promise_ids.resume_rank = level.rank
        self.promise_ids[:1]._give_task(
            "mail.mail_activity_data_call",
            today,
            self.env._("Instalment plan broken: %(plan)s", plan=self.display_name),
        )

    # === END === #

    def action_rework(self):
        """Take a proposal back, to arrange it anew."""
        self.check_access("write")
        self._set_state("draft", proposed_on=False)
        return True

    def action_cancel(self):
        """End a plan: its debt is dunned as if there had been none."""
        self.check_access("write")
        for plan in self:
            today = plan.company_id._collection_today()
            plan._set_state("cancelled", ended_on=today)
            plan.promise_ids.filtered(lambda promise: promise.state == promises.OPEN)._set_state(
                "cancelled", today, end_reason="plan_cancelled"
            )
        self.case_id._decide_again()
        return True

    def action_renegotiate(self):
        """Draft a plan for what is left of the debt; this one holds until that is accepted."""
        self.ensure_one()
        if self.state not in ("proposed", promises.ACTIVE, promises.BROKEN):
            raise UserError(self.env._("Only a plan that was proposed can be renegotiated."))
        items = self._get_open_items()
        if not items:
            raise UserError(self.env._("Nothing of this plan is still open."))
        plan = self._make(
            self.case_id, items, previous=self, contact_id=self.contact_id.id, note=self.note
        )
        return plan.get_formview_action()
