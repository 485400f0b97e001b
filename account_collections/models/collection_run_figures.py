import logging

from odoo import api, models
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


class CollectionRun(models.Model):
    """Figures beside the ledger, brought up to date before anything is decided.

    They advise. Where they cannot be computed those of the last day stay, the log says why, and
    reminders go out all the same.
    """

    _inherit = "collection.run"

    def _refresh_figures(self):
        """Bring all of them up to date, each by itself."""
        for refresh in self._get_refreshers():
            try:
                with self.env.cr.savepoint():
                    refresh(self.company_id, self.date)
            except OperationalError:
                raise  # somebody else was at it: the whole step is tried again
            except Exception:
                _logger.exception("Figures of %s are not those of today", self.company_id.name)

    @api.model
    def _get_refreshers(self):
        """Return functions of (company, day) that bring figures up to date, in their order."""
        names = (
            "collection.behaviour",
            "collection.prediction",
            "collection.forecast",
            "collection.proposal",
            "collection.snapshot",
        )
        return [self.env[name]._refresh for name in names]
