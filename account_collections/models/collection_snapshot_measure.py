from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import promises
from .collection_promise import JUDGED
from .collection_snapshot import FLOWS, RATIOS, STOCKS, WINDOW, ratio_sql

DIMENSIONS = ("user_id", "team_id", "scenario_id", "country_id", "salesperson_id")

#: Which source measures what, by customer; customers themselves are counted last.
SOURCES = {
    "items": (
        "outstanding", "debts", "credits", "not_due", "overdue",
        "age_1", "age_2", "age_3", "age_4", "age_5",
        "at_risk", "still_unpaid", "item_count", "overdue_count",
    ),
    "moves": ("sales", "sales_window", "sales_year", "cash"),
    "schedule": ("fallen_due",),
    "payments": ("paid", "paid_days", "late_days", "paid_on_time"),
    "disputes": (
        "disputed", "dispute_count",
        "resolved_count", "resolved_amount", "resolve_days", "resolve_amount_days",
    ),
    "promises": (
        "promised_open", "promise_count", "promise_kept_count", "promised", "promise_received",
    ),
    "reminders": ("reminder_count",),
}  # fmt: skip

DUE = SQL("COALESCE(line.date_maturity, line.date)")


class CollectionSnapshot(models.Model):
    """Measures a day, of the past too: from the ledger as it was at its end.

    Each source is one query by customer, that tells its measures in the order of ``SOURCES``.
    What was reconciled since is undone, by the dates of what was reconciled. Customers are in
    the groups that they are in now.
    """

    _inherit = "collection.snapshot"

    @api.model
    def _measure(self, company, day):
        """Write the rows of ``day``, instead of those that it had.

        :return: number of rows
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM collection_snapshot WHERE company_id = %s AND date = %s",
                company.id,
                day,
            )
        )
        self.env.cr.execute(self._insert_sql(company, day))
        count = self.env.cr.rowcount
        self._mark_closing(company, day)
        self.invalidate_model()
        return count

    @api.model
    def _mark_closing(self, company, day):
        """Let the last day of its month be the one that charts read: a day without rows too."""
        month = day.replace(day=1)
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_snapshot snapshot SET closing = (snapshot.date = last.date)
                  FROM (SELECT GREATEST(MAX(date), %(day)s) AS date FROM (
                               SELECT date FROM collection_snapshot WHERE %(in_month)s
                                UNION ALL
                               SELECT date FROM collection_snapshot_day WHERE %(in_month)s
                               ) known) last
                 WHERE snapshot.company_id = %(company)s
                   AND snapshot.date BETWEEN %(first)s AND %(end)s
                   AND snapshot.closing IS DISTINCT FROM (snapshot.date = last.date)
                """,
                company=company.id,
                day=day,
                first=month,
                end=fields.Date.end_of(month, "month"),
                in_month=SQL(
                    "company_id = %s AND date BETWEEN %s AND %s",
                    company.id,
                    month,
                    fields.Date.end_of(month, "month"),
                ),
            )
        )

    @api.model
    def _insert_sql(self, company, day):
        """Return the one statement of a day.

        Sources are laid below each other and added up, not joined: the database cannot foresee
        how many customers one has, and might go through all of another for each of them.
        """
        measures = [*STOCKS, *FLOWS]
        names = SQL(", ").join(SQL.identifier(name) for name in (*DIMENSIONS, *measures, *RATIOS))
        return SQL(
            """
            WITH %(sources)s,
            customers AS MATERIALIZED (
                SELECT partner_id, %(summands)s
                  FROM (%(rows)s) found(partner_id, %(columns)s)
              GROUP BY partner_id),
            sums AS (
                SELECT %(dimensions)s, %(summands)s,
                       COUNT(*) FILTER (WHERE customers.debts > 0) AS customer_count,
                       COUNT(*) FILTER (WHERE customers.overdue > 0) AS late_customer_count
                  FROM customers
                  %(groups)s
              GROUP BY %(dimensions)s)
            INSERT INTO collection_snapshot (company_id, date, %(names)s)
            SELECT %(company)s, %(day)s, %(dimensions)s, %(measures)s, %(ratios)s
              FROM sums
            """,
            sources=SQL(", ").join(
                SQL(
                    "%s (partner_id, %s) AS (%s)",
                    SQL.identifier(source),
                    SQL(", ").join(map(SQL.identifier, columns)),
                    getattr(self, f"_{source}_sql")(company, day),
                )
                for source, columns in SOURCES.items()
            ),
            rows=SQL(" UNION ALL ").join(map(self._rows_sql, SOURCES)),
            columns=SQL(", ").join(
                SQL.identifier(name) for columns in SOURCES.values() for name in columns
            ),
            summands=SQL(", ").join(
                SQL("COALESCE(SUM(%(name)s), 0) AS %(name)s", name=SQL.identifier(name))
                for columns in SOURCES.values()
                for name in columns
            ),
            groups=self._groups_sql(company),
            dimensions=SQL(", ").join(map(SQL.identifier, DIMENSIONS)),
            names=names,
            company=company.id,
            day=day,
            measures=SQL(", ").join(map(SQL.identifier, measures)),
            ratios=SQL(", ").join(ratio_sql(name, SQL.identifier) for name in RATIOS),
        )

    @api.model
    def _rows_sql(self, source):
        """Return the rows of a source, with the columns of all sources."""
        return SQL(
            "SELECT partner_id, %s FROM %s",
            SQL(", ").join(
                SQL.identifier(name) if one == source else SQL("NULL::numeric")
                for one, columns in SOURCES.items()
                for name in columns
            ),
            SQL.identifier(source),
        )

    @api.model
    def _groups_sql(self, company):
        """Return the joins from ``customers`` to the groups they are in, one row each."""
        return SQL(
            """
            CROSS JOIN LATERAL (
                SELECT cases.user_id, portfolio.team_id, cases.scenario_id,
                       COALESCE(cases.country_id, partner.country_id) AS country_id,
                       COALESCE(cases.salesperson_id, partner.user_id) AS salesperson_id
                  FROM res_partner partner
             LEFT JOIN LATERAL (
                        SELECT case_id FROM collection_debtor
                         WHERE company_id = %(company)s AND partner_id = partner.id
                      ORDER BY role = 'rest', id LIMIT 1) debtor ON TRUE
             LEFT JOIN collection_case own
                    ON own.company_id = %(company)s AND own.partner_id = partner.id
             LEFT JOIN collection_case cases ON cases.id = COALESCE(debtor.case_id, own.id)
             LEFT JOIN collection_portfolio portfolio ON portfolio.id = cases.portfolio_id
                 WHERE partner.id = customers.partner_id
            ) groups
            """,
            company=company.id,
        )

    # === FROM THE LEDGER === #

    @api.model
    def _items_sql(self, company, day):
        bounds = company._get_buckets()
        late = SQL("(%s::date - %s)", day, DUE)
        ages = [
            SQL("item.amount > 0 AND %s BETWEEN %s AND %s", late, first + 1, last)
            for first, last in zip((0, *bounds), bounds, strict=False)
        ]
        ages.append(SQL("item.amount > 0 AND %s > %s", late, bounds[-1]))
        is_debt = self._is_debt_sql()
        conditions = [
            SQL("TRUE"),
            SQL("item.amount > 0"),
            SQL("item.amount < 0"),
            SQL("item.amount > 0 AND %s <= 0", late),
            SQL("item.amount > 0 AND %s > 0", late),
            *ages,
            SQL("item.amount > 0 AND %s > %s", late, company.collection_risk_days),
            SQL("item.amount > 0 AND %s BETWEEN 1 AND %s AND %s", late, WINDOW, is_debt),
        ]
        return SQL(
            "%s GROUP BY 1",
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    "partner.commercial_partner_id, %s, COUNT(*), COUNT(*) FILTER (WHERE %s)",
                    SQL(", ").join(
                        SQL("SUM(item.amount) FILTER (WHERE %s)", condition)
                        for condition in conditions
                    ),
                    SQL("item.amount > 0 AND %s > 0", late),
                ),
                joins=SQL(
                    """JOIN res_partner partner ON partner.id = line.partner_id
                       JOIN account_journal journal ON journal.id = line.journal_id"""
                ),
                where=SQL("line.company_id = %s", company.id),
                as_of=day,
                of_all=True,
            ),
        )

    @api.model
    def _is_debt_sql(self):
        """Return the condition that ``line`` is a debt of its own: not money that went back."""
        return SQL(
            "line.balance > 0 AND NOT (%s)", self.env["collection.ledger"]._is_money_sql()
        )

    @api.model
    def _lines_sql(self, company, columns, where):
        """Return columns of receivable lines by customer."""
        return SQL(
            """
            SELECT partner.commercial_partner_id, %(columns)s
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_journal journal ON journal.id = line.journal_id
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND %(where)s
          GROUP BY 1
            """,
            columns=columns,
            company=company.id,
            where=where,
        )

    @api.model
    def _moves_sql(self, company, day):
        is_sale = SQL("move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')")
        since = {
            "month": day.replace(day=1),
            "window": fields.Date.subtract(day, days=WINDOW - 1),
            "year": fields.Date.subtract(day, days=364),
        }
        return self._lines_sql(
            company,
            SQL(
                """
                SUM(line.balance) FILTER (WHERE %(is_sale)s AND line.date >= %(month)s),
                SUM(line.balance) FILTER (WHERE %(is_sale)s AND line.date >= %(window)s),
                SUM(line.balance) FILTER (WHERE %(is_sale)s),
                -SUM(line.balance) FILTER (WHERE %(is_money)s AND line.date >= %(month)s)
                """,
                is_sale=is_sale,
                is_money=self.env["collection.ledger"]._is_money_sql(),
                **since,
            ),
            SQL("line.date BETWEEN %s AND %s", min(since.values()), day),
        )

    @api.model
    def _schedule_sql(self, company, day):
        return self._lines_sql(
            company,
            SQL("SUM(line.balance)"),
            SQL(
                "%s AND line.date <= %s AND %s BETWEEN %s AND %s",
                self._is_debt_sql(),
                day,
                DUE,
                fields.Date.subtract(day, days=WINDOW),
                fields.Date.subtract(day, days=1),
            ),
        )

    @api.model
    def _payments_sql(self, company, day):
        month = day.replace(day=1)
        return SQL(
            """
            SELECT partner_id,
                   SUM(amount) FILTER (WHERE day >= %(month)s),
                   SUM(amount * (day - issued)) FILTER (WHERE day >= %(month)s),
                   SUM(amount * (day - due)) FILTER (WHERE day >= %(month)s),
                   SUM(amount) FILTER (WHERE day <= due AND due BETWEEN %(since)s AND %(until)s)
              FROM (%(payments)s) payment
             WHERE day <= %(day)s
               AND (day >= %(month)s OR due BETWEEN %(since)s AND %(until)s)
          GROUP BY 1
            """,
            month=month,
            since=fields.Date.subtract(day, days=WINDOW),
            until=fields.Date.subtract(day, days=1),
            # What fell due lately is looked for, however early it was paid.
            payments=self.env["collection.behaviour"]._payments_sql(company, date.min),
            day=day,
        )

    # === FROM COLLECTIONS === #

    @api.model
    def _disputes_sql(self, company, day):
        return SQL(
            """
            SELECT partner.commercial_partner_id,
                   SUM(dispute.amount) FILTER (WHERE %(is_open)s),
                   COUNT(*) FILTER (WHERE %(is_open)s),
                   COUNT(*) FILTER (WHERE %(is_resolved)s),
                   SUM(dispute.amount) FILTER (WHERE %(is_resolved)s),
                   SUM(dispute.days_to_resolve) FILTER (WHERE %(is_resolved)s),
                   SUM(dispute.amount * dispute.days_to_resolve) FILTER (WHERE %(is_resolved)s)
              FROM collection_dispute dispute
              JOIN res_partner partner ON partner.id = dispute.partner_id
             WHERE dispute.company_id = %(company)s AND dispute.date_opened <= %(day)s
               AND COALESCE(dispute.resolved_on, %(day)s) >= %(month)s
          GROUP BY 1
            """,
            company=company.id,
            day=day,
            month=day.replace(day=1),
            is_open=SQL(
                "COALESCE(dispute.resolved_on, dispute.closed_on, %s::date + 1) > %s", day, day
            ),
            is_resolved=SQL("dispute.resolved_on BETWEEN %s AND %s", day.replace(day=1), day),
        )

    @api.model
    def _promises_sql(self, company, day):
        return SQL(
            """
            SELECT partner.commercial_partner_id,
                   SUM(promise.amount_company) FILTER (WHERE %(is_open)s),
                   COUNT(*) FILTER (WHERE %(is_judged)s),
                   COUNT(*) FILTER (WHERE %(is_judged)s AND promise.state = %(kept)s),
                   SUM(promise.amount_company) FILTER (WHERE %(is_judged)s),
                   SUM(promise.amount_company * LEAST(promise.received, promise.amount)
                       / NULLIF(promise.amount, 0)) FILTER (WHERE %(is_judged)s)
              FROM collection_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
             WHERE promise.company_id = %(company)s AND promise.date_made <= %(day)s
               AND (promise.state = %(open)s OR promise.ended_on >= %(month)s)
          GROUP BY 1
            """,
            company=company.id,
            day=day,
            month=day.replace(day=1),
            open=promises.OPEN,
            kept=promises.KEPT,
            is_open=SQL("(promise.state = %s OR promise.ended_on > %s)", promises.OPEN, day),
            is_judged=SQL(
                "promise.state IN %s AND promise.ended_on BETWEEN %s AND %s",
                JUDGED,
                day.replace(day=1),
                day,
            ),
        )

    @api.model
    def _reminders_sql(self, company, day):
        return SQL(
            """
            SELECT partner.commercial_partner_id, COUNT(*)
              FROM collection_reminder reminder
              JOIN collection_case cases ON cases.id = reminder.case_id
              JOIN res_partner partner ON partner.id = cases.partner_id
             WHERE cases.company_id = %s AND reminder.state = 'sent'
               AND reminder.kind IN ('preventive', 'dunning')
               AND reminder.decision_date BETWEEN %s AND %s
          GROUP BY 1
            """,
            company.id,
            day.replace(day=1),
            day,
        )
