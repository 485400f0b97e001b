from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.score import WEIGHTS


def weight(code):
    """Return the field of a term's weight."""
    return fields.Integer(default=WEIGHTS[code])


class ResCompany(models.Model):
    """What the terms of a customer's score weigh; a weight of zero silences one."""

    _inherit = "res.company"

    collection_weight_punctuality = weight("punctuality")
    collection_weight_trend = weight("trend")
    collection_weight_overdue = weight("overdue")
    collection_weight_promises = weight("promises")
    collection_weight_disputes = weight("disputes")
    collection_weight_trust = weight("trust")
    collection_weight_grade = weight("grade")

    @api.constrains(lambda self: [f"collection_weight_{code}" for code in WEIGHTS])
    def _check_collection_weights(self):
        for company in self:
            if any(not 0 <= value <= 100 for value in company._get_collection_weights().values()):
                raise ValidationError(
                    self.env._("A weight of the score is a number from 0 to 100.")
                )

    def _get_collection_weights(self):
        self.ensure_one()
        return {code: self[f"collection_weight_{code}"] for code in WEIGHTS}
