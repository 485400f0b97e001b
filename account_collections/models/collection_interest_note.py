from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..wording import with_colon

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
    _inherit = "collection.bookable"

    _transitions = TRANSITIONS
    _editable_states = frozenset({"draft", "approved"})
    _event_prefix = "interest"
    _action_xmlid = "account_collections.collection_interest_note_action"

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
    date = fields.Date(help="Of the invoice.")
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
    line_ids = fields.One2many("collection.interest.line", "note_id", readonly=True)
    interest = fields.Monetary(compute="_compute_amount", store=True)
    compensation = fields.Monetary(compute="_compute_amount", store=True)
    amount = fields.Monetary(compute="_compute_amount", store=True)
    amount_company = fields.Monetary(
        string="Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    approved_by_id = fields.Many2one(string="Decided by")
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
            note.display_name = with_colon(self.env, name, f"{note.partner_id.name}, {amount}")

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

    def _get_proof(self):
        return {
            "amount": self.amount,
            "currency": self.currency_id.name,
            "documents": sorted(set(self.line_ids.mapped("move_name"))),
            **({"why": self.note} if self.note else {}),
        }

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
                    self.env._("%(invoice)s is posted: credit it first.", invoice=move.display_name)
                )
        self._set_state("cancelled")
        claims = self.env["collection.interest.claim"].sudo()
        for company, notes in self.grouped("company_id").items():
            claims._refresh(company, lines=notes.sudo().line_ids.line_id.ids)
        return True

    def action_open_move(self):
        self.ensure_one()
        return self.move_id.get_formview_action()
