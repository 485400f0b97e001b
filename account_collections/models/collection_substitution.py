from odoo import api, fields, models


class CollectionSubstitution(models.Model):
    """While a collector is away, a substitute sees and does what the owner does."""

    _name = "collection.substitution"
    _description = "Collection Substitution"
    _order = "date_from desc, id desc"
    _rec_name = "substitute_id"

    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    substitute_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", required=True)

    _dates_ordered = models.Constraint(
        "CHECK (date_to >= date_from)", "A substitution ends on or after the day it starts."
    )
    _other_person = models.Constraint(
        "CHECK (substitute_id <> user_id)", "Nobody is their own substitute."
    )

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences.substitute_id._check_colleague()
        return absences

    def write(self, vals):
        """Whose absence it is may not change to somebody else's behind the rule's back.

        :raises AccessError: when the user may not arrange the absence as it then stands
        """
        result = super().write(vals)
        self.check_access("write")
        self.substitute_id._check_colleague()
        return result
