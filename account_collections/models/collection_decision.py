from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class CollectionDecision(models.Model):
    """What was decided on a case, and why; a row when the answer changes.

    ``date_from`` and ``date_to`` are the first and the last day on which a run gave this
    answer, so that 'why was this customer not reminded on that day?' has one row to read.
    """

    _name = "collection.decision"
    _description = "Collection Decision"
    _order = "date_from desc, id desc"
    _log_access = False

    case_id = fields.Many2one("collection.case", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="case_id.company_id.currency_id")
    user_id = fields.Many2one(related="case_id.user_id")
    partner_id = fields.Many2one(related="case_id.partner_id")
    date_from = fields.Date(string="First Day", required=True, readonly=True)
    date_to = fields.Date(string="Last Day", required=True, readonly=True)
    outcome = fields.Selection(
        [
            ("remind", "Remind"),
            ("hold", "Held"),
            ("wait", "Nothing to send yet"),
            ("clear", "Nothing owed"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
    )
    simulated = fields.Boolean(readonly=True, help="Decided, but the portfolio was not live.")
    reason = fields.Char(required=True, readonly=True)
    seen = fields.Json(readonly=True)
    scenario_id = fields.Many2one("collection.scenario", readonly=True, ondelete="set null")
    level_id = fields.Many2one("collection.level", readonly=True, ondelete="set null")
    channel = fields.Char(readonly=True)
    overdue = fields.Monetary(readonly=True)
    outstanding = fields.Monetary(readonly=True)
    item_count = fields.Integer(readonly=True)
    next_date = fields.Date(string="Not Before", readonly=True)
    trace = fields.Json(readonly=True)
    digest = fields.Char(readonly=True, required=True)
    merged_from = fields.Integer(
        default=0, readonly=True, help="Case it was decided for, when that one was merged."
    )

    sentence = fields.Char(compute="_compute_sentence")
    why = fields.Html(compute="_compute_why", sanitize=False)

    _day_unique = models.UniqueIndex("(case_id, date_from, merged_from)")

    @api.depends_context("lang")
    @api.depends("reason", "seen", "next_date", "outcome", "level_id")
    def _compute_sentence(self):
        for decision in self:
            decision.sentence = self.env["collection.reason"]._explain(decision)

    @api.depends_context("lang")
    @api.depends("trace")
    def _compute_why(self):
        for decision in self:
            decision.why = self.env["ir.qweb"]._render(
                "account_collections.decision_why",
                {
                    "decision": decision,
                    "entries": self.env["collection.reason"]._explain_trace(decision),
                },
            )

    @api.depends_context("lang")
    @api.depends("case_id", "date_from")
    def _compute_display_name(self):
        for decision in self:
            day = format_date(self.env, decision.date_from)
            decision.display_name = f"{decision.case_id.display_name} · {day}"

    def write(self, vals):
        if set(vals) - {"merged_from", "case_id"}:
            raise UserError(self.env._("Decisions are kept as they were taken."))
        return super().write(vals)
