from odoo import fields, models


class CollectionTeam(models.Model):
    """Collectors who work together: the portfolios that their cases are in."""

    _name = "collection.team"
    _description = "Collection Team"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: every company.")
    user_id = fields.Many2one(
        "res.users", string="Leader", domain=[("share", "=", False)], check_company=True
    )
    portfolio_ids = fields.One2many("collection.portfolio", "team_id", string="Portfolios")
