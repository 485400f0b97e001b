from odoo import fields, models


class CollectionDisputeCause(models.Model):
    """Where a dispute really came from, found out while solving it."""

    _name = "collection.dispute.cause"
    _description = "Root Cause of Disputes"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
