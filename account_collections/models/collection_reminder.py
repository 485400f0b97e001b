from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..engine import decide
from .collection_level import CHANNELS

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    "scheduled": ("to_approve", "failed", "unconfirmed", "sending"),
    "to_approve": ("scheduled", "to_approve", "to_print", "failed"),
    "sending": ("scheduled",),
    "to_print": ("sending", "printed"),
    "printed": ("to_print",),
    "sent": ("sending", "to_do", "to_print", "printed", "failed", "unconfirmed"),
    "returned": ("sending", "scheduled", "sent", "unconfirmed"),
    "to_do": ("sending",),
    "failed": ("sending", "scheduled", "to_approve", "to_print", "sent", "unconfirmed"),
    "unconfirmed": ("sending",),
    "withdrawn": (
        "to_approve", "scheduled", "to_do", "to_print", "printed", "failed", "unconfirmed"
    ),
    "cancelled": (
        "to_approve", "scheduled", "to_do", "to_print", "printed", "failed", "unconfirmed"
    ),
}

#: Waiting for a person or for its departure: paying or stopping the case ends it.
WAITING = (
    "to_approve", "scheduled", "to_do", "to_print", "printed", "failed", "unconfirmed"
)

#: What a person may change on a reminder that has not left.
EDITABLE = {"subject", "body", "recipient_id", "attachment_ids", "depart_at"}

#: It truly went out, so its items have reached its ranks.
GONE = ("sent",)


