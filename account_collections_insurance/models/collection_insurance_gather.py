from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import api, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL

from ..engine.allocation import Item
from ..engine.cover import Buyer


@dataclass(slots=True)
class Entity:
    """A legal entity that owes something.

    :ivar key: the first of its customer records with open items
    :ivar customers: ids of all of them
    :ivar buyers: the engine's buyers, by the order of our policies
    """

    key: int
    customers: list
    buyers: tuple


class CollectionInsuranceGather(models.AbstractModel):
    """What the engine is given: legal entities as the policies know them, and their open items.

    A constant number of queries for all entities, and one for the items of a batch.
    """

    _name = "collection.insurance.gather"
    _description = "Facts of Credit Insurance"

    # === WHO OWES === #

    @api.model
    def _get_entities(self, company, customers, today):
        """Return the :class:`Entity` of each group of customers that the law or an insurer sees
        as one.

        :param list customers: ids of legal entities with open items
        """
        known = self._query_customers(customers)
        links = self._query_links(company, customers)
        groups = _group(known, links)
        policies = self.env["collection.insurance.policy"].search([("company_id", "=", company.id)])
        buyers = self._read_buyers(policies, links, today)
        return [
            Entity(
                members[0],
                members,
                tuple(
                    buyer
                    for policy in policies
                    for buyer in self._buyers_of(policy, members, known, links, buyers)
                ),
            )
            for members in groups
        ]

    @api.model
    def _query_customers(self, customers):
        """Return {id: (SIREN, country, whether it may be covered blind)}: private people are no
        buyers, and nobody insures what our own companies owe each other."""
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.collection_siren, partner.country_id,
                       partner.is_company AND NOT EXISTS (
                           SELECT FROM res_company WHERE res_company.partner_id = partner.id)
                  FROM res_partner partner
                 WHERE partner.id = ANY(%s)
              ORDER BY partner.id
                """,
                id_array(customers),
            )
        )
        return {row[0]: row[1:] for row in rows}

    @api.model
    def _query_links(self, company, customers):
        """Return {(policy, customer): buyer}, all by id, of customers that are asked for."""
        self.env["collection.insurance.buyer"].flush_model()
        asked = set(customers)
        # Few rows more than are asked for: no plan has to be found for a long list of customers.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT buyer.policy_id, link.res_partner_id, buyer.id
                  FROM collection_insurance_buyer buyer
                  JOIN collection_insurance_policy policy ON policy.id = buyer.policy_id
                  JOIN collection_insurance_buyer_res_partner_rel link
                    ON link.collection_insurance_buyer_id = buyer.id
                 WHERE buyer.company_id = %s AND buyer.active AND policy.active
                """,
                company.id,
            )
        )
        return {(policy, customer): buyer for policy, customer, buyer in rows if customer in asked}

    @api.model
    def _read_buyers(self, policies, links, today):
        """Return {buyer id: the engine's buyer, policy: a buyer that it does not know}."""
        model = self.env["collection.insurance.buyer"]
        records = model.browse(sorted(set(links.values())))
        decisions = self.env["collection.insurance.decision"]._read_facts(records)
        customers = defaultdict(set)
        for (_policy, customer), buyer in links.items():
            customers[buyer].add(customer)
        found = {policy: self._prepare_buyer(policy, today) for policy in policies}
        for record in records:
            unknown = found[record.policy_id]
            found[record.id] = Buyer(
                key=(record.policy_id.id, record.id),
                versions=unknown.versions,
                decisions=tuple(decisions.get(record.id, ())),
                currency=unknown.currency,
                rate=unknown.rate,
                grade=record._normalise_grade(),
                customers=frozenset(customers[record.id]),
                counts_orders=unknown.counts_orders,
            )
        return found

    @api.model
    def _prepare_buyer(self, policy, today):
        """Return a buyer that the insurer does not know."""
        own = policy.company_id.currency_id
        rate = own._get_conversion_rate(own, policy.currency_id, policy.company_id, today)
        return Buyer(
            key=(policy.id, None),
            versions=policy._get_terms(),
            currency=policy.currency_id.id,
            rate=self.env["collection.ledger"]._to_decimal(rate),
            counts_orders=self._counts_orders(policy),
        )

    @api.model
    def _counts_orders(self, policy):
        """Return whether confirmed orders fill the limits of a policy, where there are orders."""
        return False

    @api.model
    def _buyers_of(self, policy, members, known, links, buyers):
        """Yield the entity as ``policy`` knows it: its buyers, then whoever is no buyer there."""
        named = sorted({links[policy.id, one] for one in members if (policy.id, one) in links})
        for buyer in named:
            yield buyers[buyer]
        blind = [
            one
            for one in members
            if (policy.id, one) not in links and self._may_be_blind(policy, known[one])
        ]
        if blind:
            unknown = buyers[policy]
            yield Buyer(
                key=unknown.key,
                versions=unknown.versions,
                currency=unknown.currency,
                rate=unknown.rate,
                customers=frozenset(blind),
                counts_orders=unknown.counts_orders,
            )

    @api.model
    def _may_be_blind(self, policy, customer):
        _siren, country, is_buyer = customer
        return is_buyer and (not policy.country_ids or country in policy.country_ids.ids)

    # === WHAT IS OWED === #

    @api.model
    def _get_items(self, company, customers, as_of=None):
        """Return {customer: [the engine's items]} of all open items, credits included.

        :param list customers: ids of legal entities
        :param date as_of: the ledger, disputes and declarations at the end of that day, None as
            they are
        """
        found = defaultdict(list)
        for row in self.env.execute_query(self._items_sql(company, customers, as_of)):
            *debt, disputed, filed, filed_on = row
            item = self._make_item(
                *debt,
                disputed=Decimal(disputed) if disputed else Decimal(0),
                filed=filed,
                filed_on=filed_on,
            )
            found[item.customer].append(item)
        return found

    @api.model
    def _make_item(
        self, key, customer, delivered, due, invoiced, currency, amount, amount_currency, share,
        **values,
    ):  # fmt: skip
        """Return the engine's item of a row of the ledger; amounts travel as text."""
        amount = Decimal(amount)
        return Item(
            key=key,
            delivered=delivered,
            due=due,
            amount=amount,
            currency=currency,
            amount_currency=Decimal(amount_currency),
            untaxed=amount * Decimal(share) if share else None,
            invoiced=invoiced,
            customer=customer,
            **values,
        )

    @api.model
    def _items_sql(self, company, customers, as_of):
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """
                line.id, partner.commercial_partner_id, %s, %s, move.invoice_date,
                line.currency_id, item.amount::text, item.amount_currency::text,
                CASE WHEN move.amount_tax <> 0
                     THEN (move.amount_untaxed / NULLIF(move.amount_total, 0))::text END,
                held.amount::text, filed.kind, filed.date
                """,
                self._delivered_sql(),
                self._due_sql(),
            ),
            joins=self._joins_sql(as_of),
            where=self._where_sql(company, customers),
            as_of=as_of,
        )

    @api.model
    def _where_sql(self, company, customers=None):
        """Return the condition on lines of a company, of some legal entities or all."""
        where = SQL("line.company_id = %s", company.id)
        if customers is None:
            return where
        return SQL(
            """%s AND line.partner_id IN (
                   SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))""",
            where,
            id_array(customers),
        )

    @api.model
    def _joins_sql(self, as_of=None):
        return SQL(
            """
            JOIN res_partner partner ON partner.id = line.partner_id
            LEFT JOIN (%s) held ON held.line_id = line.id
            LEFT JOIN (%s) filed ON filed.line_id = line.id
            """,
            self.env["collection.dispute"]._held_sql(as_of=as_of),
            self.env["collection.insurance.filing"]._filed_sql(as_of),
        )

    @api.model
    def _delivered_sql(self):
        """Return the day a debt was delivered: that of its invoice where no other is known."""
        return SQL("COALESCE(move.delivery_date, move.invoice_date, line.date)")

    @api.model
    def _due_sql(self):
        return SQL("COALESCE(line.date_maturity, line.date)")

    @api.model
    def _get_unbilled(self, company, customers, today, as_of=None):
        """Return {customer: [the engine's items]} of what is exposed and in no ledger yet.

        Nothing, without orders and deliveries: glue with them knows. Keys are numbers that no
        ledger line has.

        :param list customers: ids of legal entities
        :param date as_of: at the end of that day, None as it is
        """
        return {}

    @api.model
    def _query_unbilled(self, company, as_of=None, customers=None):
        """Return {legal entity: fingerprint of what :meth:`_get_unbilled` finds}.

        :param list customers: ids of legal entities to keep to, None for all
        """
        return {}

    @api.model
    def _query_customers_owing(self, company, as_of=None, customers=None):
        """Return {legal entity: fingerprint of what it owes}: it changes with any of it.

        :param list customers: ids of legal entities to keep to, None for all
        """
        self.env.flush_all()
        found = dict(
            self.env.execute_query(
                SQL(
                    "%s GROUP BY 1",
                    self.env["collection.ledger"]._open_items_sql(
                        SQL(
                            """
                            partner.commercial_partner_id,
                            SUM(HASHTEXTEXTENDED(CONCAT_WS(
                                ':', line.id, item.amount, item.amount_currency, %s, %s,
                                move.invoice_date, held.amount, filed.kind), 0))::text
                            """,
                            self._delivered_sql(),
                            self._due_sql(),
                        ),
                        joins=self._joins_sql(as_of),
                        where=self._where_sql(company, customers),
                        as_of=as_of,
                    ),
                )
            )
        )
        for customer, unbilled in self._query_unbilled(company, as_of, customers).items():
            found[customer] = f"{found.get(customer, '')}/{unbilled}"
        return found


def _group(known, links):
    """Return lists of customers, each in order: one buyer's, or with one SIREN, are one entity."""
    leader = {customer: customer for customer in known}

    def find(customer):
        while leader[customer] != customer:
            leader[customer] = leader[leader[customer]]
            customer = leader[customer]
        return customer

    first = {}
    pairs = [(("siren", siren), customer) for customer, (siren, *_rest) in known.items() if siren]
    pairs += [(buyer, customer) for (_policy, customer), buyer in links.items()]
    for shared, customer in pairs:
        one, other = sorted((find(first.setdefault(shared, customer)), find(customer)))
        leader[other] = one
    groups = defaultdict(list)
    for customer in known:
        groups[find(customer)].append(customer)
    return list(groups.values())
