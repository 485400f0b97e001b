from odoo import fields, models


class CollectionInsurer(models.Model):
    """A credit insurer, and the scale of its grades: the best may be the highest or the lowest."""

    _name = "collection.insurer"
    _description = "Credit Insurer"
    _order = "name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    has_grades = fields.Boolean(help="The insurer grades buyers by numbers.")
    grade_best = fields.Float(string="Best Grade")
    grade_worst = fields.Float(string="Worst Grade")

    _name_unique = models.Constraint("UNIQUE (name)", "This insurer is known already.")
    _scale_has_ends = models.Constraint(
        "CHECK (has_grades IS NOT TRUE OR grade_best <> grade_worst)",
        "The best grade is not the worst one.",
    )
