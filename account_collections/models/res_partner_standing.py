from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from .collection_ledger import id_array

GROUP = "account_collections.group_customer_standing"


class Standing(NamedTuple):
    """Where a customer stands with a company: amounts of its currency, and days."""

    company: int
    outstanding: float | None
    overdue: float | None
    delay: float | None
    promised: float | None
    promised_for: date | None
    disputed: float | None
    dispute_count: int


class ResPartner(models.Model):
    """Where a customer stands, at one glance, for people who sell: sums, and nothing else."""

    _inherit = "res.partner"

    collection_standing = fields.Html(
        string="Where the Customer Stands",
        compute="_compute_collection_standing",
        sanitize=False,
        groups=GROUP,
    )

    @api.depends_context("allowed_company_ids", "lang")
    def _compute_collection_standing(self):
        customers = self.commercial_partner_id._origin
        rows = {}
        for customer, *figures in self._query_standing(customers, self.env.companies):
            rows.setdefault(customer, []).append(self._prepare_standing(Standing(*figures)))
        for partner in self:
            standings = rows.get(partner.commercial_partner_id._origin.id)
            partner.collection_standing = bool(standings) and self.env["ir.qweb"]._render(
                "account_collections.standing", {"standings": standings}
            )

    @api.model
    def _query_standing(self, customers, companies):
        """Return a row for each customer and company where there is something to tell.

        One query for all of them: it reads sums, of the user's own companies, whatever rights
        the user has in accounting. What is open is of this moment, the delay of the last run.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT customer.id, company.id, open.outstanding, open.overdue,
                       behaviour.late_weighted, promise.amount, promise.date,
                       dispute.amount, dispute.number
                  FROM UNNEST(%(customers)s) customer(id)
            CROSS JOIN UNNEST(%(companies)s) company(id)
         LEFT JOIN LATERAL (%(items)s) open ON TRUE
             LEFT JOIN collection_behaviour behaviour
                    ON behaviour.partner_id = customer.id AND behaviour.company_id = company.id
         LEFT JOIN LATERAL (
                SELECT SUM(amount_company) AS amount, MIN(date) AS date
                  FROM collection_promise
                 WHERE partner_id = customer.id AND company_id = company.id
                   AND state = 'open') promise ON TRUE
         LEFT JOIN LATERAL (
                SELECT SUM(amount) AS amount, COUNT(*) AS number
                  FROM collection_dispute
                 WHERE partner_id = customer.id AND company_id = company.id
                   AND state IN ('new', 'investigating', 'awaiting')) dispute ON TRUE
                 WHERE open.outstanding IS NOT NULL OR behaviour.late_weighted IS NOT NULL
                    OR promise.amount IS NOT NULL OR dispute.number > 0
              ORDER BY customer.id, company.id
                """,
                customers=id_array(customers.ids),
                companies=id_array(companies.ids),
                items=self._standing_items_sql(),
            )
        )

    @api.model
    def _standing_items_sql(self):
        today = fields.Date.context_today(self)
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """SUM(item.amount) AS outstanding, SUM(item.amount) FILTER (
                       WHERE item.amount > 0
                         AND COALESCE(line.date_maturity, line.date) < %s) AS overdue""",
                today,
            ),
            where=SQL(
                """line.company_id = company.id AND line.partner_id IN (
                       SELECT id FROM res_partner WHERE commercial_partner_id = customer.id)"""
            ),
        )

    @api.model
    def _prepare_standing(self, standing):
        """Return what the template shows of one company."""
        # Names and currencies of the user's own companies.
        company = self.env["res.company"].sudo().browse(standing.company)

        def money(amount):
            return formatLang(self.env, amount or 0, currency_obj=company.currency_id)

        return {
            "company": company.name if len(self.env.companies) > 1 else False,
            "outstanding": money(standing.outstanding),
            "overdue": standing.overdue and money(standing.overdue),
            "is_known": standing.delay is not None,
            "delay": round(standing.delay or 0),
            "promised": standing.promised and money(standing.promised),
            "promised_for": standing.promised_for,
            "is_disputed": bool(standing.dispute_count),
            "disputed": money(standing.disputed),
        }
