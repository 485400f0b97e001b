from odoo import api, models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_refreshers(self):
        """Shares follow from predictions, so they come after them."""
        return [*super()._get_refreshers(), self.env["collection.case"]._refresh_unpaid]
