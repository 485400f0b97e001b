from odoo import api, models
from odoo.addons.account_collections.engine.guards import CaseGuard, Stop
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Fact and reason code: the insurer has taken the debt over.
INSURER = "insurer"

REASONS = {
    INSURER: (
        _lt("With the credit insurer"),
        _lt("It was handed over to %(insurer)s on %(date)s, who collects it."),
    ),
}


def _taken_over(facts, situation, today):
    """Nobody but the insurer asks for a debt that was handed over, while it is open."""
    found = facts.extra.get(INSURER)
    if not found:
        return None
    insurer, day = found
    return Stop(seen={"insurer": insurer, "date": day.isoformat()})


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        """One query for the whole batch."""
        facts = super()._gather_facts(cases, today)
        found = self.env["collection.insurance.filing"]._query_taken_over(cases)
        for case, insurer in found.items():
            facts[case].extra[INSURER] = insurer
        return facts


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_guards(self):
        """Asked after 'do not contact' (30), before pauses (40): a pause changes nothing here."""
        return super()._get_guards().extended(CaseGuard(INSURER, 35, _taken_over))


class CollectionReason(models.AbstractModel):
    _inherit = "collection.reason"

    @api.model
    def _get_reasons(self):
        return {**super()._get_reasons(), **REASONS}
