from odoo import fields, models


class CollectionDisputeReason(models.Model):
    _inherit = "collection.dispute.reason"

    is_on_portal = fields.Boolean(
        string="On the Portal",
        default=True,
        help="Customers may choose it when they contest an item on their account page.",
    )
