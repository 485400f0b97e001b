from odoo import api, models
from odoo.addons.account_collections.engine.facts import ZERO
from odoo.addons.account_collections.engine.guards import withheld_parts
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PROCESSING = "online_payment"
ANNOUNCED = "payment_announced"


class CollectionGather(models.AbstractModel):
    """What customers pay on line holds its items: at once, and as long as it is under way."""

    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        """One query for the whole batch: payments under way are few, items are many."""
        facts = super()._gather_facts(cases, today)
        live = self.env["collection.payment.part"].sudo()._query_live(cases.company_id)
        held = {}
        for line, case, amount, is_announced, end in live:
            if amount > ZERO:  # a credit that is netted holds nothing
                code = ANNOUNCED if is_announced else PROCESSING
                held.setdefault(line, []).append((case, code, amount, end))
        if held:
            for fact in facts.values():
                self._add_online_payments(fact, held)
        return facts

    def _add_online_payments(self, fact, held):
        for item in fact.items:
            for case, code, amount, end in held.get(item.key, ()):
                # Of an item that two debtors share, each pays its own part.
                if case in (None, fact.key):
                    self._withhold(item, code, self._in_company(item, amount), end)

    def _in_company(self, item, amount):
        """Return a part of an item in company currency, by the item's own residuals."""
        if not item.amount_currency or amount >= item.amount_currency:
            return item.amount
        return (item.amount * amount / item.amount_currency).quantize(item.amount)


class CollectionRun(models.Model):
    _inherit = "collection.run"

    @api.model
    def _get_guards(self):
        """Asked after disputes (65) and promises (66), before other payments (70)."""
        return (
            super()
            ._get_guards()
            .extended(withheld_parts(PROCESSING, 67), withheld_parts(ANNOUNCED, 68))
        )


class CollectionReason(models.AbstractModel):
    _inherit = "collection.reason"

    @api.model
    def _get_reasons(self):
        return {
            **super()._get_reasons(),
            PROCESSING: (
                _lt("Paid online"),
                _lt("The customer paid it online: the money is on its way."),
            ),
            ANNOUNCED: (
                _lt("Transfer announced"),
                _lt("The customer announced a bank transfer: it is waited for until %(end)s."),
            ),
        }
