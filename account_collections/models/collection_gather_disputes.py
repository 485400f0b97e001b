from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .collection_ledger import id_array

REJECTED = "dispute_rejected"


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        """Two queries for the whole batch: what is contested, and where dunning resumes."""
        facts = super()._gather_facts(cases, today)
        contested = self.env["collection.dispute"]
        held = {
            (case, line): (Decimal(own), Decimal(amount))
            for line, own, amount, by in self.env.execute_query(self._held_by_case_sql(cases))
            for case in by
        }
        resumed = {
            (case, line): ranks
            for case, line, *ranks in self.env.execute_query(contested._resumed_sql(cases))
        }
        if held or resumed:
            for fact in facts.values():
                self._add_disputes(fact, held, resumed)
        return facts

    @api.model
    def _held_by_case_sql(self, cases):
        """Amounts travel as text: the cursor would make floats of them."""
        return SQL(
            "SELECT line_id, amount_currency::text, amount::text, cases FROM (%s) held",
            self.env["collection.dispute"]._held_sql(
                SQL("dispute.case_id = ANY(%s)", id_array(cases.ids))
            ),
        )

    @api.model
    def _add_disputes(self, fact, held, resumed):
        for item in fact.items:
            key = (fact.key, item.key)
            if key in held:
                own, amount = held[key]
                # No more than the debtor's part, where a payer shares the item.
                item.disputed_currency = min(own, item.amount_currency)
                self._withhold(item, "disputed", min(amount, item.amount), None)
            if key in resumed:
                self._resume(item, fact.scenario, *resumed[key])

    @api.model
    def _resume(self, item, scenario, rank, reached):
        """Let dunning go on at ``rank``, or the next firmer level, whatever went out before.

        :param int reached: rank that the item reached since the dispute was decided
        """
        ranks = sorted(level.rank for level in scenario.levels) if scenario else []
        item.rank = max([reached, *(before for before in ranks if before < rank)])
        if level := next((found for found in ranks if found >= rank), None):
            item.resume = (level, REJECTED)
