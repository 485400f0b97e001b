from odoo import api, models
from odoo.tools import SQL


class CollectionGather(models.AbstractModel):
    """Debts from before an insolvency: a query only where a case of the batch is insolvent."""

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        facts = super()._gather_facts(cases, today)
        insolvent = [key for key, fact in facts.items() if fact.state == "insolvency"]
        if insolvent:
            self._add_insolvency(facts, insolvent)
        return facts

    @api.model
    def _add_insolvency(self, facts, insolvent):
        rows = self.env.execute_query(
            SQL(
                """SELECT case_id, date_judgment FROM collection_insolvency
                    WHERE case_id = ANY(%s) AND date_end IS NULL""",
                insolvent,
            )
        )
        for case, judgment in rows:
            facts[case].judgment = judgment
        items = [item.key for case, _judgment in rows for item in facts[case].items]
        if not items:
            return
        origins = dict(
            self.env.execute_query(
                SQL(
                    """SELECT line.id, %s
                         FROM account_move_line line
                         JOIN account_move move ON move.id = line.move_id
                        WHERE line.id = ANY(%s)""",
                    self.env["collection.insolvency"]._origin_sql(),
                    items,
                )
            )
        )
        for case, judgment in rows:
            for item in facts[case].items:
                if origins[item.key] < judgment:
                    item.marks |= {"insolvency"}
