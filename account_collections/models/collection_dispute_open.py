from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import disputes
from .collection_dispute import FIGURES


class CollectionDispute(models.Model):
    """How a dispute begins: checked, numbered, routed, with a deadline."""

    _inherit = "collection.dispute"

    @api.model_create_multi
    def create(self, vals_list):
        """Open disputes: number, routing, deadline, and an activity for the owner.

        :raises UserError: when figures are given, or nothing of it can be disputed
        """
        if not self.env.su and any(FIGURES & set(vals) for vals in vals_list):
            raise UserError(self.env._("This is not changed by hand: use the buttons."))
        if not all(vals.get("case_id") and vals.get("reason_id") for vals in vals_list):
            raise UserError(self.env._("A dispute needs a customer's case and a reason."))
        context = {key: value for key, value in self.env.context.items() if key[:8] != "default_"}
        model = self.with_context(context)  # pylint: disable=context-overridden
        cases = self.env["collection.case"].browse({vals["case_id"] for vals in vals_list})
        cases.check_access("write")
        cases._queue()
        opened = super(CollectionDispute, model).create(
            [model._prepare_opening_vals(vals) for vals in vals_list]
        )
        for dispute in opened:
            if not dispute.line_ids:
                raise UserError(self.env._("A dispute needs an amount of an open item."))
            dispute._route()
        self.env["collection.evidence"]._record_disputes(opened, "disputed")
        cases._decide_again()
        return opened

    @api.model
    def _prepare_opening_vals(self, vals):
        """Complete the values of a new dispute from its case and its reason."""
        case = self.env["collection.case"].browse(vals["case_id"])
        company = case.company_id
        today = company._collection_today()
        opened = fields.Date.to_date(vals.get("date_opened")) or today
        if opened > today and not self.env.su:
            raise UserError(self.env._("A dispute cannot be opened in the future."))
        reason = self.env["collection.dispute.reason"].browse(vals.get("reason_id"))
        calendar = company._collection_calendar(opened)
        # Amounts are checked against the case, so that it has to be known first.
        return {
            "name": self.env["ir.sequence"].next_by_code("collection.dispute") or "/",
            "priority": reason.priority or "1",
            "team_id": reason.team_id.id,
            "deadline": disputes.deadline(opened, reason.deadline_days or 1, calendar),
            **vals,
            "company_id": company.id,
            "partner_id": case.partner_id.id,
            "partner_name": case.partner_id.display_name,
            "date_opened": opened,
        }

    def _route(self):
        """Give the dispute to its owner, with an activity due at the deadline."""
        self.ensure_one()
        if not self.user_id:
            # Whose it is follows from the reason, whoever opened it.
            self.sudo().user_id = self._get_default_owner()
        self._plan(self.user_id, self.env._("Solve the dispute"), self.deadline)

    def _get_default_owner(self):
        """Return who solves it: the owner by reason, the team's leader, else the case's."""
        self.ensure_one()
        reason = self.reason_id
        # Teams, reasons and cases are read for everybody who may open or own a dispute.
        case = self.sudo().case_id
        for user in (reason.user_id, self.team_id.user_id, case._get_responsible()):
            if user and user._is_here(self.company_id):
                return user
        return self.company_id._collection_credit_manager()

    def _plan(self, user, summary, day, note=""):
        """Give ``user`` something to do about the dispute."""
        self.ensure_one()
        # Planned by the product on behalf of whoever acts.
        return self.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            day,
            summary=summary,
            note=note,
            user_id=(user or self.env.user).id,
        )

    def _take_over_message(self, message):
        """Repeat what the customer wrote on the case, for an owner who does not see the case."""
        self.ensure_one()
        message.check_access("read")
        attachments = [
            # Those of a message that the user reads; copies belong to the dispute.
            (attachment.name, attachment.sudo().raw)
            for attachment in message.attachment_ids
        ]
        self.message_post(
            body=message.body,
            subject=message.subject,
            author_id=message.author_id.id,
            email_from=message.email_from,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            attachments=attachments,
        )
