from odoo import api, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class CollectionReason(models.AbstractModel):
    """Sentences of who is dunned: statements, branches, our other companies."""

    _inherit = "collection.reason"

    # EXTENDS 'account_collections'
    @api.model
    def _get_reasons(self):
        return {
            **super()._get_reasons(),
            "by_statement": (
                _lt("Monthly statement"),
                _lt("The customer pays by monthly statement: it counts from its due date."),
            ),
            "entity_credit": (
                _lt("Credit of the legal entity"),
                _lt("A credit without a branch covers the oldest items of all branches."),
            ),
            "unconfirmed_elsewhere": (
                _lt("Unconfirmed elsewhere"),
                _lt(
                    "Nobody knows yet whether a reminder of its former debtor arrived: a person "
                    "says so first."
                ),
            ),
            "member_stopped": (
                _lt("Own case stopped"),
                _lt("The customer's own case is stopped, paused, or not to be contacted."),
            ),
            "other_company_contact": (
                _lt("Another of our companies today"),
                _lt("%(company)s writes to this customer today: one contact a day."),
            ),
            "moved": (
                _lt("Another debtor"),
                _lt("Items of it are dunned through another debtor now."),
            ),
        }
