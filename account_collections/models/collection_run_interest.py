from odoo import api, fields, models
from odoo.tools import SQL


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_refreshers(self):
        return [*super()._get_refreshers(), self.env["collection.interest.claim"]._refresh]


class CollectionDefect(models.Model):
    """What keeps interest from being claimed, and a person can mend."""

    _inherit = "collection.defect"

    kind = fields.Selection(
        selection_add=[
            ("no_interest_rate", "Rate of interest missing"),
            ("no_legal_form", "Business or consumer? Not known"),
        ]
    )

    @api.model
    def _get_conditions(self):
        return {
            **super()._get_conditions(),
            "no_interest_rate": self._has_claim_sql("no_rate"),
            "no_legal_form": self._has_claim_sql("unknown_form"),
        }

    @api.model
    def _has_claim_sql(self, problem):
        return SQL(
            """EXISTS (SELECT FROM collection_interest_claim claim
                        WHERE claim.case_id = cases.id AND claim.problem = %s)""",
            problem,
        )
