from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

CORRECTION = "correction"

#: What was not said to the customer by a scenario, or takes back itself, is not corrected.
NOT_CORRECTED = ("voice", CORRECTION, "opening")


class CollectionReminderItem(models.Model):
    _inherit = "collection.reminder.item"

    correction_id = fields.Many2one(
        "collection.reminder",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The message that takes it back: it gave its document no level.",
    )


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[("corrected", "Corrected")], ondelete={"corrected": "cascade"}
    )


class CollectionReminder(models.Model):
    """A reminder that went out wrongly is taken back by a message, and gives no level any more.

    Nothing is deleted: the items that were wrong name the correction, and whatever reads how far
    an item has come passes over them.
    """

    _inherit = "collection.reminder"

    kind = fields.Selection(
        selection_add=[(CORRECTION, "Correction")], ondelete={CORRECTION: "cascade"}
    )
    corrects_id = fields.Many2one(
        "collection.reminder",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    correction_ids = fields.One2many("collection.reminder", "corrects_id", string="Corrections")
    corrected_item_ids = fields.One2many(
        "collection.reminder.item", "correction_id", string="Items Taken Back"
    )
    may_correct = fields.Boolean(compute="_compute_may_correct")

    @api.depends_context("uid")
    @api.depends("state", "kind", "channel", "case_id.user_id", "item_ids.correction_id")
    def _compute_may_correct(self):
        for reminder in self:
            reminder.may_correct = (
                reminder.state == "sent"
                and reminder.kind not in NOT_CORRECTED
                and bool(reminder._get_correctable())
                and reminder.case_id._is_acted_for()
            )

    def _get_correctable(self):
        """Return the items that no correction has taken back yet."""
        self.ensure_one()
        return self.item_ids.filtered(lambda item: not item.correction_id)

    def action_correct(self):
        """Open the form of a correction."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct"),
            "res_model": "collection.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reminder_id": self.id},
        }

    def _correct(self, items, recipient, subject, body, reason):
        """Take items of a reminder back, by a message that leaves as any other does.

        :param items: the ``collection.reminder.item`` that were wrong
        :param reason: what went wrong, for ourselves
        :return: the correction
        :raises AccessError: for anybody but a credit manager and the owner
        :raises UserError: when there is nothing to correct
        """
        self.ensure_one()
        self.check_access("read")
        if not self.case_id._is_acted_for():
            raise AccessError(self.env._("The owner of the case or a credit manager corrects it."))
        if self.state != "sent" or self.kind in NOT_CORRECTED:
            raise UserError(self.env._("Only a reminder that went out can be corrected."))
        if not items or items - self._get_correctable():
            raise UserError(self.env._("Choose the documents that were wrong."))
        today = self.company_id._collection_today()
        if self._find_correction(today):
            raise UserError(self.env._("A correction goes to this customer today already."))
        # Reminders are written by the product: here by whoever was just found to be allowed to.
        correction = self.sudo().create(
            self._prepare_correction_vals(items, recipient, subject, body, today)
        )
        items.sudo().correction_id = correction
        evidence = self.env["collection.evidence"]
        documents = ", ".join(name for name in items.mapped("move_name") if name)
        evidence._record(self, "corrected", {"documents": documents, "why": reason})
        evidence._record(correction, "prepared")
        self.case_id._message_log(
            body=self.env._(
                "“%(subject)s” is taken back for %(documents)s: %(reason)s",
                subject=self.subject,
                documents=documents,
                reason=reason,
            )
        )
        self.env.ref("account_collections.ir_cron_depart")._trigger()
        return correction.with_env(self.env)

    def _find_correction(self, today):
        return self.search_count(
            [
                ("case_id", "=", self.case_id.id),
                ("kind", "=", CORRECTION),
                ("decision_date", "=", today),
                ("state", "not in", ("cancelled", "withdrawn")),
            ],
            limit=1,
        )

    def _prepare_correction_vals(self, items, recipient, subject, body, today):
        """Return the values of a correction; a person delivers it where no e-mail can."""
        standing = self._get_standing(items)
        by_mail = recipient.email_normalized and not recipient.collection_bounced
        is_manager = self.env.user.has_group("account_collections.group_collection_manager")
        to_approve = by_mail and self.level_id.approval and not is_manager
        return {
            "case_id": self.case_id.id,
            "company_id": self.company_id.id,
            "kind": CORRECTION,
            "corrects_id": self.id,
            "channel": "email" if by_mail else "task",
            "state": "to_approve" if to_approve else "scheduled",
            "decision_date": today,
            "depart_at": fields.Datetime.now(),
            "recipient_id": recipient.id,
            "subject": subject,
            "body": body,
            "is_prepared": True,
            "item_count": len(standing),
            "amount": sum(item.amount for item in standing),
            "item_ids": [
                fields.Command.create(item._prepare_reminder_item_vals()) for item in standing
            ],
        }

    def _get_standing(self, wrong):
        """Return the open items of this reminder that were right, as they stand now."""
        self.ensure_one()
        right = self._get_correctable() - wrong
        return self.env["collection.item"].search([("line_id", "in", right.line_id.ids)])

    def _set_state(self, state, **values):
        """A correction that does not leave takes nothing back."""
        result = super()._set_state(state, **values)
        if state in ("withdrawn", "cancelled"):
            # Written by the transition, as the state is.
            self.sudo().corrected_item_ids.correction_id = False
        return result


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _ask_again(self, reminder):
        if reminder.kind == CORRECTION:
            return self._ask_correction_again(reminder)
        return super()._ask_again(reminder)

    @api.model
    def _ask_correction_again(self, reminder):
        """A person decided it, no scenario: only what it says still stands has to be true."""
        now = {
            item.line_id.id: item.amount
            for item in self.env["collection.item"].search(
                [("line_id", "in", reminder.item_ids.line_id.ids)]
            )
        }
        currency = reminder.currency_id
        for item in reminder.item_ids:
            if currency.compare_amounts(now.get(item.line_id.id, 0.0), item.amount):
                failure = self.env._("What it says still stands has changed since.")
                reminder._set_state("to_approve", failure=failure)
                return False
        return True


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _is_acted_for(self):
        """Return whether the user is the owner, stands in for them today, or manages credit."""
        self.ensure_one()
        user = self.env.user
        if self.env.su or user.has_group("account_collections.group_collection_manager"):
            return True
        if not self.user_id:
            return False
        return user in (self.user_id, self._get_person_at_work())
