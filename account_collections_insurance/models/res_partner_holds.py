from collections import defaultdict

from odoo import models
from odoo.addons.account_collections.models.res_partner_holds import CreditHold
from odoo.tools import format_date

from ..engine.limits import ENDING

#: Codes of the reasons.
STOPPED, WITHDRAWN = "insurance_stopped", "insurance_withdrawn"


class ResPartner(models.Model):
    """New deliveries that no insurer would pay for: the policy says whether they are held."""

    _inherit = "res.partner"

    # EXTENDS 'account_collections'
    def _get_collection_holds(self, company, fresh=False):
        found = super()._get_collection_holds(company, fresh)
        if not self.env["collection.insurance.policy"]._has_insurance(company.id):
            return found
        # Whoever delivers may know why not, and what would release it.
        exposures = self.env["collection.insurance.exposure"].sudo()
        if fresh:
            exposures._refresh_customers(company, self.commercial_partner_id)
        stopped = self._get_stopped_holds(company, exposures)
        withdrawn = self._get_withdrawn_holds(company)
        for partner in self:
            customer = partner.commercial_partner_id
            found[partner] += [
                *stopped.get(customer, ()),
                *withdrawn.get(customer, ()),
            ]
        return found

    def _get_stopped_holds(self, company, exposures):
        """Deliveries are uninsured while a debt is past its extension period."""
        stopped = exposures.search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("date_stopped", "!=", False),
            ]
        )
        amounts = stopped._get_amounts_past_extension() if stopped else {}
        found = {}
        for exposure in stopped:
            sentence = self.env._(
                "New deliveries are uninsured since %(date)s: %(amount)s past the extension period "
                "has to be paid first.",
                date=format_date(self.env, exposure.date_stopped),
                amount=company.currency_id.format(amounts[exposure]),
            )
            is_strict = exposure.policy_id.on_stopped == "hold"
            hold = CreditHold(STOPPED, sentence, amounts[exposure], is_strict)
            found[exposure.partner_id] = [hold]
        return found

    def _get_withdrawn_holds(self, company):
        """Nothing is insured once every insurer has refused the buyer or taken the limit back."""
        # As above: the reason, and nothing else of the limit.
        buyers = (
            self.env["collection.insurance.buyer"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", company.id),
                    ("policy_id.active", "=", True),
                ]
            )
        )
        by_customer = defaultdict(list)
        for buyer in buyers:
            for customer in buyer.partner_ids:
                by_customer[customer].append(buyer)
        sentence = self.env._("No credit insurer covers new deliveries any more.")
        found = {}
        for customer, own in by_customer.items():
            if all(one._is_ended() for one in own):
                is_strict = any(one.policy_id.on_withdrawn == "hold" for one in own)
                found[customer] = [CreditHold(WITHDRAWN, sentence, None, is_strict)]
        return found


class CollectionInsuranceBuyer(models.Model):
    _inherit = "collection.insurance.buyer"

    def _is_ended(self):
        """Return whether the insurer decided on the buyer, and nothing is left of a limit."""
        self.ensure_one()
        return self.is_decided and not self.limit_amount and self.limit_kind in ENDING
