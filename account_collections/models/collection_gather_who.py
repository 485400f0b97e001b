from collections import namedtuple
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.guards import OUT_OF_DUNNING
from ..engine.netting import spread_over_branches
from .collection_debtor import BRANCH, GROUP, SIREN
from .collection_ledger import id_array

#: Ways by which a customer is dunned together with others, and may have a case of its own.
TOGETHER = (BRANCH, GROUP, SIREN)

#: An open item of a legal entity whose branches are dunned apart.
BranchItem = namedtuple("BranchItem", "key case due amount")


class CollectionGather(models.AbstractModel):
    """Facts of who is dunned: legal entities, branches, our other companies.

    Ordinary items have nothing special, and cost nothing; each query is asked for a whole
    batch, and only where there is something to ask.
    """

    _inherit = "collection.gather"

    # EXTENDS 'account_collections'
    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        self._add_other_companies(facts, cases, today)
        return facts

    # === WHAT IS SPECIAL ABOUT AN ITEM === #

    @api.model
    def _amount_sql(self, company, today):
        """Return the open amount in the currency of ``company``.

        What other companies that it leads for book in theirs is converted at the day's rate.
        """
        rates = SQL()
        for led in company._collection_cluster() - company:
            if led.currency_id != company.currency_id:
                rate = led.currency_id._get_conversion_rate(
                    led.currency_id, company.currency_id, company, today
                )
                rates = SQL("%s WHEN %s THEN %s", rates, led.id, Decimal(repr(rate)))
        if not rates.code:
            return SQL("part.amount")
        return SQL(
            "ROUND(part.amount * CASE line.company_id %s ELSE 1 END, %s)",
            rates,
            company.currency_id.decimal_places,
        )

    @api.model
    def _special_sql(self, company):
        """Return what :meth:`_specialise` is given, NULL for an ordinary item."""
        return SQL(
            """
            CASE WHEN debtor.source = 'legal_entity' AND debtor.entity_id IS NULL
                  AND debtor.role = 'all' AND debtor.contact_id IS NULL
                  AND debtor.by_statement IS NOT TRUE
                  AND line.company_id = %(company)s THEN NULL
                 ELSE json_build_array(
                        NULLIF(line.company_id, %(company)s), debtor.entity_id,
                        debtor.role <> 'all', line.partner_id, debtor.source,
                        debtor.contact_id IS NOT NULL,
                        CASE WHEN debtor.by_statement
                             THEN COALESCE(move.invoice_date, line.date) END) END
            """,
            company=company.id,
        )

    @api.model
    def _specialise(
        self, fact, item, company, entity, shared, partner, source, in_branch, issued
    ):
        """Say of an item what :meth:`_special_sql` found."""
        item.entity = entity
        if company or entity:
            item.pot = (company, entity)
        if shared:
            fact.extra.setdefault("shared", []).append(item)
        if in_branch:
            fact.extra.setdefault("branches", set()).add(partner)
        if company or source in TOGETHER:
            fact.extra.setdefault("members", []).append((company, partner, item))
        if issued:
            item.issued = date.fromisoformat(issued)
            item.marks |= {"by_statement"}

    # EXTENDS 'account_collections'
    def _add_items(self, facts, cases, company, today):
        super()._add_items(facts, cases, company, today)
        self._add_former_ranks(facts)
        self._add_shared_ranks(facts)
        self._add_stopped_members(facts, company, today)
        partners = {one for fact in facts.values() for one in fact.extra.get("branches", ())}
        if partners and (credits := self._get_entity_credits(partners, company, today)):
            for fact in facts.values():
                for item in fact.items:
                    if (item.key, fact.key) in credits:
                        item.covered = credits[item.key, fact.key]
                        item.marks |= {"entity_credit"}

    # EXTENDS 'account_collections'
    @api.model
    def _look_before(self, facts, reminder):
        super()._look_before(facts, reminder)
        siblings = reminder._get_siblings().filtered(lambda one: not one.is_beside)
        self._add_former_ranks(facts, siblings.ids)
        self._add_shared_ranks(facts, siblings.ids)
        # Asked when the day was taken, just before.
        facts[reminder.case_id.id].other_company = None

    def _add_former_ranks(self, facts, without=()):
        """An item that came from another case stands where it was reminded there.

        Asked only where some case has lost items to another, see ``has_lost_items`` there; of
        other companies too, when a lead company has given back what it dunned for them.

        :param without: ids of reminders to leave out
        """
        [(lost,)] = self.env.execute_query(
            SQL("SELECT EXISTS (SELECT FROM collection_case WHERE has_lost_items)")
        )
        if not lost:
            return
        items = [(key, item) for key, fact in facts.items() for item in fact.items]
        reached = self._query_former_ranks([item.move for _key, item in items], without)
        unknown = [
            item.key
            for _key, item in items
            if not item.rank and item.move in reached and item.key not in reached[item.move]
        ]
        inherited = self._query_inherited_ranks(unknown, without) if unknown else {}
        called = set()
        for case, item in items:
            found = [
                row
                for former, row in reached.get(item.move, {}).get(item.key, ())
                if former != case
            ]
            if item.key in inherited:
                found.append((*inherited[item.key], False))
            for row in found:
                self._take_former_rank(item, *row)
                if row[2] and "debit_rejected" in item.marks:
                    called.add((case, item.key, row[2]))
        if called:
            self._take_former_calls(facts, called)

    def _query_former_ranks(self, moves, without):
        """Return {move: {line: [(case, what reminders of that case gave)]}}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.move_id, item.line_id, reminder.case_id, %(reached)s,
                       BOOL_OR(reminder.state = 'unconfirmed')
                  FROM collection_reminder_item item
                  JOIN collection_reminder reminder ON reminder.id = item.reminder_id
                  JOIN collection_case former ON former.id = reminder.case_id
                                             AND former.has_lost_items
                 WHERE item.move_id = ANY(%(moves)s)
                   AND reminder.state IN ('sent', 'to_do', 'unconfirmed')
                   AND reminder.is_beside IS NOT TRUE
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND reminder.id <> ALL(%(without)s)
              GROUP BY item.move_id, item.line_id, reminder.case_id
                """,
                reached=self._reached_sql(),
                moves=id_array(moves),
                without=list(without),
            )
        )
        reached = {}
        for move, line, case, *found in rows:
            reached.setdefault(move, {}).setdefault(line, []).append((case, found))
        return reached

    @api.model
    def _take_former_rank(self, item, rank, in_hand, _called, uncertain):
        item.rank = max(item.rank, rank)
        if in_hand:
            item.marks |= {"task_open"}
        if uncertain:
            item.marks |= {"unconfirmed_elsewhere"}

    def _take_former_calls(self, facts, called):
        """A rejected debit that was called about from another case needs no second call.

        :param called: set of (case, line, when it was called about)
        """
        cases = self.env["collection.case"].browse({case for case, _line, _at in called})
        _marks, rejected = self._query_payment_marks(cases)
        for case, line, at in called:
            for item in facts[case].items:
                if item.key == line and at >= rejected.get(item.move, at):
                    item.marks -= {"debit_rejected"}

    def _add_shared_ranks(self, facts, without=()):
        """An item that two debtors share stands, for each, where it was itself reminded.

        :param without: ids of reminders to leave out
        """
        shared = {
            (item.key, fact.key): item
            for fact in facts.values()
            for item in fact.extra.get("shared", ())
        }
        if not shared:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.line_id, reminder.case_id, %(reached)s
                  FROM collection_reminder_item item
                  JOIN collection_reminder reminder ON reminder.id = item.reminder_id
                 WHERE item.line_id = ANY(%(lines)s)
                   AND reminder.case_id = ANY(%(cases)s)
                   AND reminder.state IN ('sent', 'to_do')
                   AND reminder.is_beside IS NOT TRUE
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND reminder.id <> ALL(%(without)s)
              GROUP BY item.line_id, reminder.case_id
                """,
                reached=self._reached_sql(),
                lines=id_array(line for line, _case in shared),
                cases=id_array(facts),
                without=list(without),
            )
        )
        reached = {(line, case): rank for line, case, rank, *_others in rows}
        for key, item in shared.items():
            item.rank = reached.get(key, 0)

    def _add_stopped_members(self, facts, company, today):
        """Who is insolvent, in legal hands, closed, paused or not to be contacted by its own
        case is not dunned through another one's either."""
        members = {
            (ledger or company.id, partner)
            for fact in facts.values()
            for ledger, partner, _item in fact.extra.get("members", ())
        }
        if not members:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cases.company_id, cases.partner_id
                  FROM collection_case cases
                 WHERE cases.partner_id = ANY(%(partners)s)
                   AND cases.company_id = ANY(%(companies)s)
                   AND (cases.state IN %(out)s OR cases.do_not_contact
                        OR EXISTS (SELECT FROM collection_hold hold
                                    WHERE hold.case_id = cases.id
                                      AND %(today)s BETWEEN hold.date_start AND hold.date_end
                                      AND (hold.lifted_on IS NULL OR hold.lifted_on > %(today)s)))
                """,
                partners=[partner for _company, partner in members],
                companies=[ledger for ledger, _partner in members],
                out=OUT_OF_DUNNING,
                today=today,
            )
        )
        stopped = set(rows)
        for fact in facts.values():
            for ledger, partner, item in fact.extra.get("members", ()):
                if (ledger or company.id, partner) in stopped:
                    item.marks |= {"member_stopped"}

    def _get_entity_credits(self, partners, company, today):
        """Return {(line, case): what credits without a branch cover}, see
        :func:`~odoo.addons.account_collections.engine.netting.spread_over_branches`.

        :param partners: ids of ledger partners whose branches are dunned apart
        """
        rows = self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    line.company_id, line.partner_id, line.id, debtor.case_id,
                    debtor.source = 'branch', COALESCE(line.date_maturity, line.date), %s::text
                    """,
                    self._amount_sql(company, today),
                ),
                joins=self.env["collection.debtor"]._join_sql(),
                where=SQL(
                    """line.partner_id = ANY(%s) AND line.company_id = ANY(%s)
                       AND debtor.source IN ('branch', 'legal_entity', 'group', 'siren')
                       AND line.no_followup IS NOT TRUE""",
                    list(partners),
                    company._collection_cluster().ids,
                ),
            )
        )
        entities = {}
        for ledger, partner, line, case, is_branch, due, amount in rows:
            entities.setdefault((ledger, partner), []).append(
                BranchItem((line, case), case if is_branch else None, due, Decimal(amount))
            )
        credits = {}
        for items in entities.values():
            credits |= spread_over_branches(items, entity=None)
        return credits

    # === RECIPIENTS === #

    # EXTENDS 'account_collections'
    def _add_recipients(self, facts):
        """A branch has contacts of its own, a legal entity of a group receives its notices."""
        super()._add_recipients(facts)
        branches = {
            fact.extra["partner"]: fact for fact in facts.values() if fact.extra.get("branches")
        }
        partners = self.env["res.partner"].browse(branches)
        partners = partners.filtered(lambda one: one.commercial_partner_id != one)
        if partners:
            entities = partners.commercial_partner_id
            own = self._find_slots(self._query_contacts(partners.ids, branches=True))
            others = self._find_slots(self._query_contacts(entities.ids))
            for partner in partners:
                slots = self._join_slots(
                    own[partner.id], others[partner.commercial_partner_id.id]
                )
                self._set_recipients([branches[partner.id]], slots, {})
        self._add_entities(facts)

    @api.model
    def _join_slots(self, branch, entity):
        """Return whom a branch reaches: who has the role, here or at its legal entity; then
        its own address, then the legal entity's."""
        slots = {role: [*branch.get(role, ()), *entity.get(role, ())] for role in entity | branch}
        own = [*branch.get("invoice", ()), *branch.get("address", ()), *branch.get("main", ())]
        return slots | {
            "invoice": [*own, *entity.get("invoice", ())],
            "address": entity.get("address", []),
            "main": entity.get("main", []),
        }

    def _add_entities(self, facts):
        """Name the recipients of each legal entity that may be put on notice by itself."""
        entities = {item.entity for fact in facts.values() for item in fact.items} - {None}
        if not entities:
            return
        slots = self._find_slots(self._query_contacts(list(entities)))
        reachable = {entity: self._recipients_by_role(slots[entity])[0] for entity in entities}
        for fact in facts.values():
            own = {item.entity for item in fact.items} - {None}
            if own:
                fact.extra["entities"] = {entity: reachable[entity] for entity in own}

    # === OUR OTHER COMPANIES === #

    def _add_other_companies(self, facts, cases, today):
        """Say which of our other companies speaks to a customer today."""
        company = self._get_company(cases)
        # How many companies there are is no secret of theirs, nor is whom one wrote to today.
        if self.env["res.company"].sudo().search_count([], limit=2) < 2:
            return
        for case, name in self.env["collection.contact"]._query_others(cases, company, today):
            facts[case].other_company = name
