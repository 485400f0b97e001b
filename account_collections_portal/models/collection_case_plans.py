from datetime import timedelta

from odoo import fields, models
from odoo.addons.account_collections.wording import with_colon

from .collection_plan import READY, REQUEST

#: Instalments that can be asked for at most.
MOST_INSTALMENTS = 36


class CollectionCase(models.Model):
    """Instalments on the account page: the ready-made offer, or a request to the owner."""

    _inherit = "collection.case"

    def _get_portal_plannable(self):
        """Return what a plan would be of: overdue, not contested, in no other plan."""
        self.ensure_one()
        promises = self.env["collection.promise"]
        items = self.env["collection.item"].search(
            [
                *self._get_portal_items_domain(),
                ("is_overdue", "=", True),
                ("is_disputed", "=", False),
            ]
        )
        planned = promises._get_open(items.line_id).filtered("plan_id").item_ids.line_id
        return items.filtered(lambda item: item.line_id not in planned)

    def _get_portal_plans(self):
        """Return the plans that the customer sees: proposed, running and past ones, and what they
        asked for themselves; no colleague's draft."""
        return self.env["collection.plan"].search(
            [
                ("case_id", "=", self.id),
                "|",
                "|",
                ("state", "in", ("proposed", "active", "completed", "broken")),
                "&",
                ("state", "=", "draft"),
                ("portal_offer", "!=", False),
                "&",
                ("state", "=", "cancelled"),
                ("portal_offer", "=", REQUEST),
            ],
            limit=10,
        )

    def _get_open_request(self):
        """Return the plan that the customer has to answer, or waits for, before another one."""
        return self._get_portal_plans().filtered(
            lambda plan: (
                plan.portal_offer != READY and plan._get_portal_step() in ("accept", "wait")
            )
        )[:1]

    def _has_ready_plans(self):
        """Return whether the ready-made offer is for this customer at all."""
        return bool(
            self.company_id.collection_ready_plan_amount
            and (not self.scenario_id or self.scenario_id.collection_ready_plans)
        )

    def _is_ready_plan(self, plan):
        """Return whether a draft lies within the ready-made offer: nobody has to be asked."""
        company = self.company_id
        ratio = plan.amount_company / plan.amount
        last_first = company._collection_today() + timedelta(
            days=company.collection_ready_plan_days
        )
        return bool(
            self._has_ready_plans()
            and plan.approval == "none"
            and plan.amount_company <= company.collection_ready_plan_amount
            and len(plan.line_ids) <= company.collection_ready_plan_count
            and min(plan.line_ids.mapped("date")) <= last_first
            and min(plan.line_ids.mapped("amount")) * ratio >= company.collection_ready_plan_least
        )

    def _arrange_online(self, items, count, first, author, name, text=""):
        """Draft the instalments that a customer asks for.

        :return: the plan: a ready-made offer to accept, or a request that waits for an answer
        :raises UserError: when these instalments make no plan
        """
        self.ensure_one()
        company = self.company_id
        plans = self.env["collection.plan"]
        person = self._get_person_at_work()
        # An offer looked at before gives way to the next one.
        earlier = self._get_portal_plans().filtered(
            lambda plan: plan.state == "draft" and plan.portal_offer == READY
        )
        earlier._set_state("cancelled", ended_on=company._collection_today())
        values = {"user_id": person.id, "note": with_colon(self.env, name, text) if text else name}
        if author:
            values["contact_id"] = author.id
        plan = plans._make(self, items, **values)
        share = company.collection_ready_plan_share / 100
        plan._arrange(
            count,
            first,
            company.collection_ready_plan_every,
            plan.currency_id.round(plan.amount * share) if count > 1 else 0.0,
        )
        plan._check_lines()
        if self._is_ready_plan(plan):
            today = company._collection_today()
            plan.write(
                {
                    "portal_offer": READY,
                    "portal_terms": plan._get_terms(),
                    "agreement_id": plan._write_agreement(today).id,
                }
            )
        else:
            plan.portal_offer = REQUEST
            self._announce_request(plan, author, name, text)
        return plan

    def _announce_request(self, plan, author, name, text):
        """Tell the owner that the customer asks for instalments: it waits for an answer."""
        person = self._get_person_at_work()
        plan = plan.with_context(lang=person.lang)
        asked = plan.env._("I ask for instalments: %(plan)s.", plan=plan.display_name)
        self._receive_online(
            "\n\n".join(filter(None, (asked, text))),
            author,
            name,
            subject=plan.env._("%(name)s asks for instalments, on the customer portal", name=name),
        )

    def _get_first_instalment(self):
        """Return the day that is offered for the first instalment."""
        company = self.company_id
        days = min(company.collection_ready_plan_days, 14)
        return fields.Date.add(company._collection_today(), days=days)
