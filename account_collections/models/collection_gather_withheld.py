from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.facts import ZERO


class CollectionGather(models.AbstractModel):
    """Parts of items that are not to be asked for: draft credit notes and retention money."""

    _inherit = "collection.gather"

    @api.model
    def _get_item_marks(self):
        return {
            **super()._get_item_marks(),
            "retention": SQL("move.collection_retention_date IS NOT NULL"),
        }

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        by_move = {}
        for fact in facts.values():
            for item in fact.items:
                if item.amount > ZERO:
                    by_move.setdefault(item.move, []).append(item)
        if by_move:
            self._add_draft_credits(by_move)
            self._add_retention(by_move)
        return facts

    @api.model
    def _withhold(self, item, code, amount, until):
        """Let the guard ``code`` withhold a part of an item until and including a day, or None."""
        item.marks |= {code}
        parts = dict(item.parts or {})
        parts[code] = (*parts.get(code, ()), (amount, until))
        item.parts = parts

    # === DRAFT CREDIT NOTES === #

    def _add_draft_credits(self, by_move):
        """What a draft credit note will take off an invoice, its oldest instalment first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT reversed_entry_id, SUM(ABS(amount_total_signed))::text
                  FROM account_move draft
                 WHERE reversed_entry_id = ANY(%s)
                   AND state = 'draft' AND move_type = 'out_refund'
                   -- the dispute that it was drafted for withholds its amount
                   AND NOT EXISTS (SELECT FROM collection_dispute_line contested
                                     JOIN collection_dispute dispute
                                       ON dispute.id = contested.dispute_id
                                    WHERE contested.credit_move_id = draft.id
                                      AND dispute.state IN ('accepted', 'partly_accepted'))
                   -- back to draft, it may still be reconciled: nothing is open there any more
                   AND NOT EXISTS (SELECT FROM account_move_line counterpart
                                     JOIN account_partial_reconcile partial
                                       ON partial.credit_move_id = counterpart.id
                                    WHERE counterpart.move_id = draft.id)
              GROUP BY reversed_entry_id
                """,
                list(by_move),
            )
        )
        for move, total in rows:
            self._spread(
                sorted(by_move[move], key=lambda item: item.due),
                Decimal(total),
                lambda item, part: self._withhold(item, "draft_credit", part, None),
            )

    def _spread(self, items, total, withhold):
        for item in items:
            part = min(total, item.amount)
            if part > ZERO:
                withhold(item, part)
                total -= part

    # === RETENTION === #

    def _add_retention(self, by_move):
        """The last instalments hold the retention, so that payments go to the rest first."""
        marked = [
            move for move, items in by_move.items() if any("retention" in i.marks for i in items)
        ]
        if not marked:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, collection_retention_date,
                       ROUND(COALESCE(
                           NULLIF(collection_retention_amount, 0),
                           amount_total * collection_retention_percent::numeric / 100
                       ), currency.decimal_places)::text,
                       ABS(amount_total_signed)::text, amount_total::text
                  FROM account_move move
                  JOIN res_currency currency ON currency.id = move.currency_id
                 WHERE move.id = ANY(%s)
                """,
                marked,
            )
        )
        for move, release, retained, company_total, total in rows:
            if not retained or not Decimal(total):
                continue
            # By the invoice's own rate, never by today's.
            amount = Decimal(retained) * Decimal(company_total) / Decimal(total)
            self._spread(
                sorted(by_move[move], key=lambda item: item.due, reverse=True),
                amount,
                lambda item, part, release=release: self._withhold(
                    item, "retention", part, release
                ),
            )
