from odoo import fields, models
from odoo.tools import SQL


class CollectionPayer(models.Model):
    """Third-party payers: what each owes and paid, customer by customer, live."""

    _name = "collection.payer"
    _description = "Third-Party Payer"
    _auto = False
    _rec_name = "payer_id"
    _order = "payer_id, overdue desc, id"

    payer_id = fields.Many2one("res.partner", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    case_id = fields.Many2one("collection.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    outstanding = fields.Monetary(string="Open", readonly=True)
    overdue = fields.Monetary(readonly=True)
    paid = fields.Monetary(
        string="Paid in 12 Months",
        readonly=True,
        help="What the payer's own payments settled of the customer's invoices.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH open AS (%(open)s), paid AS (%(paid)s)
            SELECT ROW_NUMBER() OVER (ORDER BY company_id, payer_id, customer_id) AS id,
                   company_id, payer_id, customer_id, open.case_id,
                   COALESCE(open.outstanding, 0) AS outstanding,
                   COALESCE(open.overdue, 0) AS overdue, COALESCE(paid.paid, 0) AS paid
              FROM open FULL JOIN paid USING (company_id, payer_id, customer_id)
            """,
            open=self._open_sql(),
            paid=self._paid_sql(),
        )

    def _open_sql(self):
        return SQL(
            "%s GROUP BY 1, 2, 3",
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """line.company_id, cases.partner_id AS payer_id,
                       line.partner_id AS customer_id, MIN(cases.id) AS case_id,
                       SUM(part.amount) AS outstanding,
                       COALESCE(SUM(part.amount) FILTER (
                           WHERE part.amount > 0
                             AND COALESCE(line.date_maturity, line.date) < %s
                       ), 0) AS overdue""",
                    fields.Date.context_today(self),
                ),
                joins=SQL(
                    "%s JOIN collection_case cases ON cases.id = debtor.case_id",
                    self.env["collection.debtor"]._join_sql(),
                ),
                where=SQL(
                    """debtor.source IN ('payer', 'invoice_payer')
                       AND cases.partner_id <> line.partner_id"""
                ),
            ),
        )

    def _paid_sql(self):
        """What known payers settled for others, by the day of the reconciliation."""
        return SQL(
            """
            SELECT credit.company_id, credit.partner_id AS payer_id,
                   debit.partner_id AS customer_id, SUM(partial.amount) AS paid
              FROM (SELECT collection_payer_id AS id FROM res_partner
                     WHERE collection_payer_id IS NOT NULL
                     UNION
                    SELECT collection_payer_id FROM account_move
                     WHERE collection_payer_id IS NOT NULL) known
              JOIN res_partner payer ON payer.id = known.id
              JOIN account_move_line credit ON credit.partner_id = payer.commercial_partner_id
              JOIN account_partial_reconcile partial ON partial.credit_move_id = credit.id
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
              JOIN account_account account ON account.id = credit.account_id
             WHERE account.account_type = 'asset_receivable'
               AND debit.partner_id <> credit.partner_id
               AND partial.max_date > CURRENT_DATE - INTERVAL '12 months'
          GROUP BY 1, 2, 3
            """
        )

    def action_open_items(self):
        """Open what the payer still has to pay for the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_item_action"
        )
        return {
            **action,
            "domain": [
                ("case_id", "=", self.case_id.id),
                ("partner_id", "=", self.customer_id.id),
            ],
            "context": {},
        }
