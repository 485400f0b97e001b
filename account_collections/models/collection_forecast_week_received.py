from odoo import api, models
from odoo.tools import SQL


class CollectionForecastWeek(models.Model):
    """What came in, beside what was expected: by value date, of the items that were open then."""

    _inherit = "collection.forecast.week"

    @api.model
    def _write_received(self, company, today):
        """Write the receipts of weeks that are over, of forecasts whose parts are still there.

        What is booked late counts in the week of its value date.
        """
        [(since,)] = self.env.execute_query(
            SQL(
                """
                SELECT MIN(date) FROM collection_forecast forecast
                 WHERE company_id = %s AND date < %s AND EXISTS (
                       SELECT FROM collection_forecast_item WHERE forecast_id = forecast.id)
                """,
                company.id,
                today,
            )
        )
        if not since:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_forecast_week known SET received = fresh.amount
                  FROM (%(received)s) fresh
                 WHERE known.id = fresh.id AND known.received IS DISTINCT FROM fresh.amount
                """,
                received=self._received_sql(company, since, today),
            )
        )
        self.invalidate_model(["received"])

    @api.model
    def _received_sql(self, company, since, today):
        """Return the query (id, amount) of weeks that are over, also those that brought nothing.

        An item counts once, for whoever had its first part.
        """
        return SQL(
            """
            WITH seen AS (
                SELECT DISTINCT ON (part.forecast_id, part.line_id)
                       part.forecast_id, part.line_id, part.user_id, part.currency_id,
                       part.scenario_id, forecast.date
                  FROM collection_forecast_item part
                  JOIN collection_forecast forecast ON forecast.id = part.forecast_id
                 WHERE forecast.company_id = %(company)s AND forecast.date < %(today)s
                   AND part.line_id IS NOT NULL
              ORDER BY part.forecast_id, part.line_id, part.id
            ), came AS (
                SELECT seen.forecast_id, seen.user_id, seen.currency_id, seen.scenario_id,
                       (payment.day - seen.date - 1) / 7 + 1 AS week, SUM(payment.amount) AS amount
                  FROM seen
                  JOIN (%(payments)s) payment ON payment.line_id = seen.line_id
                                             AND payment.day > seen.date
              GROUP BY 1, 2, 3, 4, 5
            )
            SELECT week.id, COALESCE(came.amount, 0) AS amount
              FROM collection_forecast_week week
         LEFT JOIN came ON came.forecast_id = week.forecast_id AND came.week = week.week
                       AND came.user_id IS NOT DISTINCT FROM week.user_id
                       AND came.currency_id IS NOT DISTINCT FROM week.currency_id
                       AND came.scenario_id IS NOT DISTINCT FROM week.scenario_id
             WHERE week.date_to < %(today)s
               AND week.forecast_id IN (SELECT forecast_id FROM seen)
            """,
            company=company.id,
            today=today,
            payments=self.env["collection.behaviour"]._payments_sql(company, since),
        )
