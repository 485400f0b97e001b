from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..wording import choices_of

#: Cases looked at in one preview; the daily run decides all of them, in simulation too.
MAX_CASES = 2000
BATCH_SIZE = 500


class CollectionPreview(models.TransientModel):
    """The decisions that a run would take now, without writing any."""

    _name = "collection.preview"
    _description = "Preview of a Run"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    portfolio_id = fields.Many2one(
        "collection.portfolio", domain="[('company_id', '=', company_id)]"
    )
    date = fields.Date(
        required=True, default=lambda self: self.env.company._collection_today()
    )
    line_ids = fields.One2many("collection.preview.line", "preview_id", readonly=True)
    case_total = fields.Integer(string="Cases", readonly=True)
    is_partial = fields.Boolean(compute="_compute_is_partial")

    @api.depends("case_total")
    def _compute_is_partial(self):
        for preview in self:
            preview.is_partial = preview.case_total > MAX_CASES

    def action_compute(self):
        """Decide the largest cases and show the answers, grouped."""
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose one of your own companies."))
        # The map of debtors may have to be made first; decisions and reminders are not.
        self.env["collection.debtor"].sudo()._sync(self.company_id)
        domain = [("company_id", "=", self.company_id.id)]
        if self.portfolio_id:
            domain += [("portfolio_id", "=", self.portfolio_id.id)]
        cases = self.env["collection.case"].search(domain, limit=MAX_CASES)
        self.case_total = self.env["collection.case"].search_count(domain)
        values = []
        for start in range(0, len(cases), BATCH_SIZE):
            values += self._decide(cases[start : start + BATCH_SIZE])
        # Lines are the answer of the wizard, not something its user may make up.
        self.sudo().line_ids = [
            fields.Command.clear(),
            *(fields.Command.create(vals) for vals in values),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "What a run would do on %(date)s", date=format_date(self.env, self.date)
            ),
            "res_model": "collection.preview.line",
            "view_mode": "list,pivot,graph",
            "domain": [("preview_id", "=", self.id)],
            "context": {"search_default_group_outcome": 1, "search_default_group_reason": 1},
        }

    def _decide(self, cases):
        """Return the values of the lines of ``cases``."""
        # Facts are read with the rights of the run; only cases the user may see are asked for.
        _facts, decisions = self.env["collection.run"].sudo()._decide_batch(
            cases.sudo(), self.date
        )
        label = self.env["collection.reason"]._get_label
        return [
            {
                "case_id": case,
                "outcome": made.outcome,
                "reason": label(made.reason),
                "level_id": made.level.key if made.level else False,
                "amount": float(made.situation.overdue),
                "outstanding": float(made.situation.outstanding),
                "next_date": made.next_date,
            }
            for case, made in decisions.items()
        ]


class CollectionPreviewLine(models.TransientModel):
    _name = "collection.preview.line"
    _description = "Preview of a Decision"
    _order = "amount desc, id"

    preview_id = fields.Many2one("collection.preview", required=True, ondelete="cascade")
    case_id = fields.Many2one("collection.case", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="case_id.company_id.currency_id")
    portfolio_id = fields.Many2one(related="case_id.portfolio_id", store=True)
    outcome = fields.Selection(
        selection=choices_of("collection.decision", "outcome")
    )
    reason = fields.Char()
    level_id = fields.Many2one("collection.level", ondelete="cascade")
    amount = fields.Monetary(string="Overdue")
    outstanding = fields.Monetary()
    next_date = fields.Date(string="Not Before")

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()
