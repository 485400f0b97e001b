from odoo import api, models
from odoo.tools import SQL

from ..engine.limits import CUTTING, SILENT
from .collection_insurance_alert import (
    ABOVE,
    CUT,
    EXPIRING,
    GRADE,
    OPEN,
    OVER,
    PRE_NOTICE,
    TO_INSURE,
    UNUSED,
)

#: Decisions that leave the limit as it is, and entries that were wrong, end no alert.
SAYING_NOTHING = (*(kind for kind in SILENT if kind != "pre_notice"), "annulled")


class CollectionInsuranceAlert(models.Model):
    """Finds what is true: one statement for a company, whatever the number of its buyers."""

    _inherit = "collection.insurance.alert"

    @api.model
    def _sync(self, company, today):
        """Open the alerts that became true, close those that are no more; return the new ones."""
        self.env.flush_all()
        policies = self.env["collection.insurance.policy"].search([("company_id", "=", company.id)])
        rows = self.env.execute_query(self._sync_sql(company, policies, today))
        self.invalidate_model()
        by_what = {"over": self.browse(), "fresh": self.browse()}
        for what, alert in rows:
            by_what[what] |= self.browse(alert)
        by_what["over"]._end_tasks()
        return by_what["fresh"]

    @api.model
    def _sync_sql(self, company, policies, today):
        found = SQL(" UNION ALL ").join(self._get_sources(today)) if policies else SQL(
            "SELECT NULL, 0, 0, 0, 0, NULL::date, 0::numeric, 0::numeric WHERE FALSE"
        )
        return SQL(
            """
            WITH policy AS (%(policies)s),
            said (kind, policy_id, buyer_id, decision_id, partner_id, date, amount,
                  limit_amount) AS (%(found)s),
            found AS MATERIALIZED (
                SELECT said.*, CONCAT_WS(':', said.kind, said.policy_id, said.buyer_id,
                                         said.decision_id, said.partner_id) AS key,
                       customer.id AS customer_id, customer.case_id
                  FROM said
                  LEFT JOIN LATERAL (%(customer)s) customer ON TRUE),
            over AS (
                UPDATE collection_insurance_alert known
                   SET state = %(over)s, closed_on = %(today)s
                 WHERE known.company_id = %(company)s AND known.state <> %(over)s
                   AND NOT EXISTS (SELECT FROM found WHERE found.key = known.key)
             RETURNING known.id),
            changed AS (
                UPDATE collection_insurance_alert known
                   SET (date, amount, limit_amount, case_id) =
                       (found.date, found.amount, found.limit_amount,
                        COALESCE(found.case_id, known.case_id))
                  FROM found
                 WHERE known.company_id = %(company)s AND known.state <> %(over)s
                   AND found.key = known.key
                   AND (known.date, known.amount, known.limit_amount, known.case_id)
                       IS DISTINCT FROM (found.date, found.amount, found.limit_amount,
                                         COALESCE(found.case_id, known.case_id))),
            fresh AS (
                INSERT INTO collection_insurance_alert (
                            company_id, kind, policy_id, buyer_id, decision_id, partner_id,
                            case_id, date, amount, limit_amount, key, state, found_on,
                            create_date)
                SELECT %(company)s, found.kind, found.policy_id, found.buyer_id,
                       found.decision_id, found.customer_id, found.case_id, found.date,
                       found.amount, found.limit_amount, found.key, %(open)s, %(today)s,
                       NOW() AT TIME ZONE 'UTC'
                  FROM found
                 WHERE NOT EXISTS (SELECT FROM collection_insurance_alert known
                                    WHERE known.company_id = %(company)s
                                      AND known.key = found.key AND known.state <> %(over)s)
                    ON CONFLICT DO NOTHING
             RETURNING id)
            SELECT 'over', id FROM over UNION ALL SELECT 'fresh', id FROM fresh
            """,
            policies=self._policies_sql(policies, today),
            found=found,
            customer=self._customer_sql(),
            company=company.id,
            today=today,
            open=OPEN,
            over=OVER,
        )

    @api.model
    def _policies_sql(self, policies, today):
        """Return the policies with what a unit of their currency is in the company's."""
        rates = {
            policy.id: policy.currency_id._get_conversion_rate(
                policy.currency_id, policy.company_id.currency_id, policy.company_id, today
            )
            for policy in policies
        }
        return SQL(
            """
            SELECT policy.*, rates.rate
              FROM collection_insurance_policy policy
              JOIN UNNEST(%s::int4[], %s::numeric[]) rates (id, rate) ON rates.id = policy.id
            """,
            list(rates),
            list(rates.values()),
        )

    @api.model
    def _customer_sql(self):
        """Return the first customer of a finding, and the case in which it is dunned."""
        return SQL(
            """
            SELECT partner.id, debtor.case_id
              FROM (SELECT said.partner_id AS id WHERE said.partner_id IS NOT NULL
                     UNION ALL
                    SELECT link.res_partner_id
                      FROM collection_insurance_buyer_res_partner_rel link
                     WHERE link.collection_insurance_buyer_id = said.buyer_id) partner
              LEFT JOIN collection_debtor debtor
                ON debtor.partner_id = partner.id AND debtor.role <> 'payer'
               AND debtor.company_id = (SELECT company_id FROM policy
                                         WHERE policy.id = said.policy_id)
          ORDER BY debtor.case_id IS NULL, partner.id
             LIMIT 1
            """
        )

    # === WHAT IS TRUE === #

    @api.model
    def _get_sources(self, today):
        """Return one SELECT for each kind of alert; add-ons append theirs.

        Columns: kind, policy, buyer, decision, customer (of a buyer NULL), date, amount, limit.
        ``policy`` are the company's policies, ``policy.rate`` their currency in the company's.
        """
        return [
            self._select_news(CUT, CUTTING, today),
            self._select_news(PRE_NOTICE, ("pre_notice",), today),
            self._select_expiring(today),
            self._select_above(),
            self._select_unused(today),
            self._select_grades(today),
            self._select_to_insure(),
        ]

    @api.model
    def _owed_sql(self):
        """Return what a ``buyer`` owes now."""
        return SQL(
            """COALESCE((SELECT SUM(exposure.amount) FROM collection_insurance_exposure exposure
                          WHERE exposure.buyer_id = buyer.id), 0)"""
        )

    @api.model
    def _valid_sql(self, alias):
        return SQL(
            """NOT EXISTS (SELECT FROM collection_insurance_decision annulling
                            WHERE annulling.annuls_id = %s)""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _select_news(self, kind, decisions, today):
        """The insurer's last word on a limit, as long as it is news."""
        return SQL(
            """
            SELECT %(kind)s, policy.id, buyer.id, decision.id, NULL::int,
                   decision.date_effective, %(owed)s, decision.amount * policy.rate
              FROM policy
              JOIN collection_insurance_decision decision ON decision.policy_id = policy.id
              JOIN collection_insurance_buyer buyer ON buyer.id = decision.buyer_id
             WHERE buyer.active AND decision.kind = ANY(%(decisions)s)
               AND decision.date_announced > %(today)s::date - policy.alert_news_days
               AND decision.date_announced <= %(today)s
               AND %(valid)s
               AND NOT EXISTS (
                       SELECT FROM collection_insurance_decision later
                        WHERE later.buyer_id = buyer.id AND later.kind <> ALL(%(silent)s)
                          AND later.temporary IS NOT DISTINCT FROM decision.temporary
                          AND later.date_announced <= %(today)s
                          AND (later.date_announced, later.date_effective, later.id) >
                              (decision.date_announced, decision.date_effective, decision.id)
                          AND %(later_valid)s)
            """,
            kind=kind,
            decisions=list(decisions),
            silent=list(SAYING_NOTHING),
            today=today,
            owed=self._owed_sql(),
            valid=self._valid_sql("decision"),
            later_valid=self._valid_sql("later"),
        )

    @api.model
    def _select_expiring(self, today):
        """Limits whose last day is near, with nothing that follows them."""
        return SQL(
            """
            SELECT %(kind)s, policy.id, buyer.id, decision.id, NULL::int,
                   decision.date_until, %(owed)s, buyer.limit_amount * policy.rate
              FROM policy
              JOIN collection_insurance_buyer buyer
                ON buyer.policy_id = policy.id AND buyer.active AND buyer.limit_amount > 0
               AND buyer.limit_changes_on - 1 <= %(today)s::date + policy.alert_expiry_days
               AND policy.alert_expiry_days > 0
              JOIN collection_insurance_decision decision
                ON decision.buyer_id = buyer.id
               AND decision.date_until + 1 = buyer.limit_changes_on
             WHERE decision.kind <> ALL(%(silent)s) AND %(valid)s
               AND NOT EXISTS (
                       SELECT FROM collection_insurance_decision later
                        WHERE later.buyer_id = buyer.id AND later.kind <> ALL(%(silent)s)
                          AND later.temporary IS NOT DISTINCT FROM decision.temporary
                          AND later.date_effective > decision.date_effective
                          AND later.date_effective <= decision.date_until + 1
                          AND %(later_valid)s)
            """,
            kind=EXPIRING,
            silent=[*SAYING_NOTHING, "pre_notice"],
            today=today,
            owed=self._owed_sql(),
            valid=self._valid_sql("decision"),
            later_valid=self._valid_sql("later"),
        )

    @api.model
    def _select_above(self):
        return SQL(
            """
            SELECT %s, policy.id, exposure.buyer_id, NULL::int, NULL::int, NULL::date,
                   exposure.limit_amount - exposure.headroom, exposure.limit_amount
              FROM policy
              JOIN collection_insurance_exposure exposure ON exposure.policy_id = policy.id
             WHERE exposure.buyer_id IS NOT NULL AND exposure.partner_id = exposure.entity_id
               AND exposure.limit_amount > 0 AND exposure.headroom < 0
               AND -exposure.headroom >=
                   exposure.limit_amount * COALESCE(policy.alert_above_percent, 0) / 100
            """,
            ABOVE,
        )

    @api.model
    def _select_unused(self, today):
        """Limits of which no week used a share; only where the weeks were kept for so long."""
        return SQL(
            """
            SELECT %(kind)s, policy.id, buyer.id, NULL::int, NULL::int,
                   %(today)s::date - policy.alert_unused_days,
                   COALESCE(used.amount, 0), buyer.limit_amount * policy.rate
              FROM policy
              JOIN collection_insurance_buyer buyer
                ON buyer.policy_id = policy.id AND buyer.active AND buyer.limit_amount > 0
              LEFT JOIN (
                   SELECT weeks.buyer_id, MAX(weeks.amount) AS amount
                     FROM (SELECT past.buyer_id, past.date, SUM(past.amount) AS amount
                             FROM collection_insurance_history past
                             JOIN policy ON policy.id = past.policy_id
                            WHERE past.date >= %(today)s::date - policy.alert_unused_days
                         GROUP BY past.buyer_id, past.date) weeks
                 GROUP BY weeks.buyer_id) used ON used.buyer_id = buyer.id
             WHERE policy.alert_unused_days > 0
               AND COALESCE(used.amount, 0) <
                   buyer.limit_amount * policy.rate * policy.alert_unused_percent / 100
               AND EXISTS (SELECT FROM collection_insurance_history past
                            WHERE past.company_id = policy.company_id
                              AND past.date <= %(today)s::date - policy.alert_unused_days)
               AND NOT EXISTS (SELECT FROM collection_insurance_decision fresh
                                WHERE fresh.buyer_id = buyer.id
                                  AND fresh.kind <> ALL(%(silent)s)
                                  AND fresh.date_effective >
                                      %(today)s::date - policy.alert_unused_days)
            """,
            kind=UNUSED,
            today=today,
            silent=[*SAYING_NOTHING, "pre_notice"],
        )

    @api.model
    def _select_grades(self, today):
        return SQL(
            """
            SELECT %(kind)s, policy.id, buyer.id, NULL::int, NULL::int, buyer.grade_changed_on,
                   %(owed)s, buyer.limit_amount * policy.rate
              FROM policy
              JOIN collection_insurance_buyer buyer
                ON buyer.policy_id = policy.id AND buyer.active
             WHERE buyer.grade_changed_on > %(today)s::date - policy.alert_news_days
               AND policy.alert_grade_points > 0
               AND buyer.grade_before_value - buyer.grade_value >= policy.alert_grade_points
            """,
            kind=GRADE,
            today=today,
            owed=self._owed_sql(),
        )

    @api.model
    def _select_to_insure(self):
        """Customers without a limit of their own, and much of their debt uncovered."""
        return SQL(
            """
            SELECT %s, policy.id, NULL::int, NULL::int, exposure.partner_id, NULL::date,
                   exposure.uncovered, 0::numeric
              FROM policy
              JOIN collection_insurance_exposure exposure ON exposure.policy_id = policy.id
             WHERE exposure.buyer_id IS NULL AND policy.alert_uninsured > 0
               AND exposure.uncovered >= policy.alert_uninsured
            """,
            TO_INSURE,
        )

    @api.model
    def _find(self, company):
        """Find what became true, and tell of it: what follows each refresh."""
        today = company._collection_today()
        self._sync(company, today)._tell(today)
