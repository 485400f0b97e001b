from odoo import fields, models

from .collection_behaviour_class import LABELS

#: Ratings that a scenario may ask for, by letter.
RATINGS = {"good": frozenset("AB"), "middle": frozenset("C"), "bad": frozenset("DE")}


class CollectionScenario(models.Model):
    """Segments by behaviour."""

    _inherit = "collection.scenario"

    rating = fields.Selection(
        [("good", "Rated A or B"), ("middle", "Rated C"), ("bad", "Rated D or E")],
        help="By the last run; who has no rating yet satisfies none. Empty asks nothing.",
    )
    slowing = fields.Boolean(
        "Slower than Before", help="Customers who pay later than they used to, and not by chance."
    )

    payer_class = fields.Selection(
        LABELS,
        "Class of Customers",
        help="By the last run; of whom nothing is known yet is of no class.",
    )

    def _get_wanted(self):
        return {
            **super()._get_wanted(),
            "rating": RATINGS.get(self.rating),
            "payer_class": self.payer_class or None,
            "slowing": frozenset({True}) if self.slowing else None,
        }
