from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

#: One transition each: target state → states it may come from.
TRANSITIONS = {
    "approved": ("draft",),
    "booked": ("approved",),
    "waived": ("draft", "approved"),
    "cancelled": ("draft", "approved", "booked", "waived"),
}

WAIVE_REASONS = [
    ("goodwill", "Goodwill"),
    ("agreement", "Agreement with the customer"),
    ("our_fault", "Our fault"),
    ("small", "Too small to bill"),
    ("other", "Other"),
]


class CollectionInterestNote(models.Model):
    """Interest and compensation that were claimed for good: billed, or waived with a reason.

    A collector drafts it from what may be claimed, a credit manager approves it, an accountant
    books it as an ordinary invoice. What it holds may not be claimed a second time, unless it is
    cancelled.
    """

    _name = "collection.interest.note"
    _description = "Interest Note"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "id desc"

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="case_id.user_id", string="Owner")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    date = fields.Date(required=True, help="Of the invoice.")
    state = fields.Selection(
        [
            ("draft", "To approve"),
            ("approved", "Approved"),
            ("booked", "Booked"),
            ("waived", "Waived"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        copy=False,
    )
    waive_reason = fields.Selection(
        WAIVE_REASONS, string="Waived Because", readonly=True, tracking=True, copy=False
    )
    note = fields.Text(string="Remark")
    line_ids = fields.One2many("collection.interest.line", "note_id", readonly=True)
    interest = fields.Monetary(compute="_compute_amount", store=True)
    compensation = fields.Monetary(compute="_compute_amount", store=True)
    amount = fields.Monetary(compute="_compute_amount", store=True)
    amount_company = fields.Monetary(
        string="Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    approved_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null", copy=False
    )
    credit_move_ids = fields.Many2many(
        "account.move", string="Credit Notes", readonly=True, copy=False
    )

    # === COMPUTES === #

    @api.depends("partner_id", "amount", "move_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for note in self:
            amount = formatLang(self.env, note.amount, currency_obj=note.currency_id)
            name = note.move_id.name or self.env._("Interest note")
            note.display_name = f"{name}: {note.partner_id.name}, {amount}"

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for note in self:
            lines = note.line_ids.grouped("kind")
            empty = note.line_ids.browse()
            note.interest = sum(lines.get("interest", empty).mapped("amount"))
            note.compensation = sum(lines.get("compensation", empty).mapped("amount"))
            note.amount = note.interest + note.compensation

    # === MAKE === #

    @api.model
    def _make(self, company, debts, state, **values):
        """Return new notes over late debts, one for each case, customer and currency.

        :param debts: :class:`LateDebt` that can be claimed
        :param str state: ``draft`` or ``waived``
        """
        together = defaultdict(list)
        for debt in debts:
            together[debt.case, debt.partner, debt.currency].append(debt)
        lines = self.env["collection.interest.line"]
        today = company._collection_today()
        notes = self.create(
            [
                {
                    "case_id": case,
                    "partner_id": partner,
                    "currency_id": currency,
                    "date": today,
                    "amount_company": float(
                        sum((one.interest + one.compensation) * one.ratio for one in some)
                    ),
                    "line_ids": [
                        Command.create(vals) for debt in some for vals in lines._prepare_vals(debt)
                    ],
                    **values,
                }
                for (case, partner, currency), some in together.items()
            ]
        )
        if state == "waived":
            notes._set_state("waived", approved_by_id=self.env.uid)
        return notes

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: when it is not made from what may be claimed"""
        if not self.env.su:
            raise UserError(self.env._("Interest notes are drafted from what may be claimed."))
        return super().create(vals_list)

    def write(self, vals):
        """:raises UserError: when anything but the day and the remark of a draft is written"""
        if not self.env.su and (
            set(vals) - {"date", "note"} or set(self.mapped("state")) - {"draft", "approved"}
        ):
            raise UserError(self.env._("Only the day and the remark of a draft can be changed."))
        return super().write(vals)

    # === STATES === #

    def _set_state(self, state, **values):
        """Move notes to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        # Of two who decide at once the second is refused, or sees what the first decided.
        self.lock_for_update()
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})
        self._record(state)

    def _record(self, state):
        """Prove the decision in the customer's case."""
        for note in self:
            self.env["collection.evidence"]._record(
                note.case_id,
                f"interest_{state}",
                {
                    "amount": note.amount,
                    "currency": note.currency_id.name,
                    "documents": sorted(set(note.line_ids.mapped("move_name"))),
                    **({"why": note.note} if note.note else {}),
                },
            )

    def _check_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager decides on interest notes."))

    # === ACTIONS === #

    def action_approve(self):
        """Let the notes be booked.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        for note in self:
            note._check_still_owed()
        self._set_state("approved", approved_by_id=self.env.uid)
        return True

    def action_waive(self):
        """Ask why these notes are waived."""
        self._check_manager()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_interest_waive_action"
            ),
            "context": {"active_ids": [], "default_note_ids": self.ids},
        }

    def _waive(self, reason, note):
        self._check_manager()
        self._set_state("waived", waive_reason=reason, note=note, approved_by_id=self.env.uid)

    def action_cancel(self):
        """Take notes back: what they hold may be claimed again.

        :raises UserError: while the invoice of one of them stands
        """
        self._check_manager()
        for note in self:
            # Credit managers may see no invoices of others.
            move = note.sudo().move_id
            if move.state == "posted" and move.payment_state != "reversed":
                raise UserError(
                    self.env._(
                        "%(invoice)s is posted: credit it first.", invoice=move.display_name
                    )
                )
        self._set_state("cancelled")
        claims = self.env["collection.interest.claim"].sudo()
        for company, notes in self.grouped("company_id").items():
            claims._refresh(company, lines=notes.sudo().line_ids.line_id.ids)
        return True

    def action_open_move(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def _open(self):
        """Return the action that shows these notes."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_interest_note_action"
        )
        return {**action, "domain": [("id", "in", self.ids)], "context": {}}
