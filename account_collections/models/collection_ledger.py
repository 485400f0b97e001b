from decimal import ROUND_HALF_EVEN, Decimal

from odoo import api, models
from odoo.tools import SQL


def id_array(ids):
    """Return ``ids`` as an SQL array of integers.

    It travels as one text: thousands of numbers, quoted one by one, cost more than most of the
    queries that ask for them.
    """
    return SQL("%s::int4[]", "{" + ",".join(map(str, ids)) + "}")


class CollectionLedger(models.AbstractModel):
    """The one query on open items: runs, screens, forecasts and cover all read through it.

    An open item is a receivable line that is not fully reconciled, invoice instalment, credit
    note or unallocated payment alike. Accounts marked 'non trade' are not ours.
    """

    _name = "collection.ledger"
    _description = "Open Items of the Ledger"

    @api.model
    def _to_decimal(self, value):
        """Return a Float field's value as a Decimal, through its shortest text."""
        return Decimal(repr(value or 0.0)).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)

    @api.model
    def _is_money_sql(self):
        """Return the condition that what settles an item is money, on its ``journal``."""
        return SQL("journal.type IN ('bank', 'cash', 'credit')")

    @api.model
    def _open_items_sql(self, select, joins=None, where=None, as_of=None, of_all=False):
        """Return the query of open items.

        The accounts are worked out first: by them and the customer, the ledger's own index on
        what is unreconciled finds the items of some customers among those of all.

        :param SQL select: columns, on ``line``, ``move`` and ``item``
            (``item.amount`` and ``item.amount_currency``: what is open, company and own currency)
        :param SQL joins: more joins
        :param SQL where: more conditions
        :param date as_of: open at the end of that day, by the dates of the partial
            reconciliations; None reads the ledger as it is now
        :param bool of_all: whole companies are asked for ``as_of``: what was reconciled since is
            undone, which is less than all that ever was
        """
        if as_of and of_all:
            residual, is_open = self._residual_undone(as_of), self._is_open_undone(as_of)
        elif as_of:
            residual, is_open = self._residual_as_of(as_of), self._is_open_as_of(as_of)
        else:
            residual, is_open = self._residual_now(), SQL("line.reconciled IS NOT TRUE")
        return SQL(
            """
            SELECT %(select)s
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              %(residual)s
              %(joins)s
             WHERE line.parent_state = 'posted'
               AND line.account_id = ANY(ARRAY(
                       SELECT account.id FROM account_account account
                        WHERE account.account_type = 'asset_receivable'
                          AND account.non_trade IS NOT TRUE))
               AND line.partner_id IS NOT NULL
               AND %(is_open)s
               AND %(where)s
            """,
            select=select,
            residual=residual,
            joins=joins or SQL(),
            is_open=is_open,
            where=where or SQL("TRUE"),
        )

    @api.model
    def _residual_now(self):
        return SQL(
            """CROSS JOIN LATERAL (
                SELECT line.amount_residual AS amount,
                       line.amount_residual_currency AS amount_currency
            ) item"""
        )

    @api.model
    def _residual_as_of(self, as_of):
        """A partial counts on the latest date of its two lines (``max_date``)."""
        return SQL(
            """CROSS JOIN LATERAL (
                SELECT line.balance
                       - COALESCE(SUM(partial.amount)
                                  FILTER (WHERE partial.debit_move_id = line.id), 0)
                       + COALESCE(SUM(partial.amount)
                                  FILTER (WHERE partial.credit_move_id = line.id), 0)
                         AS amount,
                       line.amount_currency
                       - COALESCE(SUM(partial.debit_amount_currency)
                                  FILTER (WHERE partial.debit_move_id = line.id), 0)
                       + COALESCE(SUM(partial.credit_amount_currency)
                                  FILTER (WHERE partial.credit_move_id = line.id), 0)
                         AS amount_currency
                  FROM account_partial_reconcile partial
                 WHERE (partial.debit_move_id = line.id OR partial.credit_move_id = line.id)
                   AND partial.max_date <= %(as_of)s
            ) item""",
            as_of=as_of,
        )

    @api.model
    def _is_open_as_of(self, as_of):
        return SQL(
            "line.date <= %(as_of)s AND (item.amount <> 0 OR item.amount_currency <> 0)",
            as_of=as_of,
        )

    @api.model
    def _residual_undone(self, as_of):
        return SQL(
            """
            LEFT JOIN (
                SELECT part.line_id, SUM(part.amount) AS amount,
                       SUM(part.amount_currency) AS amount_currency
                  FROM account_partial_reconcile partial
            CROSS JOIN LATERAL (VALUES
                           (partial.debit_move_id, partial.amount, partial.debit_amount_currency),
                           (partial.credit_move_id, -partial.amount,
                            -partial.credit_amount_currency)
                       ) part(line_id, amount, amount_currency)
                 WHERE partial.max_date > %(as_of)s
              GROUP BY part.line_id
            ) undone ON undone.line_id = line.id
            CROSS JOIN LATERAL (
                SELECT line.amount_residual + COALESCE(undone.amount, 0) AS amount,
                       line.amount_residual_currency + COALESCE(undone.amount_currency, 0)
                         AS amount_currency
            ) item""",
            as_of=as_of,
        )

    @api.model
    def _is_open_undone(self, as_of):
        return SQL(
            "(line.reconciled IS NOT TRUE OR undone.line_id IS NOT NULL) AND %s",
            self._is_open_as_of(as_of),
        )
