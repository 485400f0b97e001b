from odoo import fields, models

KINDS = [("usual", "By habit"), ("promised", "Promised"), ("disputed", "Contested")]


class CollectionForecastItem(models.Model):
    """A part of an open item, as a forecast saw it: by habit, promised or contested."""

    _name = "collection.forecast.item"
    _description = "Part of a Cash Forecast"
    _order = "amount desc, id"
    _rec_name = "line_id"
    _log_access = False

    forecast_id = fields.Many2one(
        "collection.forecast", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one(
        "account.move.line", string="Item", readonly=True, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", string="Owner", readonly=True, ondelete="set null")
    scenario_id = fields.Many2one(
        "collection.scenario", string="Segment", readonly=True, ondelete="set null"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    date_due = fields.Date("Due Date", readonly=True)
    date_promised = fields.Date("Promised for", readonly=True)
    amount = fields.Monetary(
        "Open (Company)", currency_field="company_currency_id", readonly=True
    )
    amount_currency = fields.Monetary("Open", currency_field="currency_id", readonly=True)
    expected = fields.Monetary(
        "Expected within 30 Days", currency_field="company_currency_id", readonly=True
    )
    weeks = fields.Json(readonly=True)

    # The parts of a forecast, the largest first.
    _by_amount = models.Index("(forecast_id, amount DESC, id)")

    def action_open_document(self):
        """Open the document, or the case where its item is gone."""
        self.ensure_one()
        return (self.line_id.move_id or self.case_id).get_formview_action()
