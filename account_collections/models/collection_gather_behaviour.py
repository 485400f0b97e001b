from odoo import api, models
from odoo.tools import SQL

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
                SELECT case_id, MAX(letter), BOOL_OR(slower_since IS NOT NULL)
                  FROM collection_behaviour WHERE case_id = ANY(%s) GROUP BY case_id
                """,
                id_array(cases.ids),
            )
        )
        for case, letter, slowing in rows:
            facts[case].extra["measures"].update(rating=letter, slowing=slowing)
