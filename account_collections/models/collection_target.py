from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .collection_indicator import DAYS, INDICATORS, PERCENT


class CollectionTarget(models.Model):
    """What a company wants an indicator to be from a day on; each site has its own."""

    _name = "collection.target"
    _description = "Target of an Indicator"
    _order = "company_id, indicator, date_from desc"
    _rec_name = "indicator"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    indicator = fields.Selection(selection=lambda self: self._get_choices(), required=True)
    value = fields.Float(string="Target", digits=(16, 1), required=True)
    date_from = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self)
    )

    _from_unique = models.Constraint(
        "UNIQUE (company_id, indicator, date_from)",
        "There is a target for this indicator from this day on already.",
    )

    @api.model
    def _get_choices(self):
        """Targets are set for days and rates; amounts grow with the sales."""
        units = (DAYS, PERCENT)
        return [
            (code, self.env._(one.label)) for code, one in INDICATORS.items() if one.unit in units
        ]

    @api.constrains("value")
    def _check_value(self):
        for target in self:
            percent = INDICATORS[target.indicator].unit == PERCENT
            if target.value < 0 or (percent and target.value > 100):
                raise ValidationError(
                    self.env._("A target is a number of days, or a percentage up to 100.")
                )

    @api.model
    def _get_targets(self, companies):
        """Return {(company, indicator): the target that holds today}."""
        today = fields.Date.context_today(self)
        targets = self.search(
            [("company_id", "in", companies.ids), ("date_from", "<=", today)],
            order="date_from",
        )
        return {(target.company_id, target.indicator): target.value for target in targets}
