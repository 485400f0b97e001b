from odoo import api, models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_refreshers(self):
        return [*super()._get_refreshers(), self.env["collection.loss"]._propose]
