from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.statement import Account, Item, Payment, Statement


class CollectionStatement(models.AbstractModel):
    """Statements of account: here what they say, read from the ledger for many cases at once.

    How they are made as PDF, as spreadsheet and as attachments of reminders is beside this file.
    """

    _name = "collection.statement"
    _description = "Statements of Account"

    @api.model
    def _get_since(self, company, as_of):
        """Return the first day of the payments that a statement shows by default, or None."""
        days = company.collection_statement_days
        return as_of - timedelta(days=days) if days > 0 else None

    @api.model
    def _gather(self, cases, as_of, since=None, past=False):
        """Return the statement of each case, in a constant number of queries.

        :param cases: recordset ``collection.case`` of a single company
        :param date as_of: day from which days overdue are counted
        :param date since: first day of the payments to show; None leaves them out
        :param bool past: read the ledger as it stood at the end of that day, not as it is now
        """
        self.env.flush_all()
        items = self._gather_items(cases, as_of, past)
        payments = self._gather_payments(cases, since, as_of) if since else {}
        found = {key: (items.get(key, []), payments.get(key, [])) for key in items | payments}
        by_case = defaultdict(list)
        for (case, currency), (rows, paid) in found.items():
            account = Account(self.env["res.currency"].browse(currency), rows, paid)
            by_case[case].append(account)
        own = cases.company_id.currency_id
        return [
            Statement(
                case,
                sorted(
                    by_case[case.id], key=lambda one: (one.currency != own, one.currency.name)
                ),
                since,
            )
            for case in cases.with_env(self.env)
        ]

    def _gather_items(self, cases, as_of, past):
        """Return {(case, currency): items}; amounts travel as text, not as floats."""
        rows = self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    debtor.case_id, line.currency_id, move.name,
                    COALESCE(NULLIF(move.ref, ''), line.name, ''),
                    COALESCE(move.invoice_date, line.date),
                    COALESCE(line.date_maturity, line.date), part.amount_currency::text,
                    COALESCE(member.complete_name, ''), %s
                    """,
                    # As it is now: what was contested on a past day is not told apart.
                    SQL("0::text") if past else SQL(
                        """LEAST(COALESCE(held.amount_currency, 0),
                                 GREATEST(part.amount_currency, 0))::text"""
                    ),
                ),
                joins=self._debtor_joins() if past else self._dispute_joins(cases),
                # What the accountant excluded, or a factor collects, is not ours to ask for.
                where=SQL(
                    """debtor.case_id = ANY(%s) AND part.amount_currency <> 0
                       AND line.no_followup IS NOT TRUE
                       AND move.collection_assigned IS NOT TRUE""",
                    cases.ids,
                ),
                as_of=as_of if past else None,
            )
        )
        items = defaultdict(list)
        for case, currency, *document, due, amount, member, disputed in rows:
            amount = Decimal(amount)
            days = max((as_of - due).days, 0) if amount > 0 else 0
            item = Item(*document, due, amount, days, member, Decimal(disputed))
            items[case, currency].append(item)
        return items

    @api.model
    def _debtor_joins(self):
        """Return the joins from a ``line`` to the case that it is dunned through."""
        return SQL(
            """
            %s
            JOIN res_partner member ON member.id = line.partner_id
            """,
            self.env["collection.debtor"]._join_sql(),
        )

    @api.model
    def _dispute_joins(self, cases):
        return SQL(
            """%s LEFT JOIN (%s) held ON held.line_id = line.id
                                    AND debtor.case_id = ANY(held.cases)""",
            self._debtor_joins(),
            self.env["collection.dispute"]._held_sql(
                SQL("dispute.case_id = ANY(%s)", cases.ids)
            ),
        )

    # === PAYMENTS === #

    def _gather_payments(self, cases, since, as_of, lines=None):
        """Return {(case, currency): payments and credits of the period}.

        A credit note that a payer shares is on two cases, each with its part of what it settled.

        :param list lines: only these, by their ids in the ledger
        """
        by_line, payments = defaultdict(list), defaultdict(list)
        for line, case, currency, *values, amount, whole, kind, member in self._query_payments(
            cases, since, as_of, lines
        ):
            payment = Payment(*values, -Decimal(amount), kind, member)
            by_line[line].append((payment, Decimal(whole)))
            payments[case, currency].append(payment)
        if by_line:
            for line, document, amount in self._query_settled(list(by_line), as_of):
                for payment, whole in by_line[line]:
                    part = Decimal(amount) * payment.amount / abs(whole)
                    payment.settled.append((document, part.quantize(payment.amount)))
        return payments

    def _query_payments(self, cases, since, as_of, lines):
        return self.env.execute_query(
            self._payments_sql(
                SQL(
                    """
                    line.id, debtor.case_id, line.currency_id, move.name,
                    COALESCE(NULLIF(move.ref, ''), line.name, ''), line.date,
                    part.amount_currency::text, line.amount_currency::text,
                    CASE WHEN move.move_type = 'out_refund' THEN 'credit_note'
                         WHEN journal.type NOT IN ('bank', 'cash', 'credit') THEN 'other'
                         WHEN line.balance < 0 THEN 'payment'
                         ELSE 'refund' END,
                    COALESCE(member.complete_name, '')
                    """
                ),
                cases,
                since,
                as_of,
                SQL("TRUE") if lines is None else SQL("line.id = ANY(%s)", lines),
            )
        )

    @api.model
    def _payments_sql(self, select, cases, since, as_of, where=None):
        """Return the query of money in or out, credit notes, and other credits of a period that
        follow-up does not exclude.

        :param SQL select: columns, on ``line``, ``move``, ``journal``, ``member``, ``debtor`` and
            ``part`` (the amounts that count for the case)
        :param SQL where: more conditions
        """
        return SQL(
            """
            SELECT %(select)s
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN account_journal journal ON journal.id = line.journal_id
        CROSS JOIN LATERAL (SELECT line.balance AS amount, line.amount_currency) item
              %(joins)s
             WHERE debtor.case_id = ANY(%(cases)s)
               AND line.date BETWEEN %(since)s AND %(as_of)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND part.amount_currency <> 0
               AND move.collection_assigned IS NOT TRUE
               AND (journal.type IN ('bank', 'cash', 'credit')
                    OR line.amount_currency < 0 AND line.no_followup IS NOT TRUE)
               AND %(where)s
            """,
            select=select,
            joins=self._debtor_joins(),
            cases=cases.ids,
            since=since,
            as_of=as_of,
            where=where or SQL("TRUE"),
        )

    def _query_settled(self, lines, as_of):
        """Return (line, document, amount in the line's currency) of what ``lines`` settled."""
        return self.env.execute_query(
            SQL(
                """
                SELECT found.line, other.move_name, found.amount::text
                  FROM (SELECT credit_move_id AS line, debit_move_id AS other,
                               credit_amount_currency AS amount, max_date
                          FROM account_partial_reconcile
                         WHERE credit_move_id = ANY(%(lines)s)
                     UNION ALL
                        SELECT debit_move_id, credit_move_id, debit_amount_currency, max_date
                          FROM account_partial_reconcile
                         WHERE debit_move_id = ANY(%(lines)s)) found
                  JOIN account_move_line other ON other.id = found.other
                 WHERE found.max_date <= %(as_of)s AND found.amount <> 0
              ORDER BY other.date, other.move_name
                """,
                lines=lines,
                as_of=as_of,
            )
        )
