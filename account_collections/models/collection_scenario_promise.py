from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import facts


class CollectionScenario(models.Model):
    """What a promise leads to, kept or broken."""

    _inherit = "collection.scenario"

    broken_promise_level_id = fields.Many2one(
        "collection.level",
        string="After a Broken Promise",
        domain="[('scenario_id', '=', id), ('trigger', '=', 'overdue')]",
        ondelete="set null",
        copy=False,
        help="Items whose promise was broken go on at this level at once; empty: where they were.",
    )
    thank_for_promises = fields.Boolean(
        string="Thank for Kept Promises",
        help="Whoever follows a promise is asked to thank the customer when it is kept, unless a "
        "thank-you level of the scenario does so.",
    )

    @api.constrains("broken_promise_level_id", "level_ids")
    def _check_broken_promise_level(self):
        for scenario in self:
            level = scenario.broken_promise_level_id
            if level and (level.scenario_id != scenario or level.trigger != facts.OVERDUE):
                raise ValidationError(
                    self.env._(
                        "After a broken promise, scenario %(name)s goes on at one of its own "
                        "levels for overdue items.",
                        name=scenario.name,
                    )
                )
