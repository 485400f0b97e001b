from decimal import Decimal

from odoo import api, models
from odoo.addons.account_collections.engine.guards import CaseGuard, Stop
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..engine.cover import BLIND, COVERED, SUSPENDED, UNCOVERED, UNDER_COVERED

_lt = LazyTranslate(__name__)

#: Of several customers of one case, the worst counts.
WORST_FIRST = (SUSPENDED, UNCOVERED, UNDER_COVERED, BLIND, COVERED)

#: How a limit stands: there is one, it is about to go, it is lost, or nobody decided anything.
GRANTED, GOING, LOST, UNDECIDED = "granted", "going", "lost", "undecided"


class CollectionGather(models.AbstractModel):
    """What scenarios and guards ask about the insurer: a query each for a batch of cases."""

    _inherit = "collection.gather"

    # EXTENDS 'account_collections'
    @api.model
    def _add_measures(self, facts, cases, today):
        super()._add_measures(facts, cases, today)
        for fact in facts.values():
            fact.extra["measures"]["limit"] = UNDECIDED
        for case, cover, uncovered, limit, grade in self.env.execute_query(
            self._measures_sql(cases)
        ):
            facts[case].extra["measures"].update(
                cover=cover,
                uncovered=Decimal(uncovered),
                limit=limit,
                grade=None if grade is None else Decimal(grade),
            )

    @api.model
    def _measures_sql(self, cases):
        """Return (case, worst cover, uncovered amount, how the limit stands, lowest grade)."""
        return SQL(
            """
            SELECT customer.case_id,
                   (ARRAY_AGG(exposure.state ORDER BY ARRAY_POSITION(%(worst)s,
                                                                     exposure.state::text)))[1],
                   SUM(exposure.uncovered)::text,
                   CASE WHEN BOOL_OR(going.found AND buyer.limit_amount > 0) THEN %(going)s
                        WHEN BOOL_OR(buyer.is_decided AND buyer.limit_amount = 0) THEN %(lost)s
                        WHEN BOOL_OR(buyer.limit_amount > 0) THEN %(granted)s
                        ELSE %(undecided)s END,
                   MIN(buyer.grade_value) FILTER (
                       WHERE insurer.has_grades AND buyer.grade ~ '^[0-9]+([.,][0-9]+)?$')::text
              FROM (SELECT DISTINCT debtor.case_id, debtor.company_id, debtor.partner_id
                      FROM collection_debtor debtor
                     WHERE debtor.case_id = ANY(%(cases)s) AND debtor.role <> 'payer') customer
              JOIN collection_insurance_exposure exposure
                ON exposure.company_id = customer.company_id
               AND exposure.partner_id = customer.partner_id
              LEFT JOIN collection_insurance_buyer buyer ON buyer.id = exposure.buyer_id
              LEFT JOIN collection_insurance_policy policy ON policy.id = buyer.policy_id
              LEFT JOIN collection_insurer insurer ON insurer.id = policy.insurer_id
             CROSS JOIN LATERAL (
                   SELECT EXISTS (SELECT FROM collection_insurance_alert alert
                                   WHERE alert.buyer_id = buyer.id AND alert.state <> 'over'
                                     AND alert.kind IN ('cut', 'pre_notice')) AS found) going
          GROUP BY customer.case_id
            """,
            worst=list(WORST_FIRST),
            going=GOING,
            lost=LOST,
            granted=GRANTED,
            undecided=UNDECIDED,
            cases=id_array(cases.ids),
        )

    # EXTENDS 'account_collections'
    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert.case_id, MIN(alert.found_on)
                  FROM collection_insurance_alert alert
                  JOIN collection_insurance_policy policy ON policy.id = alert.policy_id
                 WHERE alert.case_id = ANY(%s) AND alert.state = 'open'
                   AND alert.kind IN ('cut', 'pre_notice') AND policy.alert_holds
              GROUP BY alert.case_id
                """,
                id_array(cases.ids),
            )
        )
        for case, day in rows:
            facts[case].extra["insurance_cut"] = day
        return facts


def _limit_cut(facts, situation, today):
    """Stop until a person has seen that the limit is cut: they may want to ring up first."""
    day = facts.extra.get("insurance_cut")
    return Stop(None, {"date": day.isoformat()}) if day else None


class CollectionRun(models.Model):
    _inherit = "collection.run"

    # EXTENDS 'account_collections'
    @api.model
    def _get_guards(self):
        return super()._get_guards().extended(CaseGuard("limit_cut", 44, _limit_cut))


class CollectionReason(models.AbstractModel):
    _inherit = "collection.reason"

    # EXTENDS 'account_collections'
    @api.model
    def _get_reasons(self):
        return {
            **super()._get_reasons(),
            "limit_cut": (
                _lt("Limit cut"),
                _lt(
                    "The credit insurer cut the limit (alert of %(date)s): it waits until "
                    "somebody has seen that."
                ),
            ),
        }
