from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.facts import BEFORE_DUE
from .collection_behaviour_class import LABELS


class CollectionLevel(models.Model):
    """A level may be for customers of a class, and announce what is probably paid late only."""

    _inherit = "collection.level"

    only_class = fields.Selection(
        LABELS, "Only for", help="By the last run; of whom nothing is known yet is of no class."
    )
    never_class = fields.Selection(LABELS, "Not for")
    min_risk = fields.Float(
        "If Probably Late",
        help="Announces only what is paid late with this probability at least, by the prediction "
        "of the last run; 0 announces all.",
    )

    @api.constrains("min_risk", "trigger")
    def _check_min_risk(self):
        for level in self:
            if not 0 <= level.min_risk <= 1:
                raise ValidationError(self.env._("A probability is from 0 to 100 %."))
            if level.min_risk and level.trigger != BEFORE_DUE:
                raise ValidationError(
                    self.env._("Only a level before the due date may ask whether it will be late.")
                )

    def _prepare_facts(self):
        return {
            **super()._prepare_facts(),
            "only": self.only_class or None,
            "never": self.never_class or None,
            "min_risk": self.min_risk,
        }
