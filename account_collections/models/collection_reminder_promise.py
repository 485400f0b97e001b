from odoo import models
from odoo.fields import Command


class CollectionReminder(models.Model):
    _inherit = "collection.reminder"

    def action_promise(self):
        """Open the form of a promise about what this reminder asked for and is still open."""
        self.ensure_one()
        items = self.env["collection.item"].search(
            [("line_id", "in", self.item_ids.line_id.ids), ("is_credit", "=", False)]
        )
        return self.case_id._open_pause(
            default_kind="promise", default_item_ids=[Command.set(items.ids)]
        )
