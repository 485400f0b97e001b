from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.stake import AGES, SOON_WEEKS


class CollectionCase(models.Model):
    """How much of what is overdue would not come in soon by itself: what My Day is ordered by."""

    _inherit = "collection.case"

    unpaid_share = fields.Float(
        readonly=True,
        copy=False,
        aggregator=None,
        help="Probability that what is overdue is not paid within two weeks if nobody asks, by the "
        "predictions of the last run; empty: nothing is predicted, its age tells.",
    )

    @api.model
    def _refresh_unpaid(self, company, today):
        """Bring the shares of a company up to date with its predictions, in one statement."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case cases
                   SET unpaid_share = fresh.share
                  FROM collection_case old
             LEFT JOIN (%(shares)s) fresh ON fresh.case_id = old.id
                 WHERE cases.id = old.id AND old.company_id = %(company)s
                   AND old.unpaid_share IS DISTINCT FROM fresh.share
                """,
                shares=self._unpaid_sql(company, today),
                company=company.id,
            )
        )
        self.invalidate_model(["unpaid_share"])

    @api.model
    def _unpaid_sql(self, company, today):
        """Return the query of (case_id, share), by amount, of overdue items with a prediction."""
        soon = SQL(" + ").join(
            SQL("COALESCE((prediction.weeks ->> %s)::float8, 0)", week)
            for week in range(SOON_WEEKS)
        )
        items = self.env["collection.ledger"]._open_items_sql(
            SQL("debtor.case_id, part.amount::float8, LEAST(%s, 1) AS soon", soon),
            joins=SQL(
                "%s JOIN collection_prediction prediction ON prediction.line_id = line.id",
                self.env["collection.debtor"]._join_sql(),
            ),
            where=SQL(
                """line.company_id = %s AND part.amount > 0
                   AND COALESCE(line.date_maturity, line.date) < %s""",
                company.id,
                today,
            ),
        )
        return SQL(
            """SELECT case_id,
                      ROUND((SUM(amount * (1 - soon)) / SUM(amount))::numeric, 4)::float8 AS share
                 FROM (%s) item
             GROUP BY case_id""",
            items,
        )

    @api.model
    def _unpaid_column(self, today):
        """Return the share of ``cases``; where nothing is predicted, the engine's by age."""
        ages = [(fields.Date.subtract(today, days=days), share) for days, share in reversed(AGES)]
        by_age = SQL(" ").join(
            SQL("WHEN cases.oldest_due <= %s THEN %s", since, share) for since, share in ages
        )
        return SQL("COALESCE(cases.unpaid_share, CASE %s ELSE %s END)", by_age, AGES[0][1])
