from odoo import api, fields, models
from odoo.tools import SQL

#: Months before the present one that have a history, if the ledger goes back so far.
MONTHS = 24

#: Days for which every day is kept; before them the ends of months are.
KEPT_DAYS = 400

#: First key of the advisory lock that whoever measures holds on a company.
LOCK_SPACE = 0x534E4150


class CollectionSnapshot(models.Model):
    """Keeps history true: a day is measured again when the ledger until it has changed.

    The run of the day measures that day. The scheduled action does the rest, a day at a time: the
    ends of the months before there were runs, and days into which something was entered since.
    """

    _inherit = "collection.snapshot"

    @api.model
    def _refresh(self, company, day):
        """Measure ``day``; the days before are left to the scheduled action.

        :return: whether it was measured; not while another worker does
        """
        done = self._measure_alone(company, day)
        self.env.ref("account_collections.ir_cron_snapshot")._trigger()
        return done

    @api.model
    def _measure_alone(self, company, day, fingerprint=None):
        [(free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK_SPACE, company.id)
        )
        if not free:
            return False
        self._measure(company, day)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_snapshot_day (company_id, date, computed_at, fingerprint)
                VALUES (%s, %s, %s, %s)
           ON CONFLICT (company_id, date) DO UPDATE
                   SET computed_at = EXCLUDED.computed_at, fingerprint = EXCLUDED.fingerprint
                """,
                company.id,
                day,
                fields.Datetime.now(),
                fingerprint,
            )
        )
        self.env["collection.snapshot.day"].invalidate_model()
        return True

    @api.model
    def _cron_measure(self):
        """Measure what is missing or no longer true, the latest days first, and commit each."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([]):
            stale = self._find_stale(company, company._collection_today())
            seconds_left = cron._commit_progress(remaining=len(stale))
            for day, fingerprint in stale:
                if not seconds_left:
                    return
                self._measure_alone(company, day, fingerprint)
                seconds_left = cron._commit_progress(1)

    @api.model
    def action_measure_now(self):
        """Ask for figures of this moment; the scheduled action does the work."""
        self.check_access("read")
        # It measures what it would have measured by itself within the hour.
        self.env.ref("account_collections.ir_cron_snapshot").sudo()._trigger()
        return True

    @api.autovacuum
    def _gc_days(self):
        """Keep of long ago the ends of months only."""
        since = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        for table in ("collection_snapshot", "collection_snapshot_day"):
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM %s WHERE date < %s
                       AND EXTRACT(MONTH FROM date) = EXTRACT(MONTH FROM date + 1)
                    """,
                    SQL.identifier(table),
                    since,
                )
            )

    # === WHAT CHANGED === #

    @api.model
    def _find_stale(self, company, today):
        """Return [(day, fingerprint)] of days to measure, the latest first.

        Days are today, those measured before, and the ends of the months before since the
        ledger began, two years back at most.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH changes AS MATERIALIZED (
                    SELECT day, SUM(SUM(hash)) OVER (ORDER BY day) AS until
                      FROM (%(changes)s) change GROUP BY day),
                wanted AS (
                    SELECT date FROM collection_snapshot_day
                     WHERE company_id = %(company)s AND date <= %(today)s
                     UNION SELECT %(today)s::date
                     UNION
                    SELECT (month + INTERVAL '1 month')::date - 1
                      FROM GENERATE_SERIES(%(first)s::date::timestamp, %(last)s, '1 month') month
                     WHERE month + INTERVAL '1 month' > (SELECT MIN(day) FROM changes))
                SELECT wanted.date, found.print
                  FROM wanted
            CROSS JOIN LATERAL (
                           SELECT COALESCE((SELECT until FROM changes WHERE day <= wanted.date
                                          ORDER BY day DESC LIMIT 1), 0)::text AS print) found
             LEFT JOIN collection_snapshot_day known
                    ON known.company_id = %(company)s AND known.date = wanted.date
                 WHERE known.fingerprint IS DISTINCT FROM found.print
              ORDER BY wanted.date DESC
                """,
                changes=self._changes_sql(company),
                company=company.id,
                today=today,
                first=fields.Date.subtract(today.replace(day=1), months=MONTHS),
                last=fields.Date.subtract(today.replace(day=1), months=1),
            )
        )
        return rows

    @api.model
    def _changes_sql(self, company):
        """Return (day, hash) of each entry and reconciliation that a snapshot looks at."""
        return SQL(
            """
            SELECT line.date AS day, HASHTEXTEXTENDED(CONCAT_WS(':', line.id, line.balance,
                       line.partner_id, line.date_maturity, line.journal_id), 0) AS hash
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
               AND line.partner_id IS NOT NULL
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
         UNION ALL
            SELECT partial.max_date, HASHTEXTEXTENDED(
                       CONCAT_WS(':', partial.debit_move_id, partial.credit_move_id,
                                 partial.amount), 1)
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id
              JOIN account_account account ON account.id = line.account_id
             WHERE line.company_id = %(company)s
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
            """,
            company=company.id,
        )
