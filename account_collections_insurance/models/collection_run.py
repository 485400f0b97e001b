from odoo import models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    def _start(self):
        """Covers are those of the day before anything is decided; deadlines are told of."""
        self.env["collection.insurance.exposure"]._refresh(self.company_id)
        result = super()._start()
        self.env["collection.insurance.cover"]._warn(self.company_id, self.date)
        return result
