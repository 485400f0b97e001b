from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL

from .collection_insurance_cover import money

#: Percent of payments, by amount: fewer late ones are prompt, so many more than before are worse.
PROMPT, WORSE = 10, 10


class CollectionInsuranceExposure(models.Model):
    """How the customer pays, and our own credit limit, next to what the insurer thinks."""

    _inherit = "collection.insurance.exposure"

    days_late = fields.Float(
        string="Days Late",
        readonly=True,
        digits=(8, 1),
        aggregator="avg",
        help="Average of the payments of twelve months, by amount; below zero: paid early.",
    )
    late_percent = fields.Float(
        string="Paid Late (%)", readonly=True, digits=(5, 1), aggregator="avg",
        help="Of the payments of six months, by amount.",
    )  # fmt: skip
    late_percent_before = fields.Float(
        string="Paid Late before (%)", readonly=True, digits=(5, 1), aggregator="avg",
        help="Of the payments of the six months before these.",
    )  # fmt: skip
    behaviour = fields.Selection(
        [("prompt", "Prompt"), ("usual", "As before"), ("worse", "Late more often")],
        string="Pays",
        readonly=True,
        help="Prompt: no more than 10 % late. Late more often: 10 points more than in the six "
        "months before.",
    )
    internal_limit = money("Our Limit", "The credit limit that our accounting grants; 0: none.")
    internal_headroom = money("Our Headroom", "Below zero, more is owed than our own limit.")

    @api.model
    def _add_behaviour(self, company, customers, today):
        """Write how these customers paid: one statement for all of them."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_insurance_exposure exposure
                   SET days_late = paid.days_late,
                       late_percent = paid.late_percent,
                       late_percent_before = paid.late_percent_before,
                       behaviour = CASE
                           WHEN paid.late_percent - paid.late_percent_before >= %(worse)s
                           THEN 'worse'
                           WHEN paid.late_percent <= %(prompt)s THEN 'prompt'
                           WHEN paid.late_percent IS NOT NULL THEN 'usual' END
                  FROM collection_insurance_exposure known
                  LEFT JOIN (%(paid)s) paid ON paid.customer = known.partner_id
                 WHERE known.id = exposure.id
                   AND exposure.company_id = %(company)s
                   AND exposure.partner_id = ANY(%(customers)s)
                """,
                paid=self._paid_sql(company, customers, today),
                company=company.id,
                customers=id_array(customers),
                worse=WORSE,
                prompt=PROMPT,
            )
        )

    @api.model
    def _paid_sql(self, company, customers, today):
        """Return (customer, days late, percent late of two half-years) of money that arrived."""
        days = SQL("partial.max_date - COALESCE(debt.date_maturity, debt.date)")
        fresh = SQL("partial.max_date > %s::date - 183", today)
        return SQL(
            """
            SELECT partner.commercial_partner_id AS customer,
                   SUM(partial.amount * (%(days)s)) / SUM(partial.amount) AS days_late,
                   100 * COALESCE(SUM(partial.amount) FILTER (WHERE %(fresh)s AND %(days)s > 0), 0)
                       / NULLIF(SUM(partial.amount) FILTER (WHERE %(fresh)s), 0) AS late_percent,
                   100 * COALESCE(SUM(partial.amount)
                                  FILTER (WHERE NOT %(fresh)s AND %(days)s > 0), 0)
                       / NULLIF(SUM(partial.amount) FILTER (WHERE NOT %(fresh)s), 0)
                       AS late_percent_before
              FROM account_partial_reconcile partial
              JOIN account_move_line debt ON debt.id = partial.debit_move_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = credit.journal_id
              JOIN account_account account ON account.id = debt.account_id
              JOIN res_partner partner ON partner.id = debt.partner_id
             WHERE partial.company_id = %(company)s AND partial.amount > 0
               AND partial.max_date > %(today)s::date - 365 AND partial.max_date <= %(today)s
               AND account.account_type = 'asset_receivable'
               AND partner.commercial_partner_id = ANY(%(customers)s)
               AND %(is_money)s
          GROUP BY 1
            """,
            days=days,
            fresh=fresh,
            company=company.id,
            today=today,
            customers=id_array(customers),
            is_money=self.env["collection.ledger"]._is_money_sql(),
        )

    @api.model
    def _add_internal_limits(self, company):
        """Write our own credit limits beside the insurer's, where they differ from those known."""
        # Limits are the company's, whoever refreshes.
        partners = self.env["res.partner"].sudo().with_company(company)
        limit = SQL(
            "COALESCE((%s)::numeric, 0)", partners._field_to_sql("partner", "credit_limit")
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_insurance_exposure exposure
                   SET internal_limit = %(limit)s,
                       internal_headroom = CASE WHEN %(limit)s > 0
                                                THEN %(limit)s - exposure.amount ELSE 0 END
                  FROM res_partner partner
                 WHERE partner.id = exposure.partner_id AND exposure.company_id = %(company)s
                   AND (exposure.internal_limit, exposure.internal_headroom)
                       IS DISTINCT FROM
                       (%(limit)s, CASE WHEN %(limit)s > 0
                                        THEN %(limit)s - exposure.amount ELSE 0 END)
                """,
                limit=limit,
                company=company.id,
            )
        )
