from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.classes import Limits

DEFAULT = Limits()


class ResCompany(models.Model):
    """Where the classes of customers begin, see ``engine/classes.py``."""

    _inherit = "res.company"

    collection_class_least = fields.Integer(default=DEFAULT.least)
    collection_class_good = fields.Integer(default=DEFAULT.good)
    collection_class_chronic = fields.Integer(default=DEFAULT.chronic)
    collection_class_risk = fields.Float(default=DEFAULT.risk)
    collection_class_broken = fields.Integer(default=DEFAULT.broken)

    @api.constrains(
        "collection_class_least",
        "collection_class_good",
        "collection_class_chronic",
        "collection_class_risk",
        "collection_class_broken",
    )
    def _check_collection_classes(self):
        for company in self:
            limits = company._get_collection_class_limits()
            if limits.chronic <= limits.good:
                raise ValidationError(
                    self.env._("A chronic late payer is later than a usual good payer may be.")
                )
            if not 0 < limits.risk <= 1 or min(limits.least, limits.broken) < 1:
                raise ValidationError(
                    self.env._(
                        "A class asks for one document or promise at least, and for a "
                        "probability above 0 and up to 100 %."
                    )
                )

    def _get_collection_class_limits(self):
        self.ensure_one()
        return Limits(
            least=self.collection_class_least,
            good=self.collection_class_good,
            chronic=self.collection_class_chronic,
            risk=self.collection_class_risk,
            broken=self.collection_class_broken,
        )
