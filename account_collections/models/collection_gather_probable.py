from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine import matching
from ..engine.facts import Item
from .collection_ledger import id_array

#: A key of no case: the money comes from somebody known who owes nothing.
NOBODY = 0

PROBABLE = "probably_paid"
SHARED = "probably_paid_shared"


class CollectionGather(models.AbstractModel):
    """Money that arrived and is not allocated, and what it probably pays.

    One query a batch looks for such money; where there is none, that is all. Credits on the
    receivable account are netted like any other and are not looked for here.
    """

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        company = self._get_company(cases)
        arrived = self._get_arrived(company, today)
        if arrived:
            self._add_probable(facts, arrived, company, today)
        self._add_received(facts, today)
        return facts

    # === WHAT ARRIVED === #

    @api.model
    def _get_arrived(self, company, today):
        """Return the engine's ``Money`` that arrived lately; its key is (table, id)."""
        days = company.collection_probable_days
        if not days:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                WITH money AS (%(lines)s UNION ALL %(payments)s),
                     sender AS (%(senders)s)
                SELECT money.source, money.id, money.day, money.currency, money.amount::text,
                       money.company_amount::text, money.text,
                       money.partner IS NOT NULL,
                       ARRAY(SELECT sender.case_id FROM sender
                              WHERE sender.source = money.source AND sender.id = money.id),
                       money.partner, money.journal
                  FROM money
                 WHERE money.amount > 0 AND money.day > %(today)s::date - %(days)s
                   AND money.day <= %(today)s
              ORDER BY money.source, money.id
                """,
                lines=self._statement_lines_sql(company, today, days),
                payments=self._payments_sql(company, today, days),
                senders=self._senders_sql(company),
                today=today,
                days=days,
            )
        )
        return self._without_booked(rows, company)

    def _day_sql(self, company, column):
        """Return the day of a timestamp on the company's clock."""
        zone = company._collection_timezone().zone
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, zone)

    def _statement_lines_sql(self, company, today, days):
        """Bank statement lines with something left on the suspense account."""
        return SQL(
            """
            SELECT 'statement' AS source, line.id, %(day)s AS day,
                   COALESCE(line.foreign_currency_id, line.currency_id) AS currency,
                   ABS(COALESCE(NULLIF(line.amount_residual, 0), NULLIF(line.amount_currency, 0),
                                line.amount))::numeric AS amount,
                   (ABS(move.amount_total_signed)
                       * ABS(COALESCE(NULLIF(line.amount_residual, 0),
                                      NULLIF(line.amount_currency, 0), line.amount))::numeric
                       / NULLIF(ABS(COALESCE(NULLIF(line.amount_currency, 0), line.amount)), 0)
                   )::numeric AS company_amount,
                   concat_ws(' ; ', line.payment_ref, move.ref) AS text,
                   line.partner_id AS partner, line.journal_id AS journal,
                   line.partner_name AS name, line.account_number AS account
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.company_id = %(company)s
               AND line.is_reconciled IS NOT TRUE
               AND line.amount > 0
               AND move.state = 'posted'
               AND line.create_date >= %(since)s
            """,
            day=self._day_sql(company, SQL("line.create_date")),
            company=company.id,
            since=today - timedelta(days=days + 1),
        )

    def _payments_sql(self, company, today, days):
        """Payments without a journal entry, linked to no invoice: no ledger line shows them."""
        return SQL(
            """
            SELECT 'payment', payment.id, %(day)s, payment.currency_id, payment.amount,
                   ABS(payment.amount_company_currency_signed),
                   concat_ws(' ; ', payment.memo, payment.payment_reference),
                   payment.partner_id, payment.journal_id, NULL, NULL
              FROM account_payment payment
             WHERE payment.company_id = %(company)s
               AND payment.payment_type = 'inbound'
               AND payment.state IN ('in_process', 'paid')
               AND payment.move_id IS NULL
               AND payment.create_date >= %(since)s
               AND NOT EXISTS (SELECT FROM account_move__account_payment link
                                WHERE link.payment_id = payment.id)
            """,
            day=self._day_sql(company, SQL("payment.create_date")),
            company=company.id,
            since=today - timedelta(days=days + 1),
        )

    def _senders_sql(self, company):
        """Whose money it is: its partner; else who has that bank account, or that name."""
        return SQL(
            """
            SELECT money.source, money.id, debtor.case_id
              FROM money
              JOIN res_partner partner ON partner.id = money.partner
              JOIN (%(debtors)s) debtor
                ON debtor.company_id = %(company)s
               AND debtor.partner_id IN (partner.id, partner.commercial_partner_id)
             UNION
            SELECT money.source, money.id, debtor.case_id
              FROM money
              JOIN res_partner_bank bank
                ON bank.sanitized_acc_number = upper(
                       regexp_replace(money.account, '[^[:alnum:]]', '', 'g'))
              JOIN res_partner partner ON partner.id = bank.partner_id
              JOIN (%(debtors)s) debtor
                ON debtor.company_id = %(company)s
               AND debtor.partner_id IN (partner.id, partner.commercial_partner_id)
             WHERE money.partner IS NULL
             UNION
            SELECT money.source, money.id, debtor.case_id
              FROM money
              JOIN res_partner partner ON lower(partner.name) = lower(money.name)
              JOIN (%(debtors)s) debtor
                ON debtor.company_id = %(company)s
               AND debtor.partner_id IN (partner.id, partner.commercial_partner_id)
             WHERE money.partner IS NULL
            """,
            company=company.id,
            # Who pays for others may owe nothing in its own name: its case tells.
            debtors=SQL(
                """SELECT company_id, partner_id, case_id FROM collection_debtor
                    UNION ALL
                   SELECT company_id, partner_id, id FROM collection_case"""
            ),
        )

    def _without_booked(self, rows, company):
        """Leave out bank lines whose payment was registered already: it nets as a credit.

        One line for each payment that waits for its bank line: the same amount, and the same
        customer or none said.
        """
        waiting = self._query_booked(company, [row[4] for row in rows if row[0] == "statement"])
        found = []
        for source, key, day, currency, amount, own, text, known, cases, partner, _journal in rows:
            if source == "statement":
                booked = next(
                    (
                        one
                        for one, count in waiting.items()
                        if count
                        and one[:2] == (currency, Decimal(amount))
                        and (not known or partner in one[2])
                    ),
                    None,
                )
                if booked:
                    waiting[booked] -= 1
                    continue
            customers = frozenset(cases) or frozenset({NOBODY} if known else ())
            found.append(
                matching.Money(
                    (source, key), Decimal(amount), currency, Decimal(own), text, customers, day
                )
            )
        return found

    def _query_booked(self, company, amounts):
        """Return {(currency, amount, partner and its legal entity): count} of such payments."""
        if not amounts:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT payment.currency_id, payment.amount::text, partner.id,
                       partner.commercial_partner_id
                  FROM account_payment payment
             LEFT JOIN res_partner partner ON partner.id = payment.partner_id
                 WHERE payment.company_id = %s
                   AND payment.payment_type = 'inbound'
                   AND payment.state = 'in_process'
                   AND payment.is_matched IS NOT TRUE
                   AND payment.move_id IS NOT NULL
                   AND payment.amount = ANY(%s::numeric[])
                """,
                company.id,
                amounts,
            )
        )
        return Counter(
            (currency, Decimal(amount), frozenset(partners))
            for currency, amount, *partners in rows
        )

    # === WHAT IT PAYS === #

    def _add_probable(self, facts, arrived, company, today):
        least = company.collection_probable_certainty
        customers = {key: fact.items for key, fact in facts.items()}
        references = self._query_references(arrived, company, SQL("= ANY(%s)", id_array(facts)))
        debts = matching.Debts(customers, references, today)
        hits = [money for money in arrived if debts.find(money, least)[1]]
        if not hits:
            return
        # Two customers may owe the same: whoever else it could be is asked for, in any case.
        others = self._query_others(hits, company, list(facts))
        if others:
            references |= self._query_references(
                hits, company, SQL("= ANY(%s)", list(others))
            )
            debts = matching.Debts({**customers, **others}, references, today)
        for money in hits:
            certainty, matches = debts.find(money, least)
            concerned = {customer for customer, _item, _amount in matches} | (
                money.customers if certainty == matching.CUSTOMER else set()
            )
            code = SHARED if len(concerned) > 1 else PROBABLE
            until = money.day + timedelta(days=company.collection_probable_days - 1)
            for customer, item, amount in matches:
                if customer in facts:
                    self._withhold(item, code, amount, until)
                    facts[customer].extra.setdefault("probable", []).append(
                        (money.key, certainty, item.key, amount, until, sorted(concerned))
                    )

    def _reference_sql(self, column):
        return SQL("translate(upper(%s), %s, '')", column, matching.PUNCTUATION)

    def _query_references(self, arrived, company, cases):
        """Return {line: references} of open items that some money names.

        :param SQL cases: condition on the case's id, without its left side
        """
        tokens = sorted(set().union(*(matching.tokens(money.text) for money in arrived)))
        if not tokens:
            return {}
        columns = (SQL("move.name"), SQL("move.payment_reference"))
        names = [self._reference_sql(column) for column in columns]
        rows = self.env.execute_query(
            self._open_sql(
                company,
                SQL("line.id, %s, %s", *names),
                SQL(
                    "debtor.case_id %s AND (%s = ANY(%s) OR %s = ANY(%s))",
                    cases, names[0], tokens, names[1], tokens,
                ),
            )
        )
        return {
            line: tuple({name for name in found if name and matching.is_telling(name)})
            for line, *found in rows
        }

    def _query_others(self, hits, company, known):
        """Return {case id: items} of other cases that the same money may pay."""
        tokens = sorted(set().union(*(matching.tokens(money.text) for money in hits)))
        amounts = [str(money.amount) for money in hits]
        suspects = SQL(
            """debtor.case_id <> ALL(%(known)s) AND (
                   %(name)s = ANY(%(tokens)s::text[]) OR %(reference)s = ANY(%(tokens)s::text[])
                   OR line.amount_residual_currency = ANY(%(amounts)s::numeric[])
                   OR debtor.case_id IN (
                       SELECT id FROM collection_case
                        WHERE company_id = %(company)s
                          AND (outstanding = ANY(%(amounts)s::numeric[])
                               OR overdue = ANY(%(amounts)s::numeric[]))))""",
            known=id_array(known),
            name=self._reference_sql(SQL("move.name")),
            reference=self._reference_sql(SQL("move.payment_reference")),
            tokens=tokens,
            amounts=amounts,
            company=company.id,
        )
        rows = self.env.execute_query(
            self._open_sql(company, SQL("DISTINCT debtor.case_id"), suspects)
        )
        cases = {case for (case,) in rows}
        for money in hits:
            cases |= money.customers - set(known) - {NOBODY}
        if not cases:
            return {}
        items = defaultdict(list)
        for case, line, move, due, amount, currency, own in self.env.execute_query(
            self._open_sql(
                company,
                SQL(
                    """debtor.case_id, line.id, line.move_id,
                       COALESCE(line.date_maturity, line.date),
                       part.amount::text, line.currency_id, part.amount_currency::text"""
                ),
                SQL("debtor.case_id = ANY(%s)", list(cases)),
            )
        ):
            items[case].append(Item(line, move, due, Decimal(amount), currency, Decimal(own)))
        return items

    def _open_sql(self, company, select, where):
        return self.env["collection.ledger"]._open_items_sql(
            select,
            joins=self.env["collection.debtor"]._join_sql(),
            where=SQL("line.company_id = %s AND %s", company.id, where),
        )

    # === PAYMENTS THAT NOBODY NETS === #

    @api.model
    def _get_item_marks(self):
        return {
            **super()._get_item_marks(),
            "received": SQL(
                """item.amount < 0 AND (move.origin_payment_id IS NOT NULL
                                        OR move.statement_line_id IS NOT NULL)"""
            ),
        }

    def _add_received(self, facts, today):
        """Where credits are not netted, an unallocated payment holds the debts that it equals."""
        for key, fact in facts.items():
            if not fact.scenario or fact.scenario.net_credits:
                continue
            for credit in [item for item in fact.items if "received" in item.marks]:
                money = matching.Money(
                    ("credit", credit.key),
                    -credit.amount_currency,
                    credit.currency,
                    -credit.amount,
                    customers=frozenset({key}),
                )
                debts = matching.Debts({key: fact.items}, {}, today)
                for _customer, item, amount in debts.find_exact(money):
                    self._withhold(item, PROBABLE, amount, None)
