from odoo import api, models

from .collection_handover import HANDED_OVER


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    @api.model
    def _get_item_marks(self):
        """Asked in the one query on items."""
        handed_over = self.env["collection.handover.line"]._is_handed_over_sql()
        return {**super()._get_item_marks(), HANDED_OVER: handed_over}
