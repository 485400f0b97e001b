from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    # EXTENDS 'account_collections'
    @api.model
    def _ordered_sql(self, company):
        """What is ordered and not invoiced, with tax, in company currency."""
        return SQL(
            """
            SELECT partner.commercial_partner_id AS customer,
                   SUM(ROUND(
                       (GREATEST(line.product_uom_qty - line.qty_invoiced, 0)
                        * line.price_reduce_taxinc)::numeric
                       / NULLIF(orders.currency_rate, 0)::numeric, 2)) AS amount
              FROM sale_order orders
              JOIN sale_order_line line ON line.order_id = orders.id
              JOIN res_partner partner ON partner.id = orders.partner_invoice_id
             WHERE orders.company_id = %s AND orders.state = 'sale'
               AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
               AND partner.commercial_partner_id = ANY(%s)
          GROUP BY partner.commercial_partner_id
            """,
            company.id,
            id_array(self.ids),
        )

    def _get_limit_holds(self, company, by_debtor):
        """Return {order: holds} of rules on limits, each order counted by itself.

        :param dict by_debtor: {order: legal entity that will be billed}
        """
        rules = self.env["collection.credit.rule"].sudo()._get_rules(company.id)
        found = defaultdict(list)
        if not any(rule.limit for rule in rules):
            return found
        standings = self.sudo().commercial_partner_id._get_standings(company, rules)
        for order, debtor in by_debtor.items():
            asked = {debtor: Decimal(f"{order._get_collection_amount():.2f}")}
            found[order] = debtor._get_rule_holds(company, asked, standings)[debtor]
        return found
