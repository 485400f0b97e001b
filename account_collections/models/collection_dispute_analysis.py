from odoo import api, fields, models
from odoo.tools import SQL

from ..wording import choices_of
from .collection_dispute import OPEN
from .collection_dispute_reason import PRIORITIES

#: Days of sales that open disputes are compared with.
SALES_DAYS = 90

#: Average of a field → by what it is weighted: a dispute counts once however many its lines.
AVERAGES = {"age:avg": "part", "days_to_resolve:avg": "part", "weighted_days:avg": "amount"}


class CollectionDisputeAnalysis(models.Model):
    """Statistics of disputes, by every thing that one may want to change: one row a line."""

    _name = "collection.dispute.analysis"
    _description = "Dispute Analysis"
    _auto = False
    _rec_name = "dispute_id"
    _order = "date_opened desc, id desc"
    _depends = {
        "collection.dispute": ["state", "reason_id", "cause_id", "user_id", "resolved_on"],
        "collection.dispute.line": ["amount", "accepted_amount", "product_id"],
        "account.move": ["state", "invoice_date", "amount_total_signed"],
    }

    dispute_id = fields.Many2one(
        "collection.dispute", string="Disputes", readonly=True, aggregator="count_distinct"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    reason_id = fields.Many2one("collection.dispute.reason", readonly=True)
    cause_id = fields.Many2one(
        "collection.dispute.cause", string="Root Cause", readonly=True
    )
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    team_id = fields.Many2one("collection.dispute.team", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    state = fields.Selection(
        selection=choices_of("collection.dispute", "state"),
        readonly=True,
    )
    outcome = fields.Selection(
        selection=choices_of("collection.dispute", "outcome"),
        readonly=True,
    )
    date_opened = fields.Date(string="Opened on", readonly=True)
    resolved_on = fields.Date(readonly=True)
    amount = fields.Monetary(string="Disputed", readonly=True)
    accepted_amount = fields.Monetary(string="Accepted", readonly=True)
    amount_open = fields.Monetary(string="Still Disputed", readonly=True)
    part = fields.Float(readonly=True, help="Share of its dispute: 1 over the lines that it has.")
    age = fields.Float(string="Age (Days)", readonly=True, aggregator="avg")
    days_to_resolve = fields.Float(
        string="Days to Resolve", readonly=True, aggregator="avg", digits=(16, 1)
    )
    weighted_days = fields.Float(
        string="Days to Resolve, Weighted",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Weighted by the disputed amount: large disputes count more.",
    )
    rate = fields.Float(
        string="% of the Month's Sales",
        readonly=True,
        aggregator="sum",
        digits=(16, 2),
        help="Disputed amount in percent of what was invoiced in the month in which the dispute "
        "was opened. It adds up within a month.",
    )
    dso_days = fields.Float(
        string="Disputed Days of Sales",
        readonly=True,
        aggregator="sum",
        digits=(16, 2),
        help="Days by which what is still disputed lengthens the DSO, on the sales of the last "
        "90 days.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.dispute_id, dispute.company_id, dispute.partner_id,
                   dispute.reason_id, dispute.cause_id, dispute.user_id, dispute.team_id,
                   line.product_id, dispute.priority, dispute.state, dispute.outcome,
                   dispute.date_opened, dispute.resolved_on, line.amount, line.accepted_amount,
                   CASE WHEN %(is_open)s THEN line.amount ELSE 0 END AS amount_open,
                   1.0 / COUNT(*) OVER (PARTITION BY line.dispute_id) AS part,
                   GREATEST(COALESCE(dispute.resolved_on, dispute.waiting_since, CURRENT_DATE)
                            - dispute.date_opened - COALESCE(dispute.days_stopped, 0), 0) AS age,
                   CASE WHEN dispute.resolved_on IS NOT NULL
                        THEN dispute.days_to_resolve END AS days_to_resolve,
                   CASE WHEN dispute.resolved_on IS NOT NULL
                        THEN dispute.days_to_resolve END AS weighted_days,
                   line.amount * 100 / NULLIF(monthly.sales, 0) AS rate,
                   CASE WHEN %(is_open)s
                        THEN line.amount * %(days)s / NULLIF(recent.sales, 0) END AS dso_days
              FROM collection_dispute_line line
              JOIN collection_dispute dispute ON dispute.id = line.dispute_id
         LEFT JOIN (%(monthly)s) monthly
                ON monthly.company_id = dispute.company_id
               AND monthly.month = date_trunc('month', dispute.date_opened)
         LEFT JOIN (%(recent)s) recent ON recent.company_id = dispute.company_id
            """,
            is_open=SQL("dispute.state IN %s", OPEN),
            days=SALES_DAYS,
            monthly=self._sales_sql(
                SQL("date_trunc('month', invoice_date)"), SQL("invoice_date IS NOT NULL")
            ),
            recent=self._sales_sql(
                SQL("NULL"), SQL("invoice_date > CURRENT_DATE - %s", SALES_DAYS)
            ),
        )

    @api.model
    def _sales_sql(self, month, where):
        """Return sales, tax included, by company and month."""
        return SQL(
            """
            SELECT company_id, %(month)s AS month, SUM(amount_total_signed) AS sales
              FROM account_move
             WHERE move_type IN ('out_invoice', 'out_receipt') AND state = 'posted' AND %(where)s
          GROUP BY 1, 2
            """,
            month=month,
            where=where,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Averages count a dispute once, or by its amount."""
        if aggregate_spec not in AVERAGES:
            return super()._read_group_select(aggregate_spec, query)
        name = aggregate_spec.partition(":")[0]
        self._check_field_access(self._fields[name], "read")
        return SQL(
            "SUM(%(value)s * %(weight)s) / NULLIF(SUM(%(weight)s) "
            "FILTER (WHERE %(value)s IS NOT NULL), 0)",
            value=self._field_to_sql(self._table, name, query),
            weight=self._field_to_sql(self._table, AVERAGES[aggregate_spec], query),
        )
