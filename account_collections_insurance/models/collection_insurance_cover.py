from odoo import api, fields, models

from ..engine.clocks import Clock
from ..engine.cover import (
    BLIND,
    CONTESTED,
    COVERED,
    INVOICED_LATE,
    LIMIT_USED,
    NO_LIMIT,
    NO_POLICY,
    STOPPED,
    SUSPENDED,
    TERM_EXCEEDED,
    UNCOVERED,
    UNDER_COVERED,
)

STATES = [
    (COVERED, "Covered"),
    (BLIND, "Blind"),
    (UNDER_COVERED, "Under-covered"),
    (SUSPENDED, "Suspended"),
    (UNCOVERED, "Uncovered"),
]

REASONS = [
    (NO_POLICY, "Within no policy"),
    (TERM_EXCEEDED, "Time to pay too long for the policy"),
    (INVOICED_LATE, "Invoiced too late for the policy"),
    (STOPPED, "Delivered after an extension period ended"),
    (NO_LIMIT, "No limit"),
    (LIMIT_USED, "Limit used up"),
    (CONTESTED, "Contested"),
]

CLOCKS = [
    ("notification", "Notify"),
    ("extension", "Extension ends"),
    ("hand_over", "Hand over"),
    ("claim", "Claim"),
]


#: Steps that are taken with an insurer, in their order.
STEPS = [
    ("notification", "Notified"),
    ("hand_over", "Handed over"),
    ("claim", "Claimed"),
]


def money(string, help=None):
    """Return a field for an amount in company currency that only the product writes."""
    return fields.Monetary(
        string=string, currency_field="company_currency_id", readonly=True, help=help
    )


class CollectionInsuranceCover(models.Model):
    """What of an open item is covered today; written by :meth:`~.exposure._refresh` alone."""

    _name = "collection.insurance.cover"
    _description = "Cover of an Open Item"
    _order = "date_delivered, date_due, id"

    line_id = fields.Many2one("account.move.line", required=True, readonly=True, ondelete="cascade")
    move_id = fields.Many2one(related="line_id.move_id", string="Document")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    policy_id = fields.Many2one(
        "collection.insurance.policy", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    buyer_id = fields.Many2one(
        "collection.insurance.buyer", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date_delivered = fields.Date(string="Delivered", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    amount = money("Open", "What credits leave of the open amount.")
    insurable = money("Insurable", "Without what the policy cannot cover, such as tax.")
    covered = money("Covered")
    blind = money("Covered Blind", "By discretionary limits.")
    uncovered = money("Uncovered")
    disputed = money("Contested")
    indemnity = money("Expected Indemnity", "Insured percentage of the cover, no deductible.")
    state = fields.Selection(STATES, string="Cover", readonly=True, index=True)
    reason = fields.Selection(REASONS, string="Why", readonly=True)
    date_notification = fields.Date(string="Notify by", readonly=True)
    date_extension = fields.Date(string="Extension Ends", readonly=True)
    date_hand_over = fields.Date(string="Hand over by", readonly=True)
    date_claim = fields.Date(string="Claim by", readonly=True)
    next_clock = fields.Selection(CLOCKS, string="Next Deadline", readonly=True)
    date_next_clock = fields.Date(string="Deadline", readonly=True, index="btree_not_null")
    filed = fields.Selection(
        STEPS, string="With the Insurer", readonly=True, help="The last step that was taken."
    )
    date_filed = fields.Date(string="Told on", readonly=True)

    _line_unique = models.UniqueIndex("(line_id)")

    @api.depends("partner_id.name", "move_id.name")
    def _compute_display_name(self):
        """Name customer and document: a calendar shows nothing else of a deadline."""
        for cover in self:
            names = (cover.partner_id.name, cover.move_id.name)
            cover.display_name = " · ".join(filter(None, names))

    def _get_clocks(self):
        """Return the deadlines of an item, as the engine has them."""
        self.ensure_one()
        days = ((code, self[f"date_{code}"]) for code, _label in CLOCKS)
        return tuple(
            sorted((Clock(code, day) for code, day in days if day), key=lambda clock: clock.day)
        )

    def action_open_document(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    @api.model
    def action_open_today(self):
        """Bring the covers of the user's companies up to date, and show them."""
        self.check_access("read")
        self.env["collection.insurance.exposure"]._refresh_companies(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections_insurance.collection_insurance_cover_action"
        )
