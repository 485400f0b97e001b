from odoo import api, models


class CollectionRun(models.Model):
    _inherit = "collection.run"

    def _start(self):
        """Deadlines are told of before anything is decided."""
        result = super()._start()
        self.env["collection.insurance.cover"]._warn(self.company_id, self.date)
        return result

    @api.model
    def _get_refreshers(self):
        """Covers are those of the day, too."""
        exposures = self.env["collection.insurance.exposure"]
        return [lambda company, _day: exposures._refresh(company), *super()._get_refreshers()]
