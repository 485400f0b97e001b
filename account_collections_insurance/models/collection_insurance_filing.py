from odoo import api, fields, models
from odoo.addons.account_collections.wording import with_colon
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .collection_insurance_cover import STEPS, money

FILED, WITHDRAWN = "filed", "withdrawn"

#: One transition: target state → states it may come from.
TRANSITIONS = {WITHDRAWN: (FILED,)}

#: Steps after which the insurer collects, and we do not.
TAKING_OVER = ("hand_over", "claim")

#: What a person may change afterwards, and what only a credit manager may.
EDITABLE = {"reference", "note"}
EDITABLE_BY_MANAGERS = {"withdrawal_reason"}

CAUSES = [
    ("overdue", "Unpaid after the extension period"),
    ("unpaid", "Late payment"),
    ("insolvency", "Insolvency"),
    ("refusal", "The customer refuses to pay"),
    ("gone", "The customer cannot be found"),
    ("other", "Other"),
]


class CollectionInsuranceFiling(models.Model):
    """What we told a credit insurer of a debtor: an overdue, a hand-over, a claim.

    Items keep a snapshot of what was open and covered that day. While a hand-over or a claim
    stands, and something of it is open, the insurer collects and nobody is dunned. Nothing is
    changed afterwards; what was filed by mistake is taken back.
    """

    _name = "collection.insurance.filing"
    _description = "Declaration to a Credit Insurer"
    _inherit = ["mail.thread", "collection.stateful"]
    _order = "date desc, id desc"

    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor", store=True)
    policy_id = fields.Many2one(
        "collection.insurance.policy", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    buyer_id = fields.Many2one("collection.insurance.buyer", readonly=True, ondelete="set null")
    kind = fields.Selection(STEPS, string="Step", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    cause = fields.Selection(CAUSES, string="Reason", required=True, readonly=True)
    note = fields.Text()
    reference = fields.Char(
        string="Insurer's Reference", tracking=True, help="Under which the insurer keeps it."
    )
    user_id = fields.Many2one("res.users", string="Declared by", required=True, readonly=True)
    state = fields.Selection(
        [(FILED, "Declared"), (WITHDRAWN, "Taken Back")],
        default=FILED,
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )
    withdrawal_reason = fields.Char(string="Why Taken Back", copy=False)
    withdrawn_by_id = fields.Many2one(
        "res.users", string="Taken Back by", readonly=True, copy=False
    )
    withdrawn_on = fields.Date(string="Taken Back on", readonly=True, copy=False)

    item_ids = fields.One2many("collection.insurance.filing.item", "filing_id", readonly=True)
    amount = money("Open")
    covered = money("Covered")
    uncovered = money("Uncovered")
    indemnity = money(
        "Expected Indemnity",
        "After the deductible, and within what the policy pays at most.",
    )

    @api.depends("kind", "partner_id.display_name", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for filing in self:
            filing.display_name = with_colon(
                self.env, labels[filing.kind], filing.partner_id.display_name
            )

    # === STATES === #

    def _set_state(self, state, **values):
        """Move declarations to ``state``.

        :raises UserError: when one of them cannot go there from where it stands
        """
        self._check_transition(state, TRANSITIONS[state])
        # The state is a protected field: only this transition writes it.
        self.sudo().write({"state": state, **values})

    def write(self, vals):
        """People add what the insurer answers; all else is as it was declared.

        :raises UserError: when something else is written
        """
        if self.env.su:
            return super().write(vals)
        allowed = EDITABLE | (EDITABLE_BY_MANAGERS if self._is_manager() else set())
        if set(vals) - allowed:
            raise UserError(
                self.env._("A declaration is not changed: take it back and make another one.")
            )
        self.case_id.check_access("write")
        return super().write(vals)

    @api.model
    def _is_manager(self):
        return self.env.user.has_group("account_collections.group_collection_manager")

    # === ACTIONS === #

    def action_withdraw(self):
        """Take declarations back: dunning goes on, and deadlines run again.

        :raises AccessError: for anybody but a credit manager
        :raises UserError: without a reason
        """
        self.check_access("write")
        if not self._is_manager():
            raise AccessError(self.env._("A credit manager takes a declaration back."))
        for filing in self:
            if not filing.withdrawal_reason:
                raise UserError(self.env._("Write down why it is taken back."))
            today = filing.company_id._collection_today()
            filing._set_state(WITHDRAWN, withdrawn_on=today, withdrawn_by_id=self.env.uid)
            self.env["collection.evidence"]._record(
                filing.case_id,
                "declaration_withdrawn",
                {"declaration": filing.id, "why": filing.withdrawal_reason},
            )
        self._follow()
        return True

    def _follow(self):
        """Bring deadlines up to date, and decide again on the cases."""
        self.env["collection.insurance.exposure"]._refresh_companies(self.company_id)
        self.case_id._decide_again()

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    # === FACTS === #

    @api.model
    def _filed_sql(self, as_of=None):
        """Return a query (line_id, kind, date): the furthest step of each item that stands.

        :param date as_of: what stood at the end of that day, None what stands
        """
        stands = SQL("filing.state = %s", FILED)
        if as_of:
            stands = SQL(
                "filing.date <= %(day)s AND COALESCE(filing.withdrawn_on, 'infinity') > %(day)s",
                day=as_of,
            )
        return SQL(
            """
            SELECT DISTINCT ON (item.line_id) item.line_id, filing.kind, filing.date
              FROM collection_insurance_filing_item item
              JOIN collection_insurance_filing filing ON filing.id = item.filing_id
             WHERE %s AND item.line_id IS NOT NULL
          ORDER BY item.line_id, ARRAY_POSITION(%s, filing.kind) DESC, filing.date
            """,
            stands,
            [code for code, _label in STEPS],
        )

    @api.model
    def _query_taken_over(self, cases):
        """Return {case id: (insurer, day)} of cases whose debt an insurer collects now."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT filing.case_id, MIN(insurer.name), MIN(filing.date)
                  FROM collection_insurance_filing filing
                  JOIN collection_insurance_policy policy ON policy.id = filing.policy_id
                  JOIN collection_insurer insurer ON insurer.id = policy.insurer_id
                 WHERE filing.case_id = ANY(%s) AND filing.state = %s
                   AND filing.kind = ANY(%s)
                   AND EXISTS (SELECT FROM collection_insurance_filing_item item
                                 JOIN account_move_line line ON line.id = item.line_id
                                WHERE item.filing_id = filing.id
                                  AND line.parent_state = 'posted'
                                  AND line.reconciled IS NOT TRUE)
              GROUP BY filing.case_id
                """,
                cases.ids,
                FILED,
                list(TAKING_OVER),
            )
        )
        return {case: (insurer, day) for case, insurer, day in rows}
