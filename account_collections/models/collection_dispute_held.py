from odoo import api, models
from odoo.tools import SQL

from .collection_dispute import ACCEPTED, OPEN
from .collection_ledger import id_array


class CollectionDispute(models.Model):
    """How much of which item is withheld: the one answer for runs, screens, cover and forecasts."""

    _inherit = "collection.dispute"

    @api.model
    def _get_disputed_amounts(self, lines):
        """Return {receivable line id: (amount in its currency, amount in company currency)}.

        Only open items with something withheld are there; one query whatever their number. An
        open dispute withholds what is contested; an accepted one what was accepted, until the
        credit note is posted.

        :param lines: recordset ``account.move.line``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT line_id, amount_currency, amount FROM (%s) held",
                self._held_sql(SQL("line.move_id = ANY(%s)", lines.move_id.ids)),
            )
        )
        wanted = set(lines.ids)
        return {
            line: (float(own), float(amount)) for line, own, amount in rows if line in wanted
        }

    @api.model
    def _held_sql(self, where=None, as_of=None):
        """Return a query (line_id, amount_currency, amount, cases) on what disputes withhold.

        A dispute of a document without a certain item lies on its items oldest due date first.
        No item is withheld for more than is open on it. The part in company currency follows
        from the item's own residuals, never from today's rate. ``cases`` are those that contest:
        of an item that two debtors share, the other one's part is not withheld.

        :param SQL where: more conditions, on ``dispute`` and ``line`` (the dispute's)
        :param date as_of: at the end of that day, by the days on which disputes were opened,
            decided and closed; None as it is. One that was reopened counts all the time; amounts
            are those of today
        """
        return SQL(
            """
            WITH contested AS (%(contested)s)
            SELECT part.line_id, part.held AS amount_currency,
                   ROUND(part.held * part.residual / part.own, part.decimals) AS amount,
                   part.cases
              FROM (SELECT debt.id AS line_id, debt.own, debt.residual, debt.decimals,
                           debt.cases,
                           debt.certain + GREATEST(LEAST(
                               debt.own - debt.certain,
                               debt.loose - COALESCE(SUM(debt.own - debt.certain) OVER earlier, 0)
                           ), 0) AS held
                      FROM (%(debts)s) debt
                    WINDOW earlier AS (PARTITION BY debt.move_id ORDER BY debt.due, debt.id
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) part
             WHERE part.held > 0
            """,
            contested=self._contested_sql(where or SQL("TRUE"), as_of),
            debts=self._contested_debts_sql(as_of),
        )

    @api.model
    def _contested_debts_sql(self, as_of=None):
        """Return the open items of ``contested`` documents, with what is contested of each.

        ``certain`` is contested of the item itself, ``loose`` of its document.
        """
        ledger = self.env["collection.ledger"]
        return SQL(
            """
            SELECT line.id, line.move_id, COALESCE(line.date_maturity, line.date) AS due,
                   item.amount_currency AS own, item.amount AS residual,
                   currency.decimal_places AS decimals, COALESCE(document.loose, 0) AS loose,
                   LEAST(item.amount_currency, COALESCE(named.certain, 0)) AS certain,
                   array_cat(document.cases, named.cases) AS cases
              FROM (SELECT move_id, SUM(held) FILTER (WHERE line_id IS NULL) AS loose,
                           array_agg(case_id) FILTER (WHERE line_id IS NULL) AS cases
                      FROM contested GROUP BY move_id) document
              JOIN account_move_line line ON line.move_id = document.move_id
              %(residual)s
              JOIN account_account account ON account.id = line.account_id
              JOIN res_company company ON company.id = line.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
         LEFT JOIN (SELECT line_id, SUM(held) AS certain, array_agg(case_id) AS cases
                      FROM contested GROUP BY line_id) named ON named.line_id = line.id
             WHERE account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND line.parent_state = 'posted'
               AND %(is_open)s
               AND item.amount_currency > 0
            """,
            residual=ledger._residual_as_of(as_of) if as_of else ledger._residual_now(),
            is_open=(
                ledger._is_open_as_of(as_of) if as_of else SQL("line.reconciled IS NOT TRUE")
            ),
        )

    @api.model
    def _contested_sql(self, where, as_of=None):
        """Return (case_id, move_id, line_id, held) of dispute lines that withhold anything.

        A credit note that went back to draft may still be reconciled with its invoice: then its
        amount is no longer open there, and not withheld a second time.
        """
        was_credited, was_settled = SQL("TRUE"), SQL("TRUE")
        if as_of:
            was_credited = SQL("COALESCE(credit.invoice_date, credit.date) <= %s", as_of)
            was_settled = SQL("partial.max_date <= %s", as_of)
        return SQL(
            """
            SELECT dispute.case_id, line.move_id, line.line_id,
                   CASE WHEN %(is_open)s THEN line.amount_currency
                        ELSE line.accepted_currency END AS held
              FROM collection_dispute dispute
              JOIN collection_dispute_line line ON line.dispute_id = dispute.id
         LEFT JOIN account_move credit ON credit.id = line.credit_move_id
             WHERE (%(is_open)s
                    OR (%(is_accepted)s
                        AND (credit.state = 'posted' AND %(was_credited)s) IS NOT TRUE
                        AND NOT EXISTS (
                            SELECT FROM account_move_line counterpart
                              JOIN account_partial_reconcile partial
                                ON partial.credit_move_id = counterpart.id
                             WHERE counterpart.move_id = credit.id AND %(was_settled)s)))
               AND %(where)s
            """,
            is_open=self._is_open_sql(as_of),
            is_accepted=self._is_accepted_sql(as_of),
            was_credited=was_credited,
            was_settled=was_settled,
            where=where,
        )

    @api.model
    def _is_open_sql(self, as_of):
        """Return the condition that a ``dispute`` is open, or was at the end of a day."""
        if not as_of:
            return SQL("dispute.state IN %s", OPEN)
        return SQL(
            """(dispute.date_opened <= %(day)s
                AND COALESCE(dispute.resolved_on, dispute.closed_on, 'infinity') > %(day)s)""",
            day=as_of,
        )

    @api.model
    def _is_accepted_sql(self, as_of):
        """Return the condition that a ``dispute`` is accepted, or was, and not closed."""
        if not as_of:
            return SQL("dispute.state IN %s", ACCEPTED)
        return SQL(
            """(dispute.outcome IN %(accepted)s AND dispute.resolved_on <= %(day)s
                AND COALESCE(dispute.closed_on, 'infinity') > %(day)s)""",
            accepted=ACCEPTED,
            day=as_of,
        )

    @api.model
    def _resumed_sql(self, cases):
        """Return a query (case, line, rank to resume at, rank reached since) on what is decided."""
        return SQL(
            """
            SELECT DISTINCT ON (dispute.case_id, debt.id)
                   dispute.case_id, debt.id, dispute.resume_rank, COALESCE((
                       SELECT MAX(item.rank)
                         FROM collection_reminder_item item
                         JOIN collection_reminder reminder ON reminder.id = item.reminder_id
                        WHERE item.line_id = debt.id
                          AND reminder.case_id = dispute.case_id
                          AND reminder.state = 'sent'
                          AND reminder.sent_at > dispute.resolved_at), 0)
              FROM collection_dispute dispute
              JOIN collection_dispute_line line ON line.dispute_id = dispute.id
              %s
             WHERE dispute.case_id = ANY(%s)
               AND dispute.resume_rank > 0
               AND debt.reconciled IS NOT TRUE
          ORDER BY dispute.case_id, debt.id, dispute.resolved_at DESC, dispute.id DESC
            """,
            self._join_debts_sql(),
            id_array(cases.ids),
        )

    @api.model
    def _join_debts_sql(self):
        """Return a join of ``debt``, the receivable items that a dispute's ``line`` contests."""
        return SQL(
            """JOIN account_move_line debt
                 ON debt.move_id = line.move_id
                AND (line.line_id IS NULL OR debt.id = line.line_id)
               JOIN account_account account
                 ON account.id = debt.account_id
                AND account.account_type = 'asset_receivable'"""
        )
