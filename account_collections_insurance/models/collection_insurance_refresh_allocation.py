from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL

from ..engine.allocation import BILLED, had_oldest_been_paid


class CollectionInsurancePolicy(models.Model):
    _inherit = "collection.insurance.policy"

    allocation = fields.Selection(
        [("ledger", "What the ledger says"), ("oldest", "The oldest invoices")],
        string="Money Pays",
        default="ledger",
        required=True,
        help="Many policies count every payment against the customer's oldest invoice, whatever "
        "was settled in the ledger. The company's first policy decides.",
    )


class CollectionInsuranceExposure(models.Model):
    """What is owed in the eyes of an insurer for whom money pays the oldest invoices."""

    _inherit = "collection.insurance.exposure"

    @api.model
    def _get_owed(self, company, entities, today, as_of):
        owed = super()._get_owed(company, entities, today, as_of)
        first = self.env["collection.insurance.policy"].search(
            [("company_id", "=", company.id)], limit=1
        )
        if first.allocation != "oldest":
            return owed
        billed = {
            key: [item for item in items if item.stage == BILLED] for key, items in owed.items()
        }
        invoices = self.env["collection.insurance.gather"]._get_invoices(company, billed, as_of)
        return {
            key: [
                *(had_oldest_been_paid(billed[key], invoices[key]) if billed[key] else ()),
                *(item for item in items if item.stage != BILLED),
            ]
            for key, items in owed.items()
        }


class CollectionInsuranceGather(models.AbstractModel):
    _inherit = "collection.insurance.gather"

    @api.model
    def _get_invoices(self, company, owed, as_of):
        """Return {entity: its invoices with full amounts}, from the oldest that is open on.

        :param dict owed: {entity: open items}
        """
        debts = {
            key: [item for item in items if item.amount > 0] for key, items in owed.items()
        }
        since = {key: min(item.delivered for item in own) for key, own in debts.items() if own}
        entity_of = {item.customer: key for key, items in owed.items() for item in items}
        found = defaultdict(list)
        if not since:
            return found
        for row in self.env.execute_query(
            self._invoices_sql(company, list(entity_of), min(since.values()), as_of)
        ):
            item = self._make_item(*row)
            entity = entity_of[item.customer]
            if entity in since and item.delivered >= since[entity]:
                found[entity].append(item)
        return found

    @api.model
    def _invoices_sql(self, company, customers, since, as_of):
        delivered = self._delivered_sql()
        return SQL(
            """
            SELECT line.id, partner.commercial_partner_id, %(delivered)s, %(due)s,
                   move.invoice_date, line.currency_id, line.balance::text,
                   line.amount_currency::text,
                   CASE WHEN move.amount_tax <> 0
                        THEN (move.amount_untaxed / NULLIF(move.amount_total, 0))::text END
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND line.balance > 0 AND line.date <= %(until)s
               AND partner.commercial_partner_id = ANY(%(customers)s)
               AND %(delivered)s >= %(since)s
            """,
            delivered=delivered,
            due=self._due_sql(),
            company=company.id,
            customers=id_array(customers),
            since=since,
            until=as_of or fields.Date.to_date("9999-12-31"),
        )
