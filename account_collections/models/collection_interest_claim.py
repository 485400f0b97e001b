from odoo import fields, models
from odoo.exceptions import AccessError, UserError

RUNNING, FINAL = "running", "final"

#: Why nothing is claimed of a late debt, in the order they are asked.
PROBLEMS = [
    ("consumer", "Consumer: nothing is claimed"),
    ("unknown_form", "Business or consumer? Not known"),
    ("insolvency", "From before an insolvency"),
    ("no_law", "No law is known for the company's country"),
    ("no_rate", "A rate is missing"),
    ("disputed", "In dispute"),
]


class CollectionInterestClaim(models.Model):
    """Interest and compensation that may be claimed of a debt today: late, or paid late.

    A row for each debt of which something is neither booked nor waived, brought up to date by the
    daily run (:meth:`_refresh`). Claiming it in a reminder changes nothing here; a note that is
    drafted, or waives it, takes it from the list.
    """

    _name = "collection.interest.claim"
    _description = "Late-Payment Interest to Claim"
    _order = "amount_company desc, id"
    _rec_name = "move_name"

    line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move", string="Document", readonly=True, index=True, ondelete="cascade"
    )
    move_name = fields.Char(string="Number", readonly=True)
    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(related="case_id.user_id", string="Owner")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    principal = fields.Monetary(string="Debt", readonly=True, help="When it fell due.")
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True)
    days = fields.Integer(readonly=True, aggregator="max")
    interest = fields.Monetary(readonly=True)
    compensation = fields.Monetary(readonly=True)
    amount = fields.Monetary(string="To Claim", readonly=True)
    amount_company = fields.Monetary(
        string="To Claim (Company)", currency_field="company_currency_id", readonly=True
    )
    status = fields.Selection(
        [(RUNNING, "Running"), (FINAL, "Paid late")],
        readonly=True,
        help="Of a debt that was paid late, nothing is added any more.",
    )
    problem = fields.Selection(PROBLEMS, string="Not Claimed Because", readonly=True)
    computed_on = fields.Date(readonly=True)

    _line_unique = models.UniqueIndex("(line_id)")

    # === ACTIONS === #

    def action_draft_notes(self):
        """Draft interest notes of these claims: one for each customer and currency.

        :raises UserError: with why nothing can be claimed of one of them
        """
        self.check_access("read")
        if not self.env.user.has_group("account_collections.group_collection_user"):
            raise AccessError(self.env._("A collector drafts interest notes."))
        notes = self._make_notes("draft")
        return notes._open()

    def action_waive(self):
        """Ask why these claims are waived."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_interest_waive_action"
            ),
            "context": {"active_ids": self.ids},
        }

    def action_open_document(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def _make_notes(self, state, **values):
        """Return new notes in ``state`` over these claims, computed anew on the ledger.

        :raises UserError: nothing can be claimed, or somebody else took them meanwhile
        """
        # Of two who bill the same claims at once, the second finds them gone.
        # They are tables of ours: nobody holds the right to write them.
        taken = self.sudo().try_lock_for_update()
        if not self or taken != self:
            raise UserError(
                self.env._("Somebody else is billing or waiving these at the moment: try again.")
            )
        notes = self.env["collection.interest.note"].sudo()
        for company, claims in self.grouped("company_id").items():
            today = company._collection_today()
            lines = claims.line_id.ids
            debts = self.sudo()._compute_debts(company, today, lines=lines)
            claims._check_claimable(debts)
            notes |= notes._make(company, debts, state, **values)
            self.sudo()._refresh(company, today, lines=lines)
        return notes.with_env(self.env)

    def _check_claimable(self, debts):
        """Refuse what may not be claimed, by the ledger as it is now."""
        found = {debt.line: debt for debt in debts}
        labels = dict(self._fields["problem"]._description_selection(self.env))
        for claim in self:
            debt = found.get(claim.line_id.id)
            if not debt:
                raise UserError(
                    self.env._("%(document)s: nothing is left to claim.", document=claim.move_name)
                )
            if debt.problem:
                raise UserError(
                    self.env._(
                        "%(document)s: %(reason)s.",
                        document=claim.move_name,
                        reason=debt.explain(self.env) or labels[debt.problem],
                    )
                )
