from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

REJECTED = "dispute_rejected"


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        """Two queries for the whole batch: what is contested, and where dunning resumes."""
        facts = super()._gather_facts(cases, today)
        contested = self.env["collection.dispute"]
        held = {
            line: (Decimal(own), Decimal(amount))
            for line, own, amount in self.env.execute_query(self._held_by_case_sql(cases))
        }
        resumed = {
            line: (rank, reached)
            for line, rank, reached in self.env.execute_query(contested._resumed_sql(cases))
        }
        if held or resumed:
            for fact in facts.values():
                self._add_disputes(fact, held, resumed)
        return facts

    @api.model
    def _held_by_case_sql(self, cases):
        """Amounts travel as text: the cursor would make floats of them."""
        return SQL(
            "SELECT line_id, amount_currency::text, amount::text FROM (%s) held",
            self.env["collection.dispute"]._held_sql(
                SQL("dispute.case_id = ANY(%s)", cases.ids)
            ),
        )

    @api.model
    def _add_disputes(self, fact, held, resumed):
        for item in fact.items:
            if item.key in held:
                item.disputed_currency, amount = held[item.key]
                self._withhold(item, "disputed", amount, None)
            if item.key in resumed:
                self._resume(item, fact.scenario, *resumed[item.key])

    @api.model
    def _resume(self, item, scenario, rank, reached):
        """Let dunning go on at ``rank``, or the next firmer level, whatever went out before.

        :param int reached: rank that the item reached since the dispute was decided
        """
        ranks = sorted(level.rank for level in scenario.levels) if scenario else []
        item.rank = max([reached, *(before for before in ranks if before < rank)])
        if level := next((found for found in ranks if found >= rank), None):
            item.resume = (level, REJECTED)
