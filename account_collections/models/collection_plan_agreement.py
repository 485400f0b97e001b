import functools

from odoo import fields, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang


class CollectionPlan(models.Model):
    """The agreement as PDF, in the customer's language."""

    _inherit = "collection.plan"

    def action_propose(self):
        """Write the agreement and let it leave, to be signed and sent back.

        Without an e-mail address a person is asked to print and post it.

        :raises UserError: when the plan is no plan yet, or has to be approved first
        """
        self.check_access("write")
        for plan in self:
            plan._check_lines()
            if plan.approval in ("needed", "asked"):
                plan._is_bound_exceeded(plan._get_plan_bound(), plan.exception_reason)
                if not plan._is_manager():
                    raise UserError(
                        self.env._("A credit manager approves a plan of this amount first.")
                    )
                plan.action_approve()
            plan._check_debt(plan._get_open_items())
            today = plan.company_id._collection_today()
            # The agreement is written by the product, from what the user may read.
            plan.sudo().agreement_id = plan.sudo()._write_agreement(today)
            plan.case_id._queue()
            plan._set_state("proposed", proposed_on=today)
            plan._send_agreement(today)
            self.env["collection.evidence"]._record(
                plan.case_id,
                "proposed",
                {
                    "plan": plan.id,
                    "agreement": plan.sudo().agreement_id.checksum,
                    **({"exception": plan.exception_reason} if plan.exception_reason else {}),
                },
            )
        self.case_id._decide_again()
        return True

    def action_print(self):
        """Download the agreement."""
        self.ensure_one()
        self.check_access("read")
        if not self.agreement_id:
            raise UserError(self.env._("The agreement is written when the plan is proposed."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.agreement_id.id}?download=true",
        }

    # === PDF === #

    def _write_agreement(self, today):
        """Return the agreement as an attachment of the plan.

        :raises UserError: when the PDF program is missing or fails
        """
        self.ensure_one()
        self.env["collection.statement"]._check_can_print()
        plan = self.with_context(lang=self.lang).with_company(self.company_id)
        statement = plan.env["collection.statement"]
        html = plan.env["ir.qweb"]._render(
            "account_collections.plan_agreement", plan._get_agreement_values(today)
        )
        name = plan.env._(
            "Instalment agreement – %(company)s – %(date)s.pdf",
            company=plan.company_id.name.replace("/", "-"),
            date=today.isoformat(),
        )
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": statement._convert(html),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _get_agreement_values(self, today):
        statement = self.env["collection.statement"]
        return {
            "plan": self,
            "today": today,
            # Without Qt's patches everything is printed a quarter smaller.
            "font_size": 9 if _wkhtml().is_patched_qt else 12,
            "address": statement._get_address,
            "amount": statement._format_amount,
            "day": functools.partial(format_date, self.env),
            **statement._get_letterhead(self.company_id),
        }

    # === TEXT HELPERS, for the template === #

    def _format_day(self, day):
        return format_date(self.env, fields.Date.to_date(day), lang_code=self.lang)

    def _format_amount(self, amount):
        return formatLang(
            self.with_context(lang=self.lang).env, amount, currency_obj=self.currency_id
        )
