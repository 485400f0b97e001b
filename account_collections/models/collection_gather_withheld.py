from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.facts import ZERO
from .collection_ledger import id_array


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
        self._add_draft_credits(facts, self._get_company(cases))
        self._add_retention(facts)
        return facts

    def _get_debts(self, facts, moves):
        """Return {move: its open debts}; what most items are not is asked first."""
        found = {}
        for fact in facts.values():
            for item in fact.items:
                if item.move in moves and item.amount > ZERO:
                    found.setdefault(item.move, []).append(item)
        return found

    @api.model
    def _withhold(self, item, code, amount, until):
        """Let the guard ``code`` withhold a part of an item until and including a day, or None."""
        item.marks |= {code}
        parts = dict(item.parts or {})
        parts[code] = (*parts.get(code, ()), (amount, until))
        item.parts = parts

    # === DRAFT CREDIT NOTES === #

    def _add_draft_credits(self, facts, company):
        """What a draft credit note will take off an invoice, its oldest instalment first.

        Drafts are few, the invoices of a batch many: the drafts are looked for. One that a
        dispute came to is withheld by the dispute; one that went back to draft may still be
        reconciled, and has lowered what is open.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT credit.reversed_entry_id, SUM(ABS(credit.amount_total_signed))::text
                  FROM account_move credit
                 WHERE credit.company_id = %s AND credit.reversed_entry_id IS NOT NULL
                   AND credit.state = 'draft' AND credit.move_type = 'out_refund'
                   AND NOT EXISTS (SELECT FROM collection_dispute_line line
                                          JOIN collection_dispute dispute
                                            ON dispute.id = line.dispute_id
                                    WHERE line.credit_move_id = credit.id
                                      AND dispute.state IN ('accepted', 'partly_accepted'))
                   AND NOT EXISTS (SELECT FROM account_move_line line
                                          JOIN account_partial_reconcile partial
                                            ON partial.credit_move_id = line.id
                                    WHERE line.move_id = credit.id)
              GROUP BY credit.reversed_entry_id
                """,
                company.id,
            )
        )
        totals = dict(rows)
        debts = self._get_debts(facts, totals) if totals else {}
        for move, items in debts.items():
            oldest_first = sorted(items, key=lambda item: item.due)
            self._spread(oldest_first, Decimal(totals[move]), "draft_credit", None)

    def _spread(self, items, total, code, until):
        for item in items:
            part = min(total, item.amount)
            if part > ZERO:
                self._withhold(item, code, part, until)
                total -= part

    # === RETENTION === #

    def _add_retention(self, facts):
        """The last instalments hold the retention, so that payments go to the rest first."""
        marked = {
            item.move
            for fact in facts.values()
            for item in fact.items
            if item.marks and "retention" in item.marks
        }
        if not marked:
            return
        debts = self._get_debts(facts, marked)
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
                id_array(debts),
            )
        )
        for move, release, retained, company_total, total in rows:
            if not retained or not Decimal(total):
                continue
            # By the invoice's own rate, never by today's.
            amount = Decimal(retained) * Decimal(company_total) / Decimal(total)
            latest_first = sorted(debts[move], key=lambda item: item.due, reverse=True)
            self._spread(latest_first, amount, "retention", release)
