from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import promises
from .collection_ledger import id_array
from .collection_rows import begin_alone

#: Whole months, before the current one, that behaviour looks back.
MONTHS = 24

#: Months, the current one included, that are compared with those before.
RECENT_MONTHS = 3

#: Documents on each side that a trend needs.
LEAST_FOR_TREND = 3

#: Customers computed together.
BATCH_SIZE = 5000


class CollectionBehaviour(models.Model):
    """Keeps behaviour true: what is computed from payments again for customers whose changed.

    Periods begin with months, so that only a new month, or a change in the ledger, changes them.
    """

    _inherit = "collection.behaviour"

    @api.model
    def _refresh(self, company, today):
        """Compute the behaviour of the customers of ``company`` as far as it changed.

        :return: ids of the customers whose payments were looked at again; none while another
            refresh is at work
        """
        if not begin_alone(self.env, company):
            return []
        self.env.flush_all()
        since = fields.Date.subtract(today.replace(day=1), months=MONTHS)
        prints = self._query_prints(company, since)
        self._insert_missing(company, prints)
        stale = self._query_stale(company, prints)
        for start in range(0, len(stale), BATCH_SIZE):
            batch = stale[start : start + BATCH_SIZE]
            self._update_payments(company, since, today, batch)
            self._update_prints(company, {partner: prints.get(partner) for partner in batch})
        self._update_standing(company, since, today)
        for model in (self._name, "collection.behaviour.month"):
            self.env[model].invalidate_model()
        return stale

    # === PAYMENTS === #

    @api.model
    def _payments_sql(self, company, since, partners=None):
        """Return the query of payments: what money settled of a debt, on its value date.

        A debt is what a customer owes, not what was paid out to it. The value date is that of the
        payment, or of the bank's line, whenever it was reconciled.
        """
        money = self.env["collection.ledger"]._is_money_sql()
        return SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id, line.id AS line_id,
                   COALESCE(line.date_maturity, line.date) AS due,
                   COALESCE(move.invoice_date, line.date) AS issued,
                   line.reconciled, partial.id AS partial_id, partial.amount,
                   COALESCE(payment.date, other.date) AS day
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN account_move_line other ON other.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = other.journal_id
              JOIN account_journal own ON own.id = line.journal_id
         LEFT JOIN account_payment payment ON payment.id = other.payment_id
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND own.type NOT IN ('bank', 'cash', 'credit')
               AND %(money)s
               AND COALESCE(payment.date, other.date) >= %(since)s
               AND %(partners)s
            """,
            company=company.id,
            money=money,
            since=since,
            partners=SQL("partner.commercial_partner_id = ANY(%s)", id_array(partners))
            if partners is not None
            else SQL("TRUE"),
        )

    @api.model
    def _query_prints(self, company, since):
        """Return {customer: fingerprint of its payments}; it changes with any of them."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, %s || ':' || SUM(HASHTEXTEXTENDED(CONCAT_WS(
                               ':', partial_id, amount, day, due, issued, reconciled), 0))::text
                      FROM (%s) payment
                  GROUP BY partner_id
                    """,
                    str(since),
                    self._payments_sql(company, since),
                )
            )
        )

    @api.model
    def _insert_missing(self, company, prints):
        """Give whoever paid or owes something a row."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_behaviour (company_id, partner_id, create_uid, write_uid,
                                                  create_date, write_date)
                SELECT %(company)s, found.partner_id, %(uid)s, %(uid)s,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM (SELECT UNNEST(%(paid)s) AS partner_id UNION %(owing)s) found
           ON CONFLICT (company_id, partner_id) DO NOTHING
                """,
                company=company.id,
                uid=self.env.uid,
                paid=id_array(prints),
                owing=self.env["collection.ledger"]._open_items_sql(
                    SQL("partner.commercial_partner_id"),
                    joins=SQL("JOIN res_partner partner ON partner.id = line.partner_id"),
                    where=SQL("line.company_id = %s", company.id),
                ),
            )
        )

    @api.model
    def _query_stale(self, company, prints):
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, fingerprint FROM collection_behaviour WHERE company_id = %s",
                company.id,
            )
        )
        return sorted(partner for partner, known in rows if known != prints.get(partner))

    @api.model
    def _update_prints(self, company, prints):
        texts = ",".join("NULL" if text is None else text for text in prints.values())
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_behaviour known SET fingerprint = fresh.text
                  FROM UNNEST(%s, %s::varchar[]) fresh(partner_id, text)
                 WHERE known.company_id = %s AND known.partner_id = fresh.partner_id
                """,
                id_array(prints),
                "{" + texts + "}",
                company.id,
            )
        )

    @api.model
    def _update_payments(self, company, since, today, partners):
        payments = self._payments_sql(company, since, partners)
        self.env.cr.execute(self._update_payments_sql(company, payments, today, partners))
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM collection_behaviour_month
                 WHERE behaviour_id IN (SELECT id FROM collection_behaviour
                                         WHERE company_id = %s AND partner_id = ANY(%s))
                """,
                company.id,
                id_array(partners),
            )
        )
        self.env.cr.execute(self._insert_months_sql(company, payments))

    @api.model
    def _documents_sql(self, payments):
        """Return the query of documents with their payments added up."""
        return SQL(
            """
            SELECT partner_id, due, issued, reconciled, MAX(day) AS day, SUM(amount) AS amount,
                   SUM(amount * (day - due)) AS late, SUM(amount * (day - issued)) AS pay
              FROM (%s) payment
          GROUP BY partner_id, line_id, due, issued, reconciled
            """,
            payments,
        )

    @api.model
    def _update_payments_sql(self, company, payments, today, partners):
        return SQL(
            """
            UPDATE collection_behaviour known
               SET (paid_count, paid_amount, pay_mean, pay_median, pay_p80, pay_weighted,
                    late_mean, late_median, late_p80, late_weighted, late_share,
                    recent_count, recent_late, trend)
                 = (COALESCE(fresh.paid_count, 0), COALESCE(fresh.amount, 0), fresh.pay_mean,
                    fresh.pay_median, fresh.pay_p80, fresh.pay_weighted, fresh.late_mean,
                    fresh.late_median, fresh.late_p80, fresh.late_weighted, fresh.late_share,
                    COALESCE(fresh.recent_count, 0), fresh.recent_late,
                    CASE WHEN LEAST(fresh.recent_count, fresh.paid_count - fresh.recent_count)
                              >= %(least)s THEN fresh.recent_late - fresh.earlier_late END)
              FROM UNNEST(%(partners)s) asked(partner_id)
         LEFT JOIN (
                SELECT partner_id,
                       COUNT(*) FILTER (WHERE reconciled) AS paid_count,
                       SUM(amount) AS amount,
                       AVG(day - issued) FILTER (WHERE reconciled) AS pay_mean,
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY day - issued)
                           FILTER (WHERE reconciled) AS pay_median,
                       PERCENTILE_CONT(0.8) WITHIN GROUP (ORDER BY day - issued)
                           FILTER (WHERE reconciled) AS pay_p80,
                       SUM(pay) / NULLIF(SUM(amount), 0) AS pay_weighted,
                       AVG(day - due) FILTER (WHERE reconciled) AS late_mean,
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY day - due)
                           FILTER (WHERE reconciled) AS late_median,
                       PERCENTILE_CONT(0.8) WITHIN GROUP (ORDER BY day - due)
                           FILTER (WHERE reconciled) AS late_p80,
                       SUM(late) / NULLIF(SUM(amount), 0) AS late_weighted,
                       AVG((day > due)::int) FILTER (WHERE reconciled) AS late_share,
                       COUNT(*) FILTER (WHERE reconciled AND day >= %(recent)s) AS recent_count,
                       AVG(day - due) FILTER (WHERE reconciled AND day >= %(recent)s)
                           AS recent_late,
                       AVG(day - due) FILTER (WHERE reconciled AND day < %(recent)s)
                           AS earlier_late
                  FROM (%(documents)s) document
              GROUP BY partner_id) fresh ON fresh.partner_id = asked.partner_id
             WHERE known.company_id = %(company)s AND known.partner_id = asked.partner_id
            """,
            least=LEAST_FOR_TREND,
            partners=id_array(partners),
            recent=fields.Date.subtract(today.replace(day=1), months=RECENT_MONTHS - 1),
            documents=self._documents_sql(payments),
            company=company.id,
        )

    @api.model
    def _insert_months_sql(self, company, payments):
        """Documents count in the month of their last payment, amounts in that of each payment."""
        return SQL(
            """
            INSERT INTO collection_behaviour_month (
                behaviour_id, company_id, partner_id, month, paid_count, late_count, paid_amount,
                pay_weighted, late_weighted)
            SELECT known.id, known.company_id, known.partner_id, fresh.month,
                   fresh.paid_count, fresh.late_count, fresh.amount, fresh.pay, fresh.late
              FROM (SELECT partner_id, DATE_TRUNC('month', day)::date AS month,
                           COUNT(*) FILTER (WHERE reconciled AND is_last) AS paid_count,
                           COUNT(*) FILTER (WHERE reconciled AND is_last AND day > due)
                               AS late_count,
                           SUM(amount) AS amount,
                           SUM(amount * (day - issued)) / NULLIF(SUM(amount), 0) AS pay,
                           SUM(amount * (day - due)) / NULLIF(SUM(amount), 0) AS late
                      FROM (SELECT payment.*, ROW_NUMBER() OVER (
                                       PARTITION BY line_id ORDER BY day DESC, partial_id DESC
                                   ) = 1 AS is_last
                              FROM (%(payments)s) payment) payment
                  GROUP BY 1, 2) fresh
              JOIN collection_behaviour known
                ON known.company_id = %(company)s AND known.partner_id = fresh.partner_id
            """,
            payments=payments,
            company=company.id,
        )

    # === STANDING === #

    @api.model
    def _update_standing(self, company, since, today):
        """Write what is open, promised and contested, where it differs."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_behaviour known
                   SET (case_id, exposure, overdue, oldest_due, promise_count, promise_kept_rate,
                        dispute_count, computed_on)
                     = (fresh.case_id, fresh.exposure, fresh.overdue, fresh.oldest_due,
                        fresh.promise_count, fresh.promise_kept_rate, fresh.dispute_count,
                        %(today)s)
                  FROM (%(standing)s) fresh
                 WHERE known.id = fresh.id
                   AND (known.case_id, known.exposure, known.overdue, known.oldest_due,
                        known.promise_count, known.promise_kept_rate, known.dispute_count,
                        known.computed_on)
                       IS DISTINCT FROM
                       (fresh.case_id, fresh.exposure, fresh.overdue, fresh.oldest_due,
                        fresh.promise_count, fresh.promise_kept_rate, fresh.dispute_count,
                        %(today)s)
                """,
                today=today,
                standing=self._standing_sql(company, since, today),
            )
        )

    @api.model
    def _standing_sql(self, company, since, today):
        return SQL(
            """
            SELECT behaviour.id, debtor.case_id, COALESCE(item.exposure, 0) AS exposure,
                   COALESCE(item.overdue, 0) AS overdue, item.oldest_due,
                   COALESCE(promise.judged, 0) AS promise_count,
                   promise.kept::float / promise.judged AS promise_kept_rate,
                   COALESCE(dispute.opened, 0) AS dispute_count
              FROM collection_behaviour behaviour
         LEFT JOIN (SELECT DISTINCT ON (partner_id) partner_id, case_id
                      FROM collection_debtor WHERE company_id = %(company)s AND case_id IS NOT NULL
                  ORDER BY partner_id, id) debtor ON debtor.partner_id = behaviour.partner_id
         LEFT JOIN (%(items)s GROUP BY 1) item ON item.partner_id = behaviour.partner_id
         LEFT JOIN (SELECT cases.partner_id, COUNT(*) AS judged,
                           COUNT(*) FILTER (WHERE promise.state = %(kept)s) AS kept
                      FROM collection_promise promise
                      JOIN collection_case cases ON cases.id = promise.case_id
                     WHERE promise.company_id = %(company)s AND promise.check_date >= %(since)s
                       AND promise.state IN %(judged)s
                  GROUP BY 1) promise ON promise.partner_id = behaviour.partner_id
         LEFT JOIN (SELECT partner.commercial_partner_id AS partner_id, COUNT(*) AS opened
                      FROM collection_dispute dispute
                      JOIN res_partner partner ON partner.id = dispute.partner_id
                     WHERE dispute.company_id = %(company)s AND dispute.date_opened >= %(since)s
                       AND dispute.state <> 'withdrawn'
                  GROUP BY 1) dispute ON dispute.partner_id = behaviour.partner_id
             WHERE behaviour.company_id = %(company)s
            """,
            company=company.id,
            items=self._standing_items_sql(company, today),
            kept=promises.KEPT,
            judged=(promises.KEPT, promises.PARTLY_KEPT, promises.BROKEN),
            since=since,
        )

    @api.model
    def _standing_items_sql(self, company, today):
        due = SQL("COALESCE(line.date_maturity, line.date)")
        late = SQL("item.amount > 0 AND %s < %s", due, today)
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """
                partner.commercial_partner_id AS partner_id, SUM(item.amount) AS exposure,
                SUM(item.amount) FILTER (WHERE %(late)s) AS overdue,
                MIN(%(due)s) FILTER (WHERE %(late)s) AS oldest_due
                """,
                late=late,
                due=due,
            ),
            joins=SQL("JOIN res_partner partner ON partner.id = line.partner_id"),
            where=SQL("line.company_id = %s", company.id),
        )
