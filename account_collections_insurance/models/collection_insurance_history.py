from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL

from .collection_insurance_cover import money


class CollectionInsuranceHistory(models.Model):
    """What was owed and covered at the end of each week, by customer: for charts, and to see
    which limits nobody uses. A row is that of the exposure of the week's last refresh."""

    _name = "collection.insurance.history"
    _description = "History of Exposure and Cover"
    _order = "date desc, id"
    _rec_name = "partner_id"

    date = fields.Date(string="Week", required=True, readonly=True, help="Monday of the week.")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    policy_id = fields.Many2one(
        "collection.insurance.policy", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    buyer_id = fields.Many2one(
        "collection.insurance.buyer", readonly=True, index="btree_not_null", ondelete="set null"
    )
    amount = money("Exposure")
    covered = money("Covered")
    blind = money("Covered Blind")
    uncovered = money("Uncovered")
    limit_amount = money("Limit")

    _week_unique = models.UniqueIndex("(company_id, date, partner_id)")

    @api.model
    def _keep(self, company, customers, today):
        """Keep the exposures as those of the week; who owes nothing has none.

        :param customers: whose exposures were computed; those of the others are the same
        """
        week = today - timedelta(days=today.weekday())
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM collection_insurance_history past
                 WHERE past.company_id = %(company)s AND past.date = %(week)s
                   AND NOT EXISTS (SELECT FROM collection_insurance_exposure now
                                    WHERE now.company_id = past.company_id
                                      AND now.partner_id = past.partner_id)
                """,
                company=company.id,
                week=week,
            )
        )
        names = SQL("policy_id, buyer_id, amount, covered, blind, uncovered, limit_amount")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_insurance_history AS past (
                            company_id, partner_id, date, %(names)s)
                SELECT company_id, partner_id, %(week)s, %(names)s
                  FROM collection_insurance_exposure now
                 WHERE company_id = %(company)s
                   AND (partner_id = ANY(%(customers)s)
                        OR NOT EXISTS (SELECT FROM collection_insurance_history known
                                        WHERE known.company_id = %(company)s
                                          AND known.date = %(week)s
                                          AND known.partner_id = now.partner_id))
                    ON CONFLICT (company_id, date, partner_id) DO UPDATE
                   SET (%(names)s) = (EXCLUDED.policy_id, EXCLUDED.buyer_id, EXCLUDED.amount,
                                      EXCLUDED.covered, EXCLUDED.blind, EXCLUDED.uncovered,
                                      EXCLUDED.limit_amount)
                """,
                names=names,
                week=week,
                company=company.id,
                customers=id_array(customers),
            )
        )
        self.invalidate_model()

    @api.model
    def _merge(self, partners, into):
        """Make the weeks of ``partners`` those of one customer."""
        self.env.cr.execute(
            SQL(
                """
                WITH past AS (DELETE FROM collection_insurance_history
                               WHERE partner_id = ANY(%(partners)s) RETURNING *)
                INSERT INTO collection_insurance_history (
                            company_id, partner_id, date, policy_id, buyer_id,
                            amount, covered, blind, uncovered, limit_amount)
                SELECT company_id, %(into)s, date, MAX(policy_id), MAX(buyer_id),
                       SUM(amount), SUM(covered), SUM(blind), SUM(uncovered), SUM(limit_amount)
                  FROM past
              GROUP BY company_id, date
                """,
                partners=partners.ids,
                into=into.id,
            )
        )
        self.invalidate_model()
