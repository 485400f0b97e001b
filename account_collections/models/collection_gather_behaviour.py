from odoo import api, models
from odoo.tools import SQL

from ..engine.classes import CLASSES
from .collection_ledger import id_array


class CollectionGather(models.AbstractModel):
    """What scenarios ask about behaviour: one query for all cases."""

    _inherit = "collection.gather"

    @api.model
    def _add_measures(self, facts, cases, today):
        super()._add_measures(facts, cases, today)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_id, MAX(letter), BOOL_OR(slower_since IS NOT NULL),
                       BOOL_AND(is_good_payer IS TRUE), BOOL_OR(is_chronic_late),
                       BOOL_OR(is_predicted_late), BOOL_OR(breaks_promises)
                  FROM collection_behaviour WHERE case_id = ANY(%s) GROUP BY case_id
                """,
                id_array(cases.ids),
            )
        )
        for case, letter, slowing, *is_of in rows:
            facts[case].extra["measures"].update(
                rating=letter,
                slowing=slowing,
                # A case of several customers is a good payer's if all of them are.
                classes=frozenset(name for name, is_one in zip(CLASSES, is_of) if is_one),
            )

    def _add_scenarios(self, facts, company, today, figures=None):
        """Tell how probably items are paid late, where a level before the due date asks."""
        super()._add_scenarios(facts, company, today, figures)
        items = {
            item.key: item
            for fact in facts.values()
            if fact.scenario and any(level.min_risk for level in fact.scenario.levels)
            for item in fact.items
            if item.due >= today
        }
        if items:
            rows = self.env.execute_query(
                SQL(
                    "SELECT line_id, risk_late FROM collection_prediction WHERE line_id = ANY(%s)",
                    id_array(items),
                )
            )
            for line, risk in rows:
                items[line].risk_late = risk
