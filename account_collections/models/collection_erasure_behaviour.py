from odoo import api, models
from odoo.tools import SQL


class CollectionErasure(models.AbstractModel):
    """How somebody paid, their rating and what was foretold go with the rest."""

    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        result = super()._erase_cases(cases, ground)
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        env = cases.sudo().env
        env["collection.behaviour"].search([("case_id", "in", cases.ids)]).unlink()
        env["collection.forecast.item"].search([("case_id", "in", cases.ids)]).unlink()
        return result


class CollectionBehaviour(models.Model):
    _inherit = "collection.behaviour"

    @api.model
    def _refresh(self, company, today):
        """The ledger has to stay, but nobody who was erased is judged by it again."""
        stale = super()._refresh(company, today)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM collection_behaviour known USING collection_case cases
                 WHERE known.company_id = %s AND cases.id = known.case_id
                   AND cases.erased_at IS NOT NULL
                   AND known.exposure = 0 AND known.overdue = 0
                   AND NOT EXISTS (SELECT FROM collection_behaviour_month month
                                    WHERE month.behaviour_id = known.id
                                      AND month.month > cases.erased_at)
                """,
                company.id,
            )
        )
        self.invalidate_model()
        return stale
