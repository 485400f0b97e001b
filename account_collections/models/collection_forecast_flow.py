from odoo import fields, models
from odoo.tools import SQL

from .collection_forecast_item import KINDS

#: Ids of a part's weeks: its own times this, and the week.
SLOTS = 16


class CollectionForecastFlow(models.Model):
    """What each part of an item brings in each week: what the figures of a forecast add up from."""

    _name = "collection.forecast.flow"
    _description = "Expected Receipt"
    _auto = False
    _order = "week, expected desc, id"
    _rec_name = "line_id"

    forecast_id = fields.Many2one("collection.forecast", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one("account.move.line", string="Item", readonly=True)
    case_id = fields.Many2one("collection.case", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    scenario_id = fields.Many2one("collection.scenario", string="Segment", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    date_due = fields.Date("Due Date", readonly=True)
    date_promised = fields.Date("Promised for", readonly=True)
    week = fields.Integer(readonly=True, aggregator=None)
    date_to = fields.Date("Week until", readonly=True)
    amount = fields.Monetary(
        "Open", currency_field="company_currency_id", readonly=True, aggregator=None
    )
    chance = fields.Float("Probability", readonly=True, aggregator=None)
    expected = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="What is open, times the probability to be paid in this week.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT part.id * %(slots)s::bigint + week.number AS id, part.forecast_id,
                   part.company_id, part.line_id, part.case_id, part.user_id, part.scenario_id,
                   part.currency_id, part.kind, part.date_due, part.date_promised,
                   week.number AS week, forecast.date + 7 * week.number::int AS date_to,
                   part.amount, week.chance, part.amount * week.chance AS expected
              FROM collection_forecast_item part
              JOIN collection_forecast forecast ON forecast.id = part.forecast_id
        CROSS JOIN LATERAL (SELECT number, chance::numeric
                              FROM JSONB_ARRAY_ELEMENTS_TEXT(part.weeks)
                                   WITH ORDINALITY week(chance, number)) week
             WHERE week.chance > 0
            """,
            slots=SLOTS,
        )

    def action_open_document(self):
        self.ensure_one()
        return self.env["collection.forecast.item"].browse(self.id // SLOTS).action_open_document()
