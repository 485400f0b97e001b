from odoo import api, fields, models
from odoo.tools import SQL

from .collection_insurance_cover import CLOCKS, STATES, money


class CollectionInsuranceExposure(models.Model):
    """What a customer owes today and what of it is covered, next to the limit."""

    _name = "collection.insurance.exposure"
    _description = "Exposure and Cover of a Customer"
    _order = "uncovered desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    entity_id = fields.Many2one(
        "res.partner",
        string="Legal Entity",
        readonly=True,
        index=True,
        help="The first of several records of one legal entity; the limit is one for them.",
    )
    policy_id = fields.Many2one(
        "collection.insurance.policy", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    buyer_id = fields.Many2one(
        "collection.insurance.buyer", readonly=True, index="btree_not_null", ondelete="set null"
    )
    amount = money(
        "Exposure",
        "What is open, less credits, and what was delivered or ordered without an invoice, where "
        "that is known.",
    )
    unbilled = money("Not Invoiced Yet", "Part of the exposure that is in no ledger yet.")
    covered = money("Covered")
    blind = money("Covered Blind", "By discretionary limits.")
    uncovered = money("Uncovered")
    disputed = money("Contested")
    indemnity = money("Expected Indemnity", "Insured percentage of the cover, no deductible.")
    limit_amount = money(
        "Limit", "For what is delivered today, of all policies; shown on the legal entity."
    )
    headroom = money("Headroom", "Below zero, more is owed than the limit.")
    state = fields.Selection(STATES, string="Cover", readonly=True, index=True)
    date_stopped = fields.Date(
        string="Stopped on",
        readonly=True,
        help="A debt is past its extension period: later deliveries are uninsured until it is "
        "paid.",
    )
    next_clock = fields.Selection(CLOCKS, string="Next Deadline", readonly=True)
    date_next_clock = fields.Date(string="Deadline", readonly=True)
    computed_on = fields.Date(string="As of", readonly=True)
    changes_on = fields.Date(
        readonly=True, help="First day on which the figures may change by themselves."
    )
    fingerprint = fields.Char(
        readonly=True, help="Of the open items it was computed from; empty: to compute again."
    )

    _partner_unique = models.UniqueIndex("(company_id, partner_id)")

    def action_open_covers(self):
        """Show the customer's items."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_cover_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            "context": {},
        }

    def _get_amounts_past_extension(self):
        """Return {exposure: what its legal entity has to pay to be insured again}: one query.

        What is contested in full stops nothing.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT exposure.id, SUM(cover.amount)
                  FROM collection_insurance_exposure exposure
                  JOIN collection_insurance_exposure sibling
                    ON sibling.entity_id = exposure.entity_id
                   AND sibling.company_id = exposure.company_id
                  JOIN collection_insurance_cover cover
                    ON cover.partner_id = sibling.partner_id
                   AND cover.company_id = sibling.company_id
                 WHERE exposure.id = ANY(%s) AND cover.date_extension < exposure.computed_on
                   AND cover.disputed < cover.amount
              GROUP BY exposure.id
                """,
                self.ids,
            )
        )
        amounts = dict(rows)
        return {one: float(amounts.get(one.id, 0)) for one in self}

    @api.model
    def action_open_today(self):
        """Bring the figures of the user's companies up to date, and show them."""
        self.check_access("read")
        self._refresh_companies(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_exposure_action"
        )
