from odoo import models
from odoo.addons.account_collections.models.collection_case import AUTOMATIC_STATES

#: What the account page may offer: code → field of the company and of the scenario.
OFFERS = {
    "disputes": "collection_offer_disputes",
    "promises": "collection_offer_promises",
    "plans": "collection_offer_plans",
    "messages": "collection_offer_messages",
}

#: Not once a court or a lawyer decides.
ARRANGEMENTS = {"promises", "plans"}

#: What a member of a group may do on its part of the group's account.
FOR_MEMBERS = {"messages"}


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _get_portal_offers(self):
        """Return the codes of what this customer is offered on the account page."""
        self.ensure_one()
        offers = {
            code
            for code, field in OFFERS.items()
            if self.company_id[field] and (not self.scenario_id or self.scenario_id[field])
        }
        if self.state not in AUTOMATIC_STATES:
            offers -= ARRANGEMENTS
        if self._get_portal_member():
            offers &= FOR_MEMBERS
        if "disputes" in offers and not self._get_portal_reasons():
            offers.remove("disputes")
        return offers

    def _get_portal_reasons(self):
        """Return the reasons of disputes that customers may choose from."""
        return self.env["collection.dispute.reason"].search(
            [("company_id", "in", (False, self.company_id.id)), ("is_on_portal", "=", True)]
        )

    def _get_portal_item(self, item_id):
        """Return an open debt of this account; none when it is paid, or somebody else's."""
        self.ensure_one()
        return self.env["collection.item"].search(
            [*self._get_portal_items_domain(), ("is_credit", "=", False), ("id", "=", item_id)]
        )
