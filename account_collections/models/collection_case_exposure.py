from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..engine.warning import jump
from .collection_rows import AMOUNT, INTEGER, array

#: Days in which a second jump of the same customer is no news, and for which one is shown.
NEWS_DAYS = 30

#: Share of all that is open in a company that a jump has to come to.
LEAST_SHARE = 0.02


class CollectionCase(models.Model):
    """A customer suddenly owes far more than it ever did: see ``engine/warning.py``."""

    _inherit = "collection.case"

    exposure_jumped_on = fields.Date(
        "Owes More since",
        readonly=True,
        copy=False,
        help="Day on which what is open was first seen to be far more than in the weeks before.",
    )
    exposure_before = fields.Monetary(
        "Owed at Most before", readonly=True, copy=False, help="In the weeks before the jump."
    )

    @api.model
    def _watch_exposure(self, company, today):
        """Note whose open amount jumped, and tell whoever works on the case.

        What was open is known from the forecasts that were kept, one a week.
        """
        total, rows = 0.0, []
        for case, before, now in self.env.execute_query(self._exposure_sql(company, today)):
            total += float(now)
            rows.append((case, [float(value) for value in before or ()], float(now)))
        least = LEAST_SHARE * total
        found = {
            case: most for case, before, now in rows if (most := jump(before, now, least))
        }
        for case in self.browse(self._write_jumps(found, today)):
            case._give_task(today, lambda case: case._tell_jump())

    @api.model
    def _exposure_sql(self, company, today):
        """Return (case, [what was open by week], what is open now)."""
        return SQL(
            """
            SELECT case_id, ARRAY_AGG(amount) FILTER (WHERE date < %(today)s),
                   SUM(amount) FILTER (WHERE date = %(today)s)
              FROM (SELECT part.case_id, forecast.date, SUM(part.amount) AS amount
                      FROM collection_forecast_item part
                      JOIN collection_forecast forecast ON forecast.id = part.forecast_id
                     WHERE forecast.company_id = %(company)s
                  GROUP BY part.case_id, forecast.date) week
          GROUP BY case_id
            HAVING SUM(amount) FILTER (WHERE date = %(today)s) > 0
            """,
            today=today,
            company=company.id,
        )

    @api.model
    def _write_jumps(self, found, today):
        """Write jumps that are news; return the ids of their cases."""
        self.flush_model(["exposure_jumped_on", "exposure_before"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE collection_case known
                   SET exposure_jumped_on = %s, exposure_before = fresh.before
                  FROM UNNEST(%s::%s, %s::%s) fresh(id, before)
                 WHERE known.id = fresh.id
                   AND COALESCE(known.exposure_jumped_on, '-infinity') < %s
             RETURNING known.id
                """,
                today,
                array(found),
                INTEGER,
                array(found.values()),
                AMOUNT,
                fields.Date.subtract(today, days=NEWS_DAYS),
            )
        )
        self.invalidate_model(["exposure_jumped_on", "exposure_before"])
        return [key for (key,) in rows]

    def _tell_jump(self):
        return self.env._(
            "%(customer)s owes far more than before: at most %(before)s until now",
            customer=self.partner_id.display_name,
            before=formatLang(self.env, self.exposure_before, currency_obj=self.currency_id),
        )
