from decimal import ROUND_DOWN

from odoo import api, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.addons.account_collections.models.collection_rows import (
    AMOUNT,
    DATE,
    INTEGER,
    TEXT,
    write_rows,
)
from odoo.tools import SQL

from ..engine import clocks
from ..engine.allocation import BILLED
from ..engine.cover import CENT, cover, state_of, stopped_since
from ..engine.terms import ZERO

#: Customers computed, and written, together. Memory is bounded by one batch.
BATCH_SIZE = 2000

#: First key of the advisory lock that one refresh holds on its company.
LOCK_SPACE = 0x434F5652

#: Columns of the two tables, with their types in SQL; the first ones are the key.
COVER_COLUMNS = {
    "line_id": INTEGER, "company_id": INTEGER, "partner_id": INTEGER,
    "policy_id": INTEGER, "buyer_id": INTEGER, "date_delivered": DATE, "date_due": DATE,
    "amount": AMOUNT, "insurable": AMOUNT, "covered": AMOUNT, "blind": AMOUNT,
    "uncovered": AMOUNT, "disputed": AMOUNT, "indemnity": AMOUNT, "state": TEXT,
    "reason": TEXT, "date_notification": DATE, "date_extension": DATE,
    "date_hand_over": DATE, "date_claim": DATE, "next_clock": TEXT,
    "date_next_clock": DATE, "filed": TEXT, "date_filed": DATE,
}  # fmt: skip
EXPOSURE_COLUMNS = {
    "company_id": INTEGER, "partner_id": INTEGER, "entity_id": INTEGER, "policy_id": INTEGER,
    "buyer_id": INTEGER, "amount": AMOUNT, "covered": AMOUNT, "blind": AMOUNT,
    "uncovered": AMOUNT, "disputed": AMOUNT, "indemnity": AMOUNT, "unbilled": AMOUNT,
    "limit_amount": AMOUNT, "headroom": AMOUNT, "state": TEXT,
    "date_stopped": DATE, "next_clock": TEXT, "date_next_clock": DATE,
    "computed_on": DATE, "fingerprint": TEXT,
}  # fmt: skip


