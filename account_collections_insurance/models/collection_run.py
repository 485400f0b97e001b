from odoo import models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    def _start(self):
        """Covers are those of the day before anything is decided."""
        self.env["collection.insurance.exposure"]._refresh(self.company_id)
        return super()._start()
