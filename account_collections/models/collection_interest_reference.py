from odoo import api, fields, models

from ..engine.interest import half_year


class CollectionInterestReference(models.Model):
    """A rate that a central bank or a state publishes, on which laws on late payment build."""

    _name = "collection.interest.reference"
    _description = "Reference Rate"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    source = fields.Char(translate=True, help="Where it is published.")
    rate_ids = fields.One2many("collection.interest.rate", "reference_id")
    current_rate = fields.Float(compute="_compute_current_rate", digits=(16, 4))
    is_missing = fields.Boolean(
        string="This Half-Year Is Missing",
        compute="_compute_current_rate",
        help="Interest of this half-year cannot be computed until its rate is entered.",
    )

    @api.depends("rate_ids.rate", "rate_ids.date_from")
    def _compute_current_rate(self):
        first = half_year(fields.Date.context_today(self))
        for reference in self:
            rate = reference.rate_ids.filtered(lambda one: one.date_from == first)
            reference.current_rate = rate.rate
            reference.is_missing = not rate
