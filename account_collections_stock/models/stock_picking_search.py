from odoo import api, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL

from .stock_picking import HELD, OVER, WARNED


class StockPicking(models.Model):
    """Held deliveries can be searched for: each customer is asked for once."""

    _inherit = "stock.picking"

    @api.model
    def _search_collection_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            others = {HELD, WARNED} - set(value)
            return [("id", "not in", self._held_sql(others))]
        return [("id", "in", self._held_sql(set(value)))]

    @api.model
    def _held_sql(self, states):
        """Return the query of the waiting deliveries whose hold is one of ``states``."""
        companies, debtors = [], []
        for company, partners in self._get_waiting_debtors().items():
            for debtor, holds in partners._get_collection_holds(company).items():
                state = HELD if any(hold.is_strict for hold in holds) else WARNED
                if holds and state in states:
                    companies.append(company.id)
                    debtors.append(debtor.id)
        return SQL(
            """
            SELECT waiting.id FROM (%s) waiting
              JOIN UNNEST(%s, %s) held (company, debtor) USING (company, debtor)
            """,
            self._waiting_sql(),
            id_array(companies),
            id_array(debtors),
        )

    @api.model
    def _get_waiting_debtors(self):
        """Return {company: customers to whom something is to be delivered}."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT company, debtor FROM (%s) waiting", self._waiting_sql())
        )
        found = {}
        for company, debtor in rows:
            found.setdefault(company, []).append(debtor)
        partners, companies = self.env["res.partner"], self.env["res.company"]
        return {companies.browse(one): partners.browse(ids) for one, ids in found.items()}

    @api.model
    def _waiting_sql(self):
        """Return the query (id, company, debtor) of deliveries that have not left, in the
        companies of the user; what ``_get_collection_debtor`` says of one, of all."""
        return SQL(
            """
            SELECT picking.id, picking.company_id AS company,
                   partner.commercial_partner_id AS debtor
              FROM stock_picking picking
              JOIN stock_location target ON target.id = picking.location_dest_id
         LEFT JOIN sale_order orders ON orders.id = picking.sale_id
              JOIN res_partner partner
                ON partner.id = COALESCE(orders.partner_invoice_id, picking.partner_id)
             WHERE picking.state NOT IN %s AND target.usage = 'customer'
               AND picking.company_id = ANY(%s)
            """,
            OVER,
            self.env.companies.ids,
        )
