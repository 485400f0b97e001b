from datetime import date, timedelta
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
from ..engine.terms import ZERO, terms_on
from .collection_insurance_cover import CLOCKS

ONE_DAY = timedelta(days=1)

#: Customers computed, and written, together. Memory is bounded by one batch.
BATCH_SIZE = 2000

#: First key of the advisory lock that one refresh holds on its company.
LOCK_SPACE = 0x434F5652

#: Where a transaction notes what is to be computed again.
MARKS = "collection_insurance_marks"

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
    "computed_on": DATE, "changes_on": DATE, "fingerprint": TEXT,
}  # fmt: skip


class CollectionInsuranceExposure(models.Model):
    """Keeps covers true: only what changed is computed, and only what differs is written.

    A customer is computed again when an open item of it changed (its fingerprint did), when a
    decision, a buyer or a policy changed (:meth:`_mark`), and on the days on which its cover may
    change by itself (:meth:`_get_change_days`).
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
        marks = self.env.cr.precommit.data.setdefault(MARKS, {})
        if not marks:
            self.env.cr.precommit.add(self._write_marks)
        for company in companies.ids:
            known = marks.setdefault(company, set())
            if partners is None:
                marks[company] = None
            elif known is not None:
                known.update(partners.ids)

    @api.model
    def _write_marks(self):
        """Write what :meth:`_mark` noted in this transaction: once, however often it was called."""
        marks = self.env.cr.precommit.data.pop(MARKS, None)
        if not marks:
            return
        self.env.flush_all()
        for company, partners in marks.items():
            where = SQL("company_id = %s", company)
            if partners is not None:
                where = SQL(
                    """%(where)s AND entity_id IN (
                           SELECT entity_id FROM collection_insurance_exposure
                            WHERE %(where)s AND partner_id = ANY(%(partners)s))""",
                    where=where,
                    partners=id_array(partners),
                )
            self.env.cr.execute(
                SQL("UPDATE collection_insurance_exposure SET fingerprint = NULL WHERE %s", where)
            )
        self.invalidate_model(["fingerprint"])
        self.env.ref("account_collections_insurance.ir_cron_refresh").sudo()._trigger()
        self.env.flush_all()

    @api.model
    def _refresh(self, company):
        """Compute the covers of ``company`` as far as they changed.

        :return: ids of the customers computed; none while another refresh is at work
        """
        if not self._is_alone(company):
            return []
        self._write_marks()
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
        computed = [customer for entity in stale for customer in entity.customers]
        is_new_day = self._bring_forward(company, today)
        if is_new_day or computed:
            self._add_behaviour(company, prints if is_new_day else computed, today)
        self._add_internal_limits(company)
        for model in ("collection.insurance.cover", self._name):
            self.env[model].invalidate_model()
        self.env["collection.insurance.history"]._keep(company, computed, today)
        # Alerts follow from the figures, whoever has these brought up to date.
        self.env["collection.insurance.alert"].sudo()._find(company)
        return computed

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
                SELECT partner_id, entity_id, fingerprint,
                       computed_on = %(today)s OR %(today)s > computed_on
                                              AND %(today)s < changes_on
                  FROM collection_insurance_exposure WHERE company_id = %(company)s
                """,
                company=company.id,
                today=today,
            )
        )
        gone = {partner for partner, *_rest in known if partner not in prints}
        left = {entity for partner, entity, *_rest in known if partner in gone}
        fresh = {
            partner
            for partner, entity, fingerprint, is_of_today in known
            if fingerprint == prints.get(partner) and is_of_today and entity not in left
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

    @api.model
    def _bring_forward(self, company, today):
        """Let what was not computed be of today: it is the same; return whether there is any."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_insurance_exposure SET computed_on = %(today)s
                 WHERE company_id = %(company)s AND computed_on < %(today)s
                """,
                company=company.id,
                today=today,
            )
        )
        return bool(self.env.cr.rowcount)

    # === COMPUTE === #

    @api.model
    def _get_covers(self, company, entities, today, as_of=None):
        """Yield (entity, {line id: the engine's cover}).

        :param date as_of: by the ledger of that day; None as it is now
        """
        owed = self._get_owed(company, entities, today, as_of)
        for entity in entities:
            yield entity, cover(owed[entity.key], entity.buyers, today)

    @api.model
    def _get_owed(self, company, entities, today, as_of):
        """Return {key of an entity: what it owes, credits and what is not billed included}."""
        customers = [customer for entity in entities for customer in entity.customers]
        gather = self.env["collection.insurance.gather"]
        items = gather._get_items(company, customers, as_of)
        unbilled = gather._get_unbilled(company, customers, today, as_of)
        return {
            entity.key: [
                item
                for customer in entity.customers
                for found in (items, unbilled)
                for item in found.get(customer, ())
            ]
            for entity in entities
        }

    @api.model
    def _get_covers_as_of(self, company, day):
        """Return {line id: the engine's cover} of ``company`` at the end of ``day``.

        Limits, terms, rates, disputes and declarations are those of that day, as they were known
        then. Nothing is written.
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
        days = self._get_change_days(company, entity, debts, rows, today)
        changes_on = min((day for day in days if day > today), default=date.max)
        return [
            {
                "company_id": company.id,
                "partner_id": customer,
                "entity_id": entity.key,
                "limit_amount": limit if customer == entity.key else ZERO,
                "headroom": limit - total if customer == entity.key else ZERO,
                "date_stopped": stop,
                "computed_on": today,
                "changes_on": changes_on,
                "fingerprint": prints[customer],
                **self._prepare_totals(entity, customer, own[customer], stop),
            }
            for customer in entity.customers
        ]

    @api.model
    def _get_change_days(self, company, entity, debts, rows, today):
        """Yield the days on which the cover of an entity may change by itself.

        :param debts: the engine's items; ``rows`` are their covers
        """
        for row in rows:
            for clock, _label in CLOCKS:
                if end := row.get(f"date_{clock}"):
                    yield end + ONE_DAY
        for buyer in entity.buyers:
            if buyer.currency != company.currency_id.id:
                yield today + ONE_DAY  # another rate
            for decision in buyer.decisions:
                yield from (decision.announced, decision.begins)
                if decision.until:
                    yield decision.until + ONE_DAY
            for terms in buyer.versions:
                yield from (terms.start, terms.end + ONE_DAY)
            for debt in debts:
                terms = terms_on(buyer.versions, debt.delivered)
                if terms and (end := clocks.extension_end(debt.due, terms)):
                    yield end + ONE_DAY
        if any(debt.stage != BILLED for debt in debts):
            yield today + ONE_DAY  # by the rate of the day, and due from no day yet

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
