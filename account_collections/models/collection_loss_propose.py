from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine import losses


class CollectionLoss(models.Model):
    """What the daily run proposes, by the company's terms; nobody has to follow it."""

    _inherit = "collection.loss"

    @api.model
    def _propose(self, company, today):
        """Propose what the terms say of items that are not proposed yet; return the proposals.

        What was cancelled stays so: an item is proposed once.
        """
        terms = company._get_loss_terms()
        if not (terms.small_days or terms.doubtful_days or terms.by_state):
            return self.browse()
        by_kind = defaultdict(list)
        for line, amount, days, state, is_doubtful in self._query_items(company, today):
            kind = losses.propose(Decimal(amount), days, state, is_doubtful, terms)
            if kind:
                by_kind[kind].append(line)
        made = self.browse()
        for kind, lines in by_kind.items():
            items = self.env["collection.item"].search([("line_id", "in", lines)])
            # A payer's share is not ours to give up apart from the rest.
            items = items.filtered(lambda item: item.role == "all" and not item.is_disputed)
            reason = "difference" if kind == losses.SMALL else "old"
            made |= self._make(items, kind, reason)
        return made

    @api.model
    def _query_items(self, company, today):
        """Return (line, amount, days after due, state of the case, doubtful already)."""
        self.env.flush_all()
        return self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    line.id, item.amount::text, %s - COALESCE(line.date_maturity, line.date),
                    cases.state, EXISTS (SELECT FROM collection_loss_line moved
                                          WHERE moved.doubtful_line_id = line.id)
                    """,
                    today,
                ),
                joins=SQL(
                    """%s JOIN collection_case cases ON cases.id = debtor.case_id""",
                    self.env["collection.debtor"]._join_sql(),
                ),
                where=SQL(
                    """line.company_id = %s AND debtor.role = 'all'
                       AND line.no_followup IS NOT TRUE
                       AND move.collection_assigned IS NOT TRUE
                       AND NOT EXISTS (SELECT FROM collection_loss_line known
                                        WHERE known.line_id = line.id)""",
                    company.id,
                ),
            )
        )
