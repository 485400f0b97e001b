from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.addons.account_collections_insurance.engine.allocation import (
    DELIVERED,
    ORDERED,
    Item,
)
from odoo.tools import SQL

#: First keys of what is delivered, and of what is ordered: above those of all ledger lines, so
#: that of one day what is in the ledger fills a limit first, then what left, then what will.
KEYS = {DELIVERED: 2**40, ORDERED: 2**41}


class CollectionInsuranceGather(models.AbstractModel):
    """What is delivered and not invoiced, and what is ordered and not delivered.

    Two items for each line of an order at most, read in one query. Only posted invoices count as
    invoiced. A line that was delivered several times counts as delivered on the last of its days.
    Amounts include tax; they are in company currency by the rate of the order's day.

    As of a past day the orders, deliveries and invoices of later days are taken off. Not known of
    a past day: orders that were changed or cancelled later, and what is delivered without
    Inventory, such as services; they count as they are now.
    """

    _inherit = "collection.insurance.gather"

    # EXTENDS 'account_collections_insurance'
    @api.model
    def _counts_orders(self, policy):
        return policy.count_orders

    # EXTENDS 'account_collections_insurance'
    @api.model
    def _get_unbilled(self, company, customers, today, as_of=None):
        found = defaultdict(list, super()._get_unbilled(company, customers, today, as_of))
        rows = self.env.execute_query(self._unbilled_sql(company, as_of, customers))
        for row in rows:
            (key, stage, customer, delivered, currency, amount, amount_currency, share) = row
            amount = Decimal(amount)
            # What nobody has delivered yet is as young as can be.
            delivered = delivered if stage == DELIVERED else today
            found[customer].append(
                Item(
                    key=KEYS[stage] + key,
                    delivered=delivered,
                    # Nothing falls due before it is invoiced.
                    due=today,
                    amount=amount,
                    currency=currency,
                    amount_currency=Decimal(amount_currency),
                    untaxed=amount * Decimal(share) if share else None,
                    invoiced=today,
                    customer=customer,
                    stage=stage,
                )
            )
        return found

    # EXTENDS 'account_collections_insurance'
    @api.model
    def _query_unbilled(self, company, as_of=None, customers=None):
        found = super()._query_unbilled(company, as_of, customers)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer, SUM(HASHTEXTEXTENDED(CONCAT_WS(
                           ':', id, stage, delivered, amount), 0))::text
                  FROM (%s) unbilled
              GROUP BY customer
                """,
                self._unbilled_sql(company, as_of, customers),
            )
        )
        return {**found, **dict(rows)}

    @api.model
    def _unbilled_sql(self, company, as_of, customers):
        """Return a query of (line of an order, stage, legal entity, day, currency, amount in
        company currency, amount, share of it without tax)."""
        where = SQL()
        if customers is not None:
            where = SQL("AND partner.commercial_partner_id = ANY(%s)", id_array(customers))
        ordered_on = self._day_sql(company, SQL("orders.date_order"))
        if as_of:
            where = SQL("%s AND %s <= %s", where, ordered_on, as_of)
        return SQL(
            """
            SELECT line.id, part.stage, partner.commercial_partner_id AS customer,
                   COALESCE(moved.last, %(ordered_on)s) AS delivered,
                   orders.currency_id,
                   ROUND((part.quantity * line.price_reduce_taxinc)::numeric
                         / NULLIF(orders.currency_rate, 0)::numeric, own.decimal_places)::text
                       AS amount,
                   ROUND((part.quantity * line.price_reduce_taxinc)::numeric,
                         currency.decimal_places)::text AS amount_currency,
                   CASE WHEN line.price_reduce_taxinc <> line.price_reduce_taxexcl
                        THEN (line.price_reduce_taxexcl / line.price_reduce_taxinc)::text END
              FROM sale_order_line line
              JOIN sale_order orders ON orders.id = line.order_id
              JOIN res_partner partner ON partner.id = orders.partner_invoice_id
              JOIN res_currency currency ON currency.id = orders.currency_id
              JOIN res_currency own ON own.id = %(own)s
              JOIN uom_uom unit ON unit.id = line.product_uom_id
         LEFT JOIN (%(invoiced)s) billed ON billed.line_id = line.id
         LEFT JOIN (%(moved)s) moved ON moved.line_id = line.id
        CROSS JOIN LATERAL (
                SELECT line.qty_delivered - COALESCE(moved.later, 0) / unit.factor AS delivered,
                       COALESCE(billed.quantity, 0) / unit.factor AS invoiced) done
        CROSS JOIN LATERAL (
                VALUES (%(delivered)s, done.delivered - done.invoiced),
                       (%(ordered)s,
                        line.product_uom_qty - GREATEST(done.delivered, done.invoiced))
                   ) part (stage, quantity)
             WHERE orders.company_id = %(company)s AND orders.state = 'sale'
               AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
               AND line.price_reduce_taxinc > 0 AND part.stage = ANY(%(stages)s)
               AND ROUND((part.quantity * line.price_reduce_taxinc)::numeric,
                         currency.decimal_places) > 0
               %(where)s
            """,
            own=company.currency_id.id,
            company=company.id,
            invoiced=self._invoiced_sql(company, as_of),
            moved=self._moved_sql(company, as_of),
            stages=self._get_stages(company),
            delivered=DELIVERED,
            ordered=ORDERED,
            ordered_on=ordered_on,
            where=where,
        )

    @api.model
    def _get_stages(self, company):
        """Return the stages that count: orders where a policy of the company says so."""
        counting = self.env["collection.insurance.policy"].search_count(
            [("company_id", "=", company.id), ("count_orders", "=", True)], limit=1
        )
        return [DELIVERED, ORDERED] if counting else [DELIVERED]

    @api.model
    def _day_sql(self, company, moment):
        """Return the day of a moment, where the company is."""
        zone = company._collection_timezone().zone
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)

    @api.model
    def _invoiced_sql(self, company, as_of):
        """Return a query (line of an order, invoiced quantity in reference units)."""
        return SQL(
            """
            SELECT link.order_line_id AS line_id,
                   SUM(billed.quantity * unit.factor
                       * CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END) AS quantity
              FROM sale_order_line_invoice_rel link
              JOIN account_move_line billed ON billed.id = link.invoice_line_id
              JOIN account_move move ON move.id = billed.move_id
              JOIN uom_uom unit ON unit.id = billed.product_uom_id
             WHERE move.company_id = %s AND move.state = 'posted' AND %s
          GROUP BY link.order_line_id
            """,
            company.id,
            SQL("COALESCE(move.invoice_date, move.date) <= %s", as_of) if as_of else SQL("TRUE"),
        )

    @api.model
    def _moved_sql(self, company, as_of):
        """Return a query (line of an order, last day of a delivery, quantity in reference units
        delivered after ``as_of``)."""
        day = self._day_sql(company, SQL("move.date"))
        is_known = SQL("%s <= %s", day, as_of) if as_of else SQL("TRUE")
        return SQL(
            """
            SELECT move.sale_line_id AS line_id,
                   MAX(%(day)s) FILTER (WHERE target.usage = 'customer' AND %(is_known)s) AS last,
                   SUM(move.quantity * unit.factor
                       * CASE WHEN target.usage = 'customer' THEN 1
                              WHEN source.usage = 'customer' AND move.to_refund THEN -1
                              ELSE 0 END)
                       FILTER (WHERE NOT %(is_known)s) AS later
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
              JOIN uom_uom unit ON unit.id = move.product_uom
             WHERE move.company_id = %(company)s AND move.state = 'done'
               AND move.sale_line_id IS NOT NULL AND source.usage <> target.usage
          GROUP BY move.sale_line_id
            """,
            day=day,
            is_known=is_known,
            company=company.id,
        )
