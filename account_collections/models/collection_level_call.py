from odoo import api, fields, models

from ..engine.facts import CALL


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    script_id = fields.Many2one(
        "mail.template",
        string="Call Script",
        domain=[("model", "=", "collection.reminder")],
        ondelete="restrict",
        help="What the caller says and asks, written anew for each call with its amounts and the "
        "last exchanges; in the language of the template. Without one: the instructions.",
    )
    uses_call = fields.Boolean(compute="_compute_uses_call")

    @api.depends("channel", "other_channel_ids.channel")
    def _compute_uses_call(self):
        for level in self:
            level.uses_call = CALL in level._get_channels()
