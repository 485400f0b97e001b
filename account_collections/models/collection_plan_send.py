from odoo import api, fields, models

from ..engine import promises
from ..wording import choices_of
from .collection_plan import AGREEMENT

#: With a person, or nobody knows: when the customer signs, it has arrived.
PERHAPS_ARRIVED = ("to_do", "unconfirmed")


class CollectionPlan(models.Model):
    """How the agreement reaches the customer, and what becomes of it when the plan goes on."""

    _inherit = "collection.plan"

    reminder_ids = fields.One2many("collection.reminder", "plan_id", string="Sent Agreements")
    delivery_id = fields.Many2one(
        "collection.reminder", string="Sent Agreement", compute="_compute_delivery_id"
    )
    delivery_state = fields.Selection(
        selection=choices_of("collection.reminder", "state"),
        string="Dispatch",
        compute="_compute_delivery_id",
    )

    @api.depends("reminder_ids.state")
    def _compute_delivery_id(self):
        for plan in self:
            plan.delivery_id = plan.reminder_ids.sorted("id")[-1:]
            plan.delivery_state = plan.delivery_id.state

    def _set_state(self, state, **values):
        """An agreement that waits to leave ends with its proposal."""
        result = super()._set_state(state, **values)
        # Written by the transition, as the state is.
        for agreement in self.sudo().reminder_ids.filtered("is_waiting"):
            if state == promises.ACTIVE and agreement.state in PERHAPS_ARRIVED:
                agreement.action_mark_sent()
            elif state != "proposed":
                agreement._withdraw()
        return result

    def action_open_delivery(self):
        self.ensure_one()
        return self.delivery_id.get_formview_action()

    def _send_agreement(self, today):
        """Let the agreement leave by e-mail within minutes, else give it to a person to post."""
        self.ensure_one()
        plan = self.sudo()  # reminders are written by the product: for whoever may propose
        reminder = plan.env["collection.reminder"].create(plan._prepare_agreement_vals(today))
        reminder.attachment_ids = plan.agreement_id.copy(
            {"res_model": reminder._name, "res_id": reminder.id}
        )
        self.env["collection.evidence"]._record(reminder, "prepared")
        self.env.ref("account_collections.ir_cron_depart")._trigger()

    def _prepare_agreement_vals(self, today):
        """Return the values of the reminder that carries the agreement."""
        contact = self.contact_id
        by_mail = contact.email_normalized and not contact.collection_bounced
        return {
            "case_id": self.case_id.id,
            "company_id": self.company_id.id,
            "kind": AGREEMENT,
            "plan_id": self.id,
            "channel": "email" if by_mail else "task",
            "state": "scheduled",
            "decision_date": today,
            "repetition": self._count_agreements(today),
            "depart_at": fields.Datetime.now(),
            # A person chose this moment, in answer to the customer.
            "at_any_hour": True,
            "recipient_id": contact.id,
            **(self._prepare_agreement_message() if by_mail else self._prepare_agreement_task()),
            "is_prepared": True,
            "item_count": len(self.item_ids),
            "amount": self.amount_company,
        }

    def _count_agreements(self, today):
        """Return how many agreements went to the customer today: a reworked plan goes again."""
        return self.env["collection.reminder"].search_count(
            [
                ("case_id", "=", self.case_id.id),
                ("kind", "=", AGREEMENT),
                ("decision_date", "=", today),
            ]
        )

    def _prepare_agreement_message(self):
        """Return subject and body of the message that brings the agreement."""
        template = self.env.ref("account_collections.mail_template_plan")
        text = template._generate_template(self.ids, ("subject", "body_html"))[self.id]
        return {"subject": text["subject"], "body": text["body_html"]}

    def _prepare_agreement_task(self):
        """Return subject and body of the task to post the agreement."""
        person = self.case_id._get_person_at_work()
        plan = self.with_context(lang=person.lang)
        return {
            "subject": plan.env._("Print the instalment agreement and post it"),
            "body": plan.env["ir.qweb"]._render(
                "account_collections.plan_agreement_task", {"plan": plan}
            ),
        }
