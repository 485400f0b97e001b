from odoo import api, fields, models
from odoo.addons.account_collections.engine.segment import Condition, among

from ..engine.cover import BLIND, COVERED, SUSPENDED, UNCOVERED, UNDER_COVERED
from .collection_insurance_measure import GOING, GRANTED, LOST, UNDECIDED

#: Covers that a scenario may ask for.
COVERS = {
    "covered": frozenset({COVERED, BLIND}),
    "not_covered": frozenset({UNDER_COVERED, UNCOVERED, SUSPENDED}),
    "under_covered": frozenset({UNDER_COVERED}),
    "uncovered": frozenset({UNCOVERED}),
    "suspended": frozenset({SUSPENDED}),
}


def _from(code, measure):
    """Return the condition that a measure is known, and not below what is wanted."""

    def accepts(wanted, figures):
        known = figures.measures.get(measure)
        return known is not None and known >= wanted

    return Condition(code, accepts)


def _under(code, measure):
    """Return the condition that a measure is known, and below what is wanted."""

    def accepts(wanted, figures):
        known = figures.measures.get(measure)
        return known is not None and known < wanted

    return Condition(code, accepts)


CONDITIONS = {
    condition.code: condition
    for condition in (
        among("cover", "cover"),
        among("limit", "limit"),
        _from("min_uncovered", "uncovered"),
        _under("max_uncovered", "uncovered"),
        _from("min_grade", "grade"),
        _under("max_grade", "grade"),
    )
}


class CollectionScenario(models.Model):
    """Segments by what the credit insurer covers and thinks of the customer."""

    _inherit = "collection.scenario"

    cover = fields.Selection(
        [
            ("covered", "Covered in full"),
            ("not_covered", "Not covered in full"),
            ("under_covered", "Under-covered"),
            ("uncovered", "Uncovered"),
            ("suspended", "Suspended"),
        ],
        help="Of what the customer owes, by the credit insurer; empty asks nothing.",
    )
    limit = fields.Selection(
        [
            (GRANTED, "Granted"),
            (GOING, "Cut or withdrawal announced"),
            (LOST, "Refused, withdrawn or expired"),
            (UNDECIDED, "No decision of the insurer"),
        ],
        string="Insurer's Limit",
        help="How the customer's limit stands; empty asks nothing.",
    )
    min_uncovered = fields.Float(
        string="Uncovered From", help="Company currency; 0 asks nothing."
    )
    max_uncovered = fields.Float(
        string="Uncovered Under", help="Company currency; 0 asks nothing."
    )
    min_grade = fields.Float(
        string="Grade From", help="From 0 (worst) to 100 (best) for all insurers; 0 asks nothing."
    )
    max_grade = fields.Float(
        string="Grade Under", help="From 0 (worst) to 100 (best) for all insurers; 0 asks nothing."
    )

    # EXTENDS 'account_collections'
    @api.model
    def _get_conditions(self):
        return {**super()._get_conditions(), **CONDITIONS}

    # EXTENDS 'account_collections'
    def _get_wanted(self):
        amount = self.env["collection.ledger"]._to_decimal
        names = ("min_uncovered", "max_uncovered", "min_grade", "max_grade")
        return {
            **super()._get_wanted(),
            **{code: amount(self[code]) if self[code] else None for code in names},
            "cover": COVERS.get(self.cover),
            "limit": frozenset({self.limit}) if self.limit else None,
        }
