from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    collection_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of Dashboards",
        ondelete="set null",
        help="In which this user looks at receivables, on every device.",
    )
