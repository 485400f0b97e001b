from odoo import fields, models


class CollectionDisputeTeam(models.Model):
    """People who solve disputes together: each sees those of the others."""

    _name = "collection.dispute.team"
    _description = "Dispute Team"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    user_id = fields.Many2one(
        "res.users",
        string="Leader",
        domain=[("share", "=", False)],
        help="Gets the disputes of the team, and those of members who left.",
    )
    member_ids = fields.Many2many(
        "res.users", string="Members", domain=[("share", "=", False)]
    )
