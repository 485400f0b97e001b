from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine import decide, segment
from ..engine.facts import CaseFacts, Hold, Item, Policy
from .collection_ledger import id_array

NO_MARKS = NO_CLASS = frozenset()


class Amounts(dict):
    """Text → Decimal, each read once: many items are of the same amount."""

    def __missing__(self, text):
        amount = self[text] = Decimal(text)
        return amount


class CollectionGather(models.AbstractModel):
    """From the ledger to facts: a constant number of queries for a batch of cases.

    Add-ons extend :meth:`_gather_facts`, calling super and filling ``facts.extra``.
    """

    _name = "collection.gather"
    _description = "Facts of Collection Cases"

    @api.model
    def _gather_facts(self, cases, today):
        """Return {case id: facts} for ``cases`` of one company.

        :param cases: recordset ``collection.case`` of a single company
        :param date today: day the decision is taken for
        """
        company = self._get_company(cases)
        self.env.flush_all()
        policy = self._get_policy(company, today)
        facts = {
            row[0]: CaseFacts(
                key=row[0],
                scenario=None,
                policy=policy,
                state=row[1],
                archived=not row[2],
                do_not_contact=bool(row[3]),
                live=bool(row[4]),
                extra=self._prepare_extra(row),
            )
            for row in self._query_cases(cases)
        }
        self._add_items(facts, cases, company, today)
        self._add_holds(facts, cases, today)
        self._add_reminders(facts, cases)
        self._add_recipients(facts)
        self._add_measures(facts, cases, today)
        self._add_scenarios(facts, company, today)
        return facts

    @api.model
    def _get_company(self, cases):
        """Return the company of ``cases``, all of the same: one of them is asked."""
        return cases[:1].with_prefetch().company_id

    @api.model
    def _get_policy(self, company, today):
        """Return what the company decides for all its cases."""
        return Policy(
            calendar=company._collection_calendar(today),
            small_residual=self.env["collection.ledger"]._to_decimal(
                company.collection_small_residual
            ),
            require_sent=company.collection_require_sent,
            run_wait=company.collection_run_wait,
            statement=company._collection_statement_term(),
        )

    @api.model
    def _prepare_extra(self, row):
        """Return what is known of a case beside the engine's facts, from its row."""
        _case, _state, _active, _silent, _live, partner, forced, salesperson, trust = row
        return {
            "partner": partner,
            "forced": forced,
            "salesperson": salesperson,
            "measures": {"trust": trust or "normal"},
        }

    @api.model
    def _add_measures(self, facts, cases, today):
        """Put into ``facts[case.id].extra["measures"]`` what conditions of scenarios ask about.

        Called before scenarios are chosen; the preview of segments asks for whole companies.
        Add-ons bring measures here, set-based, such as a behaviour or a risk grade.
        """

    @api.model
    def _get_bare_facts(self, cases):
        """Return facts without items, to write that a case could not be decided."""
        return {
            case.id: CaseFacts(case.id, None, Policy(), state=case.state) for case in cases
        }

    def _query_cases(self, cases):
        return self.env.execute_query(
            SQL(
                """
                SELECT cases.id, cases.state, partner.active, cases.do_not_contact,
                       portfolio.is_live, cases.partner_id, cases.forced_scenario_id,
                       seller.id, %s
                  FROM collection_case cases
                  JOIN res_partner partner ON partner.id = cases.partner_id
             LEFT JOIN collection_portfolio portfolio ON portfolio.id = cases.portfolio_id
             LEFT JOIN res_users salesperson ON salesperson.id = partner.user_id
             LEFT JOIN res_partner seller ON seller.id = salesperson.partner_id
                                         AND seller.email_normalized IS NOT NULL
                 WHERE cases.id = ANY(%s)
                """,
                # The run reads for whoever asked for it.
                self.env["res.partner"]
                .sudo()
                .with_company(self._get_company(cases))
                ._field_to_sql("partner", "trust"),
                id_array(cases.ids),
            )
        )

    # === ITEMS === #

    def _add_items(self, facts, cases, company, today):
        """Amounts travel as text: the cursor would make floats of them."""
        payments, rejected = self._query_payment_marks(cases)
        amounts = Amounts()
        rows = self.env.execute_query(self._items_sql(cases, company, today))
        reached = self._query_ranks(cases, {row[1]: row[2] for row in rows})
        for case, line, move, due, currency, amount, own, marks, grace, special in rows:
            found = frozenset(marks.split()) if marks else NO_MARKS
            if move in payments:
                found |= payments[move]
            rank = 0
            if line in reached:
                rank, in_hand, called = reached[line]
                if in_hand:
                    found |= {"task_open"}
                if called and called >= rejected.get(move, called):
                    found -= {"debit_rejected"}
            item = Item(
                line, move, due, amounts[amount], currency, amounts[own], rank, found, grace or 0
            )
            if special:
                self._specialise(facts[case], item, *special)
            facts[case].items.append(item)

    def _items_sql(self, cases, company, today):
        marks = self._get_item_marks()
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """
                debtor.case_id, line.id, line.move_id, COALESCE(line.date_maturity, line.date),
                line.currency_id, %s::text, part.amount_currency::text,
                CASE WHEN %s THEN concat_ws(' ', %s) END, method.collection_return_days, %s
                """,
                self._amount_sql(company, today),
                # Most items bear no mark.
                SQL(" OR ").join(SQL("(%s)", condition) for condition in marks.values()),
                SQL(", ").join(
                    SQL("CASE WHEN %s THEN %s END", condition, mark)
                    for mark, condition in marks.items()
                ),
                self._special_sql(company),
            ),
            joins=SQL(
                """
                %s
           LEFT JOIN account_payment_method_line method
                  ON method.id = move.preferred_payment_method_line_id
                """,
                self.env["collection.debtor"]._join_sql(),
            ),
            # The partners are worked out first: the ledger's index on what is unreconciled then
            # finds their items, and a batch never reads those of all other customers.
            where=SQL(
                """debtor.case_id = ANY(%(cases)s) AND line.company_id = ANY(%(companies)s)
                   AND line.partner_id = ANY(ARRAY(
                           SELECT known.partner_id FROM collection_debtor known
                            WHERE known.case_id = ANY(%(cases)s)))""",
                cases=id_array(cases.ids),
                companies=company._collection_cluster().ids,
            ),
        )

    @api.model
    def _get_item_marks(self):
        """Return {mark: condition on ``line``, ``move`` and ``method``}; add-ons extend it.

        A mark is what an item guard looks for; its condition is asked in the one query on
        items, so that a new mark costs no query.
        """
        # All companies of the database are ours, whichever the user is allowed.
        own_companies = self.env["res.company"].sudo().search([]).partner_id
        return {
            "no_followup": SQL("line.no_followup"),
            "intercompany": SQL(
                "line.partner_id = ANY(%s)", own_companies.commercial_partner_id.ids
            ),
            "assigned": SQL("move.collection_assigned"),
            "deposit": SQL("move.collection_deposit"),
            "unsent": SQL(
                """move.move_type IN ('out_invoice', 'out_receipt')
                   AND move.is_move_sent IS NOT TRUE"""
            ),
            "debit": SQL("method.collection_in_hand"),
        }

    def _query_ranks(self, cases, moves, without=()):
        """Return what reminders gone out gave to open items.

        What was corrected since gives no rank any more. A task reaches its rank when it is done;
        an announcement that is a task has been made as soon as a person has it. What only went
        out beside a message counts for nothing.

        :param dict moves: {line: its document} of the open items
        :param without: ids of reminders to leave out
        :return: {line: (rank, in a person's hand, when it was last called about)}
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.line_id, item.move_id, %(reached)s
                  FROM collection_reminder reminder
                  JOIN collection_reminder_item item ON item.reminder_id = reminder.id
                 WHERE reminder.case_id = ANY(%(cases)s)
                   AND item.move_id = ANY(%(moves)s)
                   AND reminder.state IN ('sent', 'to_do')
                   AND reminder.is_beside IS NOT TRUE
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND reminder.id <> ALL(%(without)s)
              GROUP BY item.line_id, item.move_id
                """,
                cases=id_array(cases.ids),
                moves=id_array(set(moves.values())),
                without=list(without),
                reached=self._reached_sql(),
            )
        )
        reached = {line: found for line, _move, *found in rows if line}
        reminded = {row[1] for row in rows}
        unknown = [
            line for line, move in moves.items() if move in reminded and line not in reached
        ]
        if unknown:
            reached.update(self._query_inherited_ranks(unknown, without))
        return reached

    def _query_inherited_ranks(self, lines, without=()):
        """Return {line: reached} for lines that came after the reminders of their document.

        An invoice reset to draft and posted again with other terms keeps the rank that its
        old lines had reached; an instalment that was there all the time has its own.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, %(reached)s
                  FROM account_move_line line
                  JOIN collection_reminder_item item ON item.move_id = line.move_id
                  JOIN collection_reminder reminder ON reminder.id = item.reminder_id
             LEFT JOIN account_move_line reminded ON reminded.id = item.line_id
                 WHERE line.id = ANY(%(lines)s)
                   AND reminder.state IN ('sent', 'to_do')
                   AND reminder.is_beside IS NOT TRUE
                   AND reminder.kind NOT IN ('voice', 'correction')
                   AND reminder.id <> ALL(%(without)s)
                   AND reminder.create_date <= line.create_date
                   -- an entry may be of many customers, as that of opening balances is
                   AND (reminded.partner_id = line.partner_id
                        OR reminded.id IS NULL AND EXISTS (
                            SELECT FROM collection_debtor debtor
                             WHERE debtor.case_id = reminder.case_id
                               AND debtor.partner_id = line.partner_id))
              GROUP BY line.id
                """,
                lines=id_array(lines),
                without=list(without),
                reached=self._reached_sql(),
            )
        )
        return {line: found for line, *found in rows}

    def _reached_sql(self):
        return SQL(
            """COALESCE(MAX(item.rank) FILTER (
                   WHERE item.correction_id IS NULL
                     AND (reminder.state = 'sent'
                          OR reminder.state = 'to_do' AND reminder.kind = 'preventive')), 0),
               BOOL_OR(reminder.state = 'to_do' AND reminder.kind <> 'preventive'),
               MAX(COALESCE(reminder.claimed_at, reminder.create_date)) FILTER (
                   WHERE reminder.kind = 'rejected_debit' AND reminder.state <> 'unconfirmed')"""
        )

    def _query_payment_marks(self, cases):
        """Return ({move: marks}, {move: last rejection}) of payments that no line shows.

        A rejected debit is to be called about, every time; a payment without a journal entry is
        money on its way that no line knows of.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.invoice_id,
                       MAX(COALESCE(payment.collection_rejected_at, payment.create_date))
                           FILTER (WHERE payment.state = 'rejected'),
                       BOOL_OR(payment.state IN ('in_process', 'paid')
                               AND payment.move_id IS NULL)
                  FROM collection_debtor debtor
                  JOIN account_move move ON move.company_id = debtor.company_id
                                        AND move.commercial_partner_id = debtor.partner_id
                  JOIN account_move__account_payment link ON link.invoice_id = move.id
                  JOIN account_payment payment ON payment.id = link.payment_id
                 WHERE debtor.case_id = ANY(%s)
                   AND payment.state IN ('rejected', 'in_process', 'paid')
              GROUP BY link.invoice_id
                """,
                id_array(cases.ids),
            )
        )
        marks, rejected = {}, {}
        for move, rejected_at, in_process in rows:
            if in_process:
                marks[move] = frozenset({"payment_in_process"})
            elif rejected_at:
                marks[move] = frozenset({"debit_rejected"})
                rejected[move] = rejected_at
        return marks, rejected

    # === WHAT STANDS IN THE WAY === #

    def _add_holds(self, facts, cases, today):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (case_id) case_id, reason, date_end
                  FROM collection_hold
                 WHERE case_id = ANY(%(cases)s)
                   AND date_start <= %(today)s AND date_end >= %(today)s
                   AND (lifted_on IS NULL OR lifted_on > %(today)s)
              ORDER BY case_id, date_end DESC
                """,
                cases=id_array(cases.ids),
                today=today,
            )
        )
        for case, reason, end in rows:
            facts[case].hold = Hold(reason, end)

    def _add_reminders(self, facts, cases, without=()):
        """Say what waits, what needs a person, and when the customer last heard of us: what
        told our own salesperson, or only went out beside a message, is no contact."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT reminder.case_id,
                       MAX(state) FILTER (WHERE state IN (
                           'to_approve', 'scheduled', 'sending', 'to_print', 'printed')),
                       COALESCE(BOOL_OR(kind = 'rejected_debit') FILTER (
                           WHERE state IN ('scheduled', 'sending')), FALSE),
                       ARRAY_AGG(DISTINCT kind) FILTER (WHERE state IN (
                           'to_approve', 'scheduled', 'sending', 'to_print', 'printed')),
                       MAX(state) FILTER (WHERE state IN ('failed', 'unconfirmed')
                                              AND is_beside IS NOT TRUE),
                       MAX(GREATEST(decision_date, sent_at::date)) FILTER (
                           WHERE state = 'sent' AND kind NOT IN ('preventive', 'thanks', 'voice')
                             AND is_beside IS NOT TRUE
                             AND level.recipient_role IS DISTINCT FROM 'salesperson')
                  FROM collection_reminder reminder
             LEFT JOIN collection_level level ON level.id = reminder.level_id
                 WHERE reminder.case_id = ANY(%s) AND reminder.id <> ALL(%s)
                   AND kind <> 'agreement'
              GROUP BY reminder.case_id
                """,
                id_array(cases.ids),
                list(without),
            )
        )
        for case, pending, calling, kinds, stuck, last in rows:
            facts[case].pending = pending
            facts[case].call_pending = calling
            facts[case].pending_kinds = frozenset(kinds or ())
            facts[case].stuck = stuck
            facts[case].last_contact = last

    @api.model
    def _look_before(self, facts, reminder):
        """Set the facts of a reminder's case back to before its message left, to ask again.

        A reminder is itself the pending one; and what leaves beside a message must not find
        that the message took the items to the very level that it accompanies.
        """
        case = reminder.case_id
        fact = facts[case.id]
        siblings = reminder._get_siblings().filtered(lambda one: not one.is_beside)
        if siblings:
            fact.last_contact = fact.stuck = None
            self._add_reminders(facts, case, siblings.ids)
            moves = {item.key: item.move for item in fact.items}
            reached = self._query_ranks(case, moves, siblings.ids)
            for item in fact.items:
                item.rank, in_hand, *_rest = reached.get(item.key, (0, False))
                if not in_hand:
                    item.marks -= {"task_open"}
        fact.pending = None
        fact.pending_kinds = frozenset()
        if reminder.kind == decide.PREVENTIVE:
            self._look_beside(fact, reminder)

    @api.model
    def _look_beside(self, fact, announcement):
        """What waits to be approved keeps its own level from being called; what was decided
        with it waiting is asked again with it waiting."""
        waiting = announcement.search_count(
            [
                ("case_id", "=", announcement.case_id.id),
                ("kind", "!=", decide.PREVENTIVE),
                ("state", "=", "to_approve"),
            ],
            limit=1,
        )
        if waiting:
            fact.pending = "to_approve"

    # === SCENARIOS === #

    def _add_scenarios(self, facts, company, today, figures=None):
        """Give each case its scenario.

        :param figures: {case id: what conditions are asked about}, where they were measured
            without gathering the items
        """
        scenarios = self.env["collection.scenario"]._get_ordered(company)
        by_key = {scenario.id: scenario._get_facts() for scenario in scenarios}
        partner_ids = [fact.extra["partner"] for fact in facts.values()]
        segments = [scenario._get_segment(partner_ids) for scenario in scenarios]
        variants = {}  # a scenario has few: as many as there are classes of customers
        for fact in facts.values():

            def get_figures(fact=fact):
                if figures is not None:
                    return figures[fact.key]
                return segment.measure(fact.items, today, fact.extra["measures"])

            key = fact.extra["forced"] or segment.choose(
                segments, fact.extra["partner"], get_figures
            )
            variant = key, fact.extra["measures"].get("classes", NO_CLASS)
            if key in by_key and variant not in variants:
                variants[variant] = by_key[key].applying(variant[1])
            fact.scenario = variants.get(variant)
