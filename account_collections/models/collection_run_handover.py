from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ..engine.guards import marked
from .collection_handover import HANDED_OVER

_lt = LazyTranslate(__name__)


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_guards(self):
        """What somebody else collects is asked for by nobody else; the rest goes on."""
        return super()._get_guards().extended(marked(HANDED_OVER, 28))

    @api.model
    def _get_refreshers(self):
        return [
            *super()._get_refreshers(),
            self.env["collection.prescription"]._refresh,
            self.env["collection.handover.recovery"]._refresh,
        ]


class CollectionReason(models.AbstractModel):
    _inherit = "collection.reason"

    @api.model
    def _get_reasons(self):
        sentence = _lt("It was handed over to an agency, a lawyer or a court, who collects it.")
        return {**super()._get_reasons(), HANDED_OVER: (_lt("Handed over"), sentence)}
