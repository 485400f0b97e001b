from typing import NamedTuple

from odoo import models


class CreditHold(NamedTuple):
    """Why nothing more should be delivered to a customer on credit.

    :ivar code: stable, of the add-on that knows it
    :ivar sentence: for whoever may not deliver, in the language of the environment
    :ivar release: what has to be paid for it to end, in company currency; None when no payment
        ends it
    :ivar is_strict: nothing is delivered; else people are only warned
    """

    code: str
    sentence: str
    release: float | None = None
    is_strict: bool = True


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
        return {partner: [] for partner in self}

    def _get_collection_hold_reason(self, company):
        """Return in words, a line for each reason, why nothing more should be delivered."""
        self.ensure_one()
        holds = self._get_collection_holds(company)[self]
        return "\n".join(hold.sentence for hold in holds)
