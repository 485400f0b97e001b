from odoo import api, fields, models

from .collection_level import CHANNELS


class CollectionLevelChannel(models.Model):
    """A channel of a level after its first: tried instead of it, or leaving beside it."""

    _name = "collection.level.channel"
    _description = "Further Channel of a Collection Level"
    _order = "level_id, sequence, id"
    _rec_name = "channel"
    _log_access = False

    level_id = fields.Many2one(
        "collection.level", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    joins = fields.Selection(
        [("else", "Else"), ("and", "And at the same time")],
        string="How",
        default="else",
        required=True,
        help="Else: tried where the recipient has no address for the channels before it. "
        "And at the same time: leaves beside the message, when that leaves.",
    )
    channel = fields.Selection(CHANNELS, required=True)

    _channel_unique = models.UniqueIndex(
        "(level_id, joins, channel)", "A channel is named once."
    )

    @api.constrains("channel", "level_id")
    def _check_template(self):
        """A channel added to a level brings what the level needs for it."""
        self.level_id._check_template()