class CollectionReminder(models.Model):
    """One message at one level by one channel, created once, claimed before it leaves."""

    _name = "collection.reminder"
    _description = "Collection Reminder"
    _inherit = "collection.stateful"
    _order = "decision_date desc, amount desc, id desc"
    _rec_name = "subject"

    case_id = fields.Many2one("collection.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    debtor_id = fields.Many2one(
        "res.partner",
        compute="_compute_debtor_id",
        search="_search_debtor_id",
        help="Whom it addresses: the debtor of the case, or a legal entity of its group.",
    )
    entity_id = fields.Many2one(
        "res.partner",
        string="Legal Entity",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The legal entity of a group that a formal notice is for.",
    )
    user_id = fields.Many2one(related="case_id.user_id", string="Owner")
    portfolio_id = fields.Many2one(related="case_id.portfolio_id")
    kind = fields.Selection(
        [
            (decide.PREVENTIVE, "Preventive"),
            (decide.DUNNING, "Reminder"),
            (decide.REJECTED_DEBIT, "Rejected debit"),
            (decide.THANKS, "Thank-you"),
            ("opening", "Carried over from before"),
        ],
        required=True,
        readonly=True,
    )
    channel = fields.Selection(
        [*CHANNELS, ("none", "None")],
        required=True,
        readonly=True,
    )
    is_beside = fields.Boolean(
        string="Beside",
        readonly=True,
        help="It accompanies the same message by another channel: by itself it takes no item to "
        "its level and holds up nothing.",
    )
    level_id = fields.Many2one("collection.level", readonly=True, ondelete="set null", index=True)
    level_name = fields.Char(readonly=True)
    rank = fields.Integer(readonly=True)
    decision_date = fields.Date(required=True, readonly=True, index=True)
    depart_at = fields.Datetime(
        string="Departure", required=True, index=True, help="It does not leave before."
    )
    state = fields.Selection(
        [
            ("to_approve", "To approve"),
            ("scheduled", "Scheduled"),
            ("sending", "Sending"),
            ("to_do", "With a person"),
            ("to_print", "To print"),
            ("printed", "To post"),
            ("sent", "Sent"),
            ("returned", "Came back"),
            ("failed", "Failed"),
            ("unconfirmed", "Unconfirmed"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    is_waiting = fields.Boolean(compute="_compute_is_waiting", search="_search_is_waiting")
    end_reason = fields.Char(readonly=True)
    end_sentence = fields.Char(string="Why", compute="_compute_end_sentence")

    at_any_hour = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person chose when it leaves: quiet days and hours do not move it.",
    )
    recipient_id = fields.Many2one("res.partner", ondelete="restrict")
    email = fields.Char(related="recipient_id.email", string="Address")
    lang = fields.Char(compute="_compute_lang")
    subject = fields.Char()
    body = fields.Html(sanitize="email_outgoing")
    is_prepared = fields.Boolean(readonly=True)
    is_edited = fields.Boolean(readonly=True, help="A person changed what the template said.")
    attachment_ids = fields.Many2many("ir.attachment", copy=False)
    item_ids = fields.One2many("collection.reminder.item", "reminder_id", readonly=True)
    item_count = fields.Integer(readonly=True)
    amount = fields.Monetary(readonly=True, help="Company currency, as decided.")

    message_id = fields.Char(
        string="Message-Id", readonly=True, copy=False, index="btree_not_null"
    )
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    claimed_at = fields.Datetime(readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)
    attempts = fields.Integer(readonly=True, copy=False)
    failure = fields.Char(readonly=True, copy=False)
    merged_from = fields.Integer(
        default=0, readonly=True, help="Case it was made for, when that one was merged."
    )

    repetition = fields.Integer(
        readonly=True, copy=False, help="How often a person said the same before on that day."
    )

    _contact_unique = models.UniqueIndex(
        "(case_id, channel, kind, decision_date, merged_from, COALESCE(entity_id, 0), "
        "COALESCE(repetition, 0)) "
        "WHERE state NOT IN ('cancelled', 'withdrawn')"
    )

    # === COMPUTES === #

    @api.depends("entity_id", "case_id.partner_id")
    def _compute_debtor_id(self):
        for reminder in self:
            reminder.debtor_id = reminder.entity_id or reminder.case_id.partner_id

    @api.model
    def _search_debtor_id(self, operator, value):
        of_case = Domain("entity_id", "=", False) & Domain("case_id.partner_id", operator, value)
        return Domain("entity_id", operator, value) | of_case

    @api.depends("state")
    def _compute_is_waiting(self):
        for reminder in self:
            reminder.is_waiting = reminder.state in WAITING

    @api.model
    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "in" if True in value else "not in", WAITING)]

    @api.depends_context("lang")
    @api.depends("end_reason", "failure")
    def _compute_end_sentence(self):
        for reminder in self:
            reason = reminder.end_reason
            label = self.env["collection.reason"]._get_label(reason) if reason else ""
            reminder.end_sentence = label or reminder.failure

    @api.depends("recipient_id.lang", "case_id.partner_id.lang", "company_id.partner_id.lang")
    def _compute_lang(self):
        """Language of the recipient, else the customer's, else the company's."""
        for reminder in self:
            reminder.lang = (
                reminder.recipient_id.lang
                or reminder.debtor_id.lang
                or reminder.company_id.partner_id.lang
            )

    def _get_copied(self):
        """Return the users who get a copy, as the level says."""
        self.ensure_one()
        users = self.env["res.users"]
        if self.level_id.copy_salesperson:
            users |= self.case_id.salesperson_id
        if self.level_id.copy_manager:
            users |= self.company_id.collection_manager_id
        return users.filtered(lambda user: user.partner_id != self.recipient_id)

    def _get_siblings(self):
        """Return the reminders that say the same, on the same day, by other channels."""
        self.ensure_one()
        return self.search(
            [
                ("case_id", "=", self.case_id.id),
                ("kind", "=", self.kind),
                ("level_id", "=", self.level_id.id),
                ("decision_date", "=", self.decision_date),
                ("merged_from", "=", self.merged_from),
                ("id", "!=", self.id),
                ("state", "not in", ("withdrawn", "cancelled")),
            ]
        )

    # === STATES === #

    def _set_state(self, state, origins=None, **values):
        """Move reminders to ``state``.

        :param tuple origins: states to come from, by default those of ``TRANSITIONS``
        :raises UserError: when one of them cannot go there from where it stands
        """
        self._check_transition(state, origins or TRANSITIONS[state])
        # State and claim are protected fields: only the transitions write them.
        self.sudo().write({"state": state, **values})

    def _cancel(self, reason):
        """The reminder has lost its ground: it does not leave."""
        self._set_state("cancelled", end_reason=reason)
        self.sudo().activity_id.unlink()
        self.env["collection.evidence"]._record(self, "cancelled", {"reason": reason})

    def _withdraw(self):
        self._set_state("withdrawn", end_reason="withdrawn")
        self.sudo().activity_id.unlink()
        self.env["collection.evidence"]._record(self, "withdrawn")

    # === ACTIONS === #

    def action_approve(self):
        """Let reminders leave at the next departure, on a day that is worked.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        waiting = self.filtered(lambda reminder: reminder.state == "to_approve")
        for company, reminders in waiting.grouped("company_id").items():
            today = company._collection_today()
            if not company._collection_calendar(today).is_open(today):
                reminders.depart_at = company._collection_departure(today)
        waiting._set_state("scheduled", failure=False)
        self.env["collection.evidence"]._record(waiting, "approved")
        return True

    def _take_back_approval(self):
        """A credit manager looks again: it waits to be approved as before.

        :raises UserError: when it has left, or was never approved
        """
        self._check_manager()
        self._set_state("to_approve", origins=("scheduled",))
        self.env["collection.evidence"]._record(self, "unapproved")

    def action_withdraw(self):
        self.check_access("write")
        self._withdraw()
        return True

    def action_send_again(self):
        """A person decides that a failed or unconfirmed reminder leaves (again).

        One that failed before it was ever approved goes back to be approved.
        """
        self.check_access("write")
        unapproved = self.filtered(
            lambda reminder: reminder.level_id.approval
            and reminder.state == "failed"
            and not reminder.claimed_at
        )
        unapproved._set_state("to_approve", attempts=0, failure=False)
        (self - unapproved)._set_state(
            "scheduled", depart_at=fields.Datetime.now(), attempts=0, failure=False
        )
        self.env["collection.evidence"]._record(self, "resent")
        self.env.ref("account_collections.ir_cron_depart")._trigger()
        return True

    def action_mark_sent(self):
        """A person says that it reached the customer: the ladder goes on."""
        self.check_access("write")
        self._set_state("sent", sent_at=fields.Datetime.now())
        self.sudo().activity_id.unlink()
        self.env["collection.evidence"]._record(self, "said_sent")
        return True

    def action_send_now(self):
        """Let scheduled reminders leave without waiting for the hour of departure."""
        self._check_manager()
        self.filtered(lambda reminder: reminder.state == "to_approve").action_approve()
        self.depart_at = fields.Datetime.now()
        # Not written by hand: a person's choice of the moment is what this action is.
        self.sudo().at_any_hour = True
        self.env.ref("account_collections.ir_cron_depart")._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%(count)s reminders leave within a minute.", count=len(self)
                ),
            },
        }

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "account_collections.group_collection_manager"
        ):
            raise AccessError(self.env._("A credit manager approves these reminders."))

    def write(self, vals):
        """People edit the text and the day of departure; all else goes through a transition.

        :raises UserError: when a protected field is written, or a text that has left
        :raises AccessError: when a document or a recipient is added that the user may not see
        """
        documents = self.attachment_ids
        if not self.env.su:
            if set(vals) - EDITABLE:
                raise UserError(self.env._("This is not changed by hand: use the buttons."))
            if any(reminder.state not in ("to_approve", "scheduled") for reminder in self):
                raise UserError(self.env._("Only a reminder that has not left can be edited."))
            if {"subject", "body"} & set(vals):
                self.sudo().filtered(lambda reminder: not reminder.is_edited).is_edited = True
            if "depart_at" in vals:
                self.sudo().at_any_hour = True
        result = super().write(vals)
        if not self.env.su and {"attachment_ids", "recipient_id"} & set(vals):
            # They leave with the rights of the product.
            (self.attachment_ids - documents).check_access("read")
            self.recipient_id.check_access("read")
        return result

    # === GO-LIVE === #

    @api.model
    def _carry_over(self, company, rows):
        """Record where items stand from before: one 'opening' reminder a case and day.

        :param rows: triples (receivable line id, rank, date of the last reminder)
        """
        # one query: read portion by portion, the whole view is computed for each of them
        found = self.env["collection.item"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("line_id", "in", [line for line, _rank, _day in rows]),
            ],
            [
                "case_id", "line_id", "move_id", "move_name", "date_due", "currency_id",
                "amount_currency", "amount",
            ],
        )
        items = found.grouped(lambda item: item.line_id.id)
        grouped = {}
        for line, rank, day in rows:
            for item in items[line]:
                grouped.setdefault((item.case_id, day), []).append((item, rank))
        cases = [case.id for case, _day in grouped]
        # Openings are sealed like any reminder that went out: only the wizard writes them.
        openings = self.sudo()
        openings.search(
            [("case_id", "in", cases), ("kind", "=", "opening"), ("state", "=", "sent")]
        )._replace_opening()
        openings.create(
            [
                self._prepare_opening_vals(case, day, standing)
                for (case, day), standing in grouped.items()
            ]
        )

    def _replace_opening(self):
        """A new go-live replaces the last one: its rows stay, cancelled."""
        self.write({"state": "cancelled", "end_reason": "replaced"})
        # The unique contact of the day is free for the new rows.
        self.flush_recordset(["state"])

    @api.model
    def _prepare_opening_vals(self, case, day, standing):
        return {
            "case_id": case.id,
            # A lead company duns for the others.
            "company_id": case.company_id.id,
            "kind": "opening",
            "channel": "none",
            "subject": self.env._("Reminded before go-live"),
            "rank": max(rank for _item, rank in standing),
            "state": "sent",
            "is_prepared": True,
            "decision_date": day,
            "depart_at": day,
            "sent_at": day,
            "item_count": len(standing),
            "amount": sum(item.amount for item, _rank in standing),
            "item_ids": [
                fields.Command.create(item._prepare_reminder_item_vals() | {"rank": rank})
                for item, rank in standing
            ],
        }

    # === TEXT HELPERS, for the templates === #

    def _format_amount(self, amount, currency):
        self.ensure_one()
        return formatLang(
            self.with_context(lang=self.lang).env, amount, currency_obj=currency
        )

    def _format_date(self, day):
        self.ensure_one()
        return format_date(self.env, day, lang_code=self.lang)

    def _get_creditors(self):
        """Return pairs (company, bank accounts) of where to pay: the accounts that the
        documents themselves name, of each company that one of them is owed to."""
        self.ensure_one()
        # A lead company names what its customer owes the others, and where to pay it.
        moves = self.sudo().item_ids.move_id
        creditors = [
            (
                company,
                documents.partner_bank_id.filtered(
                    lambda bank, company=company: bank.partner_id == company.partner_id
                ),
            )
            for company, documents in moves.grouped("company_id").items()
        ]
        return [(company, accounts) for company, accounts in creditors if accounts]

    def _get_totals(self):
        """Return the totals of the items by currency, as the customer reads them."""
        self.ensure_one()
        return [
            (currency, sum(items.mapped("amount_currency")))
            for currency, items in self.item_ids.grouped("currency_id").items()
        ]
