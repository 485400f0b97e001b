from odoo import api, fields, models
from odoo.tools import SQL


class CollectionForecastWeek(models.Model):
    """What a forecast expects in one week, by owner, currency and segment; and what came in."""

    _name = "collection.forecast.week"
    _description = "Week of a Cash Forecast"
    _order = "date desc, week, id"
    _rec_name = "date_to"
    _log_access = False

    forecast_id = fields.Many2one(
        "collection.forecast", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    date = fields.Date("As of", required=True, readonly=True)
    week = fields.Integer(readonly=True, aggregator=None)
    date_to = fields.Date("Week until", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True, ondelete="set null")
    currency_id = fields.Many2one("res.currency", readonly=True)
    scenario_id = fields.Many2one(
        "collection.scenario", string="Segment", readonly=True, ondelete="set null"
    )
    expected = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="Each open amount times its probability to be paid in this week.",
    )
    promised = fields.Monetary(
        "Of Which Promised", currency_field="company_currency_id", readonly=True
    )
    disputed = fields.Monetary(
        "Of Which Contested", currency_field="company_currency_id", readonly=True
    )
    expected_currency = fields.Monetary(
        "Expected (Currency)", currency_field="currency_id", readonly=True
    )
    variance = fields.Float(readonly=True, help="Of what is expected: how sure it is.")
    received = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="By value date, of the items that were open then; empty until the week is over.",
    )

    @api.model
    def _fill(self, forecasts):
        """Add up the parts of ``forecasts``: one statement."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_forecast_week (
                    forecast_id, company_id, date, week, date_to, user_id, currency_id,
                    scenario_id, expected, promised, disputed, expected_currency, variance)
                SELECT forecast.id, forecast.company_id, forecast.date, week.number,
                       forecast.date + 7 * week.number::int, part.user_id, part.currency_id,
                       part.scenario_id, SUM(part.amount * week.chance),
                       COALESCE(SUM(part.amount * week.chance)
                                FILTER (WHERE part.kind = 'promised'), 0),
                       COALESCE(SUM(part.amount * week.chance)
                                FILTER (WHERE part.kind = 'disputed'), 0),
                       SUM(part.amount_currency * week.chance),
                       SUM(part.amount * part.amount * week.chance * (1 - week.chance))
                  FROM collection_forecast_item part
                  JOIN collection_forecast forecast ON forecast.id = part.forecast_id
            CROSS JOIN LATERAL (SELECT number, chance::numeric
                                  FROM JSONB_ARRAY_ELEMENTS_TEXT(part.weeks)
                                       WITH ORDINALITY week(chance, number)) week
                 WHERE forecast.id = ANY(%s)
              GROUP BY forecast.id, week.number, part.user_id, part.currency_id, part.scenario_id
                """,
                forecasts.ids,
            )
        )
        self.invalidate_model()
