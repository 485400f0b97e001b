from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.addons.account_collections.engine.credit import INSURED


class CollectionCreditRule(models.Model):
    _inherit = "collection.credit.rule"

    limit = fields.Selection(
        selection_add=[(INSURED, "Insured limit")], ondelete={INSURED: "set null"}
    )


class ResPartner(models.Model):
    """The insured limit among those that credit rules compare with, and what cover there is."""

    _inherit = "res.partner"

    # EXTENDS 'account_collections'
    def _get_credit_limits(self, company, kinds):
        found = defaultdict(dict, super()._get_credit_limits(company, kinds))
        if INSURED in kinds:
            for customer, exposure in self._find_exposures(company).items():
                found[customer.id][INSURED] = Decimal(f"{exposure.limit_amount:.2f}")
        return found

    # EXTENDS 'account_collections'
    def _get_credit_facts(self, company):
        facts = super()._get_credit_facts(company)
        exposure = self.commercial_partner_id._find_exposures(company).get(
            self.commercial_partner_id
        )
        if exposure:
            written = company.currency_id.format
            facts += [
                (self.env._("Insured limit"), written(exposure.limit_amount)),
                (self.env._("Covered"), written(exposure.covered)),
                (self.env._("Uncovered"), written(exposure.uncovered)),
            ]
        return facts

    def _find_exposures(self, company):
        """Return {customer: its exposure, or that of the legal entity whose limit it shares}."""
        # Of the insurance nothing is read but the figures that the rules and managers ask for.
        exposures = self.env["collection.insurance.exposure"].sudo()
        own = exposures.search(
            [("partner_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        heads = exposures.search(
            [("partner_id", "in", own.entity_id.ids), ("company_id", "=", company.id)]
        )
        by_entity = {head.partner_id: head for head in heads}
        return {
            one.partner_id: by_entity.get(one.entity_id, one)
            for one in own
            if one.policy_id or one.buyer_id
        }
