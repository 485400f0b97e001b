from typing import NamedTuple

from odoo import models


class CreditHold(NamedTuple):
    """Why a customer should have nothing more on credit.

    :ivar code: stable, of the add-on that knows it
    :ivar sentence: for whoever may not deliver, in the language of the environment
    :ivar release: what has to be paid for it to end, in company currency; None when no payment
        ends it
    :ivar is_strict: nothing is delivered; else people are only warned
    :ivar holds_orders: orders are not confirmed either; else people who sell are only warned
    """

    code: str
    sentence: str
    release: float | None = None
    is_strict: bool = True
    holds_orders: bool = False


def get_release_amount(holds):
    """Return what has to be paid for all holds to end, 0.0 when no payment ends them.

    The same debts may be behind several of them: it is the largest amount.
    """
    amounts = [hold.release for hold in holds]
    return 0.0 if None in amounts else max(amounts, default=0.0)


class ResPartner(models.Model):
    """Whether a customer may have more on credit: glue with deliveries and orders asks."""

    _inherit = "res.partner"

    def _get_collection_holds(self, company, fresh=False):
        """Return {partner: [:class:`CreditHold`]}, for each of these customers.

        Add-ons that know a reason add theirs, in a constant number of queries, for whoever asks:
        who delivers has to know why not, and sees nothing else.

        :param bool fresh: bring what it depends on up to date first, as for a decision; else it
            is as of the last time
        """
        holds = self._get_rule_holds(company)
        return {partner: list(holds[partner.commercial_partner_id]) for partner in self}

    def _get_collection_hold_reason(self, company):
        """Return in words, a line for each reason, why nothing more should be delivered."""
        self.ensure_one()
        holds = self._get_collection_holds(company)[self]
        return "\n".join(hold.sentence for hold in holds)
