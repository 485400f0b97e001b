from odoo import api, models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_refreshers(self):
        """Orders may wait for what no payment does: a case that is closed, a rule that went."""
        releases = self.env["collection.order.release"]
        return [
            *super()._get_refreshers(),
            lambda company, _day: releases._follow_payments(company),
        ]