class CollectionInsuranceExposure(models.Model):
    """Keeps covers true: only what changed is computed, and only what differs is written.

    A customer is computed again when an open item of it changed (its fingerprint did), when a
    decision, a buyer or a policy changed (:meth:`_mark`), and on each new day.
    """

    _inherit = "collection.insurance.exposure"

    # === ENTRY POINTS === #

    @api.model
    def _refresh_companies(self, companies):
        # Whoever may read covers may have them brought up to date: figures, and no choice in them.
        for company in companies.sudo():
            self.sudo()._refresh(company)

    @api.model
    def _cron_refresh(self):
        """Bring the covers of every company with a policy up to date."""
        policies = self.env["collection.insurance.policy"].search([])
        # A company whose last policy ended has figures to clear.
        known = self._read_group([], ["company_id"])
        for company in policies.company_id.union(*(company for (company,) in known)):
            self._refresh(company)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _mark(self, companies, partners=None):
        """Have covers computed again at the next refresh, which is asked for.

        :param partners: only of these customers, and of whoever is one legal entity with them
        """
        self.env.flush_all()
        where = SQL("company_id = ANY(%s)", id_array(companies.ids))
        if partners is not None:
            where = SQL(
                """%(where)s AND entity_id IN (
                       SELECT entity_id FROM collection_insurance_exposure
                        WHERE %(where)s AND partner_id = ANY(%(partners)s))""",
                where=where,
                partners=id_array(partners.ids),
            )
        self.env.cr.execute(
            SQL("UPDATE collection_insurance_exposure SET fingerprint = NULL WHERE %s", where)
        )
        self.invalidate_model(["fingerprint"])
        self.env.ref("account_collections_insurance.ir_cron_refresh").sudo()._trigger()

    @api.model
    def _refresh(self, company):
        """Compute the covers of ``company`` as far as they changed.

        :return: ids of the customers computed; none while another refresh is at work
        """
        if not self._is_alone(company):
            return []
        today = company._collection_today()
        self.env["collection.insurance.buyer"]._refresh_limits(company, today)
        gather = self.env["collection.insurance.gather"]
        prints = {}
        if self.env["collection.insurance.policy"].search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            prints = gather._query_customers_owing(company)
        stale = self._query_stale(company, prints, today)
        if stale:
            entities = gather._get_entities(company, list(prints), today)
            stale = [one for one in entities if not stale.isdisjoint(one.customers)]
        for start in range(0, len(stale), BATCH_SIZE):
            self._compute_batch(company, stale[start : start + BATCH_SIZE], prints, today)
        for model in ("collection.insurance.cover", self._name):
            self.env[model].invalidate_model()
        return [customer for entity in stale for customer in entity.customers]

    @api.model
    def _refresh_customers(self, company, customers):
        """Compute the covers of some customers, and of whoever is one legal entity with them.

        For a decision that cannot wait. While another refresh is at work, figures stay as they
        are: it will have brought them up to date.
        """
        policies = self.env["collection.insurance.policy"]
        if not policies.search_count([("company_id", "=", company.id)], limit=1):
            return
        if not self._is_alone(company):
            return
        own = self.search([("company_id", "=", company.id), ("partner_id", "in", customers.ids)])
        entities = self.search(
            [("company_id", "=", company.id), ("entity_id", "in", own.entity_id.ids)]
        )
        today = company._collection_today()
        self.env["collection.insurance.buyer"]._refresh_limits(company, today)
        gather = self.env["collection.insurance.gather"]
        members = (customers | entities.partner_id).ids
        prints = gather._query_customers_owing(company, customers=members)
        self._forget(company, set(entities.partner_id.ids) - set(prints))
        self._compute_batch(
            company, gather._get_entities(company, list(prints), today), prints, today
        )
        for model in ("collection.insurance.cover", self._name):
            self.env[model].invalidate_model()

    @api.model
    def _is_alone(self, company):
        [(free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK_SPACE, company.id)
        )
        return free

    @api.model
    def _query_stale(self, company, prints, today):
        """Return the customers to compute again, and delete those who owe nothing any more."""
        self.env.flush_all()
        known = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, entity_id, fingerprint, computed_on
                  FROM collection_insurance_exposure WHERE company_id = %s
                """,
                company.id,
            )
        )
        gone = {partner for partner, *_rest in known if partner not in prints}
        left = {entity for partner, entity, *_rest in known if partner in gone}
        fresh = {
            partner
            for partner, entity, fingerprint, day in known
            if fingerprint == prints.get(partner) and day == today and entity not in left
        }
        self._forget(company, gone)
        return set(prints) - fresh

    @api.model
    def _forget(self, company, customers):
        """Delete the figures of customers who owe nothing any more."""
        if not customers:
            return
        for table in ("collection_insurance_cover", "collection_insurance_exposure"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE company_id = %s AND partner_id = ANY(%s)",
                    SQL.identifier(table),
                    company.id,
                    id_array(customers),
                )
            )

    # === COMPUTE === #

    @api.model
    def _get_covers(self, company, entities, today, as_of=None):
        """Yield (entity, {line id: the engine's cover}).

        :param date as_of: by the ledger of that day; None as it is now
        """
        customers = [customer for entity in entities for customer in entity.customers]
        gather = self.env["collection.insurance.gather"]
        items = gather._get_items(company, customers, as_of)
        unbilled = gather._get_unbilled(company, customers, today, as_of)
        for entity in entities:
            owed = [
                item
                for customer in entity.customers
                for found in (items, unbilled)
                for item in found.get(customer, ())
            ]
            yield entity, cover(owed, entity.buyers, today)

    @api.model
    def _get_covers_as_of(self, company, day):
        """Return {line id: the engine's cover} of ``company`` at the end of ``day``.

        Limits, terms and rates are those of that day, as they were known then; what is contested
        is what is contested now. Nothing is written.
        """
        gather = self.env["collection.insurance.gather"]
        owing = list(gather._query_customers_owing(company, day))
        entities = gather._get_entities(company, owing, day)
        found = {}
        for _entity, covers in self._get_covers(company, entities, day, day):
            found.update(covers)
        return found

    @api.model
    def _compute_batch(self, company, entities, prints, today):
        covers, exposures = [], []
        for entity, found in self._get_covers(company, entities, today):
            rows = [self._prepare_cover(company, one, today) for one in found.values()]
            covers += [
                row for one, row in zip(found.values(), rows) if one.item.stage == BILLED
            ]
            exposures += self._prepare_exposures(company, entity, found, rows, prints, today)
        customers = [customer for entity in entities for customer in entity.customers]
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM collection_insurance_cover
                 WHERE company_id = %s AND partner_id = ANY(%s) AND line_id <> ALL(%s)
                """,
                company.id,
                id_array(customers),
                id_array(row["line_id"] for row in covers),
            )
        )
        write_rows(self.env, "collection_insurance_cover", COVER_COLUMNS, 1, covers)
        write_rows(self.env, "collection_insurance_exposure", EXPOSURE_COLUMNS, 2, exposures)

    # === ROWS === #

    @api.model
    def _prepare_cover(self, company, one, today):
        """Return the row of an item's cover; the next deadline only where there is a cover to
        keep."""
        policy, buyer = one.buyer or (None, None)
        row = {
            "line_id": one.item.key,
            "company_id": company.id,
            "partner_id": one.item.customer,
            "policy_id": policy,
            "buyer_id": buyer,
            "date_delivered": one.item.delivered,
            "date_due": one.item.due,
            "amount": one.exposure,
            "insurable": one.insurable,
            "covered": one.covered,
            "blind": one.blind,
            "uncovered": one.uncovered,
            "disputed": one.disputed,
            "indemnity": one.indemnity.quantize(CENT, ROUND_DOWN),
            "state": one.state,
            "reason": one.reason,
            "filed": one.item.filed,
            "date_filed": one.item.filed_on,
        }
        found = clocks.clocks(one.item.due, one.terms) if one.terms else ()
        row.update({f"date_{clock.code}": clock.day for clock in found})
        following = clocks.next_clock(found, today, clocks.ANSWERED.get(one.item.filed, ()))
        if following and (one.covered or one.disputed):
            row.update({"next_clock": following.code, "date_next_clock": following.day})
        return row

    @api.model
    def _prepare_exposures(self, company, entity, covers, rows, prints, today):
        """Return a row for each customer of the entity, the limit on the first."""
        own = {customer: [] for customer in entity.customers}
        for one, row in zip(covers.values(), rows):
            own[one.item.customer].append((one, row))
        debts = [one.item for one in covers.values()]
        stops = {
            stopped_since([debt for debt in debts if buyer.concerns(debt)], buyer.versions, today)
            for buyer in entity.buyers
        }
        stop = min(stops - {None}, default=None)
        limit = sum((buyer.limit_on(today) / buyer.rate for buyer in entity.buyers), ZERO)
        limit = limit.quantize(CENT, ROUND_DOWN)
        total = sum((one.exposure for one in covers.values()), ZERO)
        return [
            {
                "company_id": company.id,
                "partner_id": customer,
                "entity_id": entity.key,
                "limit_amount": limit if customer == entity.key else ZERO,
                "headroom": limit - total if customer == entity.key else ZERO,
                "date_stopped": stop,
                "computed_on": today,
                "fingerprint": prints[customer],
                **self._prepare_totals(entity, customer, own[customer], stop),
            }
            for customer in entity.customers
        ]

    @api.model
    def _prepare_totals(self, entity, customer, own, stop):
        """Return the figures of one customer.

        :param own: pairs (the engine's cover, its row)
        """
        buyer = next(
            (one for one in entity.buyers if one.customers is None or customer in one.customers),
            None,
        )
        policy, known = buyer.key if buyer else (None, None)
        amounts = ("amount", "covered", "blind", "uncovered", "disputed", "indemnity")
        ahead = [
            row
            for one, row in own
            if one.item.stage == BILLED and row.get("date_next_clock")
        ]
        first = min(ahead, key=lambda row: row["date_next_clock"], default={})
        return {
            "policy_id": policy,
            "buyer_id": known,
            **{name: sum((row[name] for _one, row in own), ZERO) for name in amounts},
            "unbilled": sum(
                (one.exposure for one, _row in own if one.item.stage != BILLED), ZERO
            ),
            "state": state_of([one for one, _row in own], stop is not None) if own else None,
            "next_clock": first.get("next_clock"),
            "date_next_clock": first.get("date_next_clock"),
        }
