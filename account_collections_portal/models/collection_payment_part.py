from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

#: A payment that a provider is processing holds its items so many days at most: providers end
#: theirs much earlier, and what was lost on the way must not silence dunning for ever.
PROCESSING_DAYS = 30


class CollectionPaymentPart(models.Model):
    """What a payment transaction pays: a part of an open item, all of it, or a credit it nets.

    The core links transactions to invoices, and reconciles all lines of these. Here each line has
    its amount: it is reserved as long as the payment is under way (:meth:`_query_live`), and once
    the payment is made the payment's journal entry pays exactly these lines and amounts
    (:meth:`_split_counterpart`, :meth:`_settle`). What can no longer be paid stays a credit of the
    payer, and is work for the owner of the case.
    """

    _name = "collection.payment.part"
    _description = "Part of an Online Payment"
    _order = "id desc"
    _rec_name = "move_name"

    transaction_id = fields.Many2one(
        "payment.transaction", required=True, readonly=True, index=True, ondelete="cascade"
    )
    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    # The line's key beside a snapshot: entries may be drafted and made anew.
    line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(
        required=True, readonly=True, help="Negative for a credit that the payment nets."
    )
    settled = fields.Monetary(readonly=True, default=0.0, help="What was reconciled.")
    is_settled = fields.Boolean(
        string="Booked", readonly=True, help="The payment was made and its entry is booked."
    )
    reference = fields.Char(related="transaction_id.reference", store=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    state = fields.Selection(related="transaction_id.state", string="Payment")
    payer_id = fields.Many2one(related="transaction_id.partner_id", string="Payer")

    _live = models.Index("(company_id) WHERE is_settled IS NOT TRUE")
    # One transaction pays an item once.
    _line_unique = models.UniqueIndex("(transaction_id, line_id) WHERE line_id IS NOT NULL")

    # === RESERVED === #

    @api.model
    def _query_live(self, company, where=None):
        """Return what payments under way will pay, in one query.

        :param SQL where: more conditions, on ``part`` and ``tx``
        :return: [(line, case, amount in its currency, whether it was only announced, last day that
            it holds or None)]; amounts are Decimal. The case is None where the item has moved to
            another one since: whoever is asked for it now is meant. Announcing again what has not
            come, or was withdrawn, holds no longer than the first time.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT part.line_id, debtor.case_id, (part.amount - part.settled)::text,
                       said.announced,
                       tx.state = 'done',
                       (COALESCE(first.moment, tx.last_state_change)
                           AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                  FROM collection_payment_part part
                  JOIN payment_transaction tx ON tx.id = part.transaction_id
                  JOIN payment_provider provider ON provider.id = tx.provider_id
            CROSS JOIN LATERAL (
                       SELECT tx.state = 'pending' AND provider.code = 'custom') said (announced)
            CROSS JOIN LATERAL (
                       SELECT MIN(CASE early.state WHEN 'cancel' THEN early.create_date
                                                   ELSE early.last_state_change END)
                         FROM collection_payment_part known
                         JOIN payment_transaction early ON early.id = known.transaction_id
                        WHERE said.announced
                          AND known.line_id = part.line_id AND known.case_id = part.case_id
                          AND early.provider_id = tx.provider_id
                          AND early.state IN ('pending', 'cancel')) first (moment)
                  JOIN account_move_line line ON line.id = part.line_id
             LEFT JOIN LATERAL (
                       SELECT known.case_id FROM collection_debtor known
                        WHERE known.case_id = part.case_id
                          AND known.company_id = line.company_id
                          AND known.partner_id = line.partner_id
                        LIMIT 1) debtor ON TRUE
             LEFT JOIN account_payment payment ON payment.id = tx.payment_id
                 WHERE part.company_id = ANY(%(companies)s)
                   AND part.is_settled IS NOT TRUE
                   AND (tx.state IN ('pending', 'authorized')
                        OR tx.state = 'done' AND (
                            tx.is_post_processed IS NOT TRUE
                            -- without a journal entry, no line of the ledger shows it
                            OR payment.move_id IS NULL AND payment.state = 'in_process'))
                   AND %(where)s
              ORDER BY part.id
                """,
                zone=company._collection_timezone().zone,
                companies=company._collection_cluster().ids,
                where=where or SQL("TRUE"),
            )
        )
        live = []
        for line, case, amount, is_announced, is_done, day in rows:
            days = company.collection_announced_days if is_announced else PROCESSING_DAYS
            end = None if is_done else day + timedelta(days=days)
            live.append((line, case, Decimal(amount), is_announced, end))
        return live

    @api.model
    def _get_reserved(self, case, lines):
        """Return {line id: amount} of what payments under way pay of the items of a case.

        Negative for credits that they net; in the currency of each line.
        """
        today = case.company_id._collection_today()
        reserved = {}
        where = SQL("part.line_id = ANY(%s)", lines.ids)
        for line, payer, amount, _is_announced, end in self._query_live(case.company_id, where):
            # Of an item that two debtors share, each pays its own part.
            if payer in (None, case.id) and (end is None or today <= end):
                reserved[line] = reserved.get(line, 0.0) + float(amount)
        return reserved
