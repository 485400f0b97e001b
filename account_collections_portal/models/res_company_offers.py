from odoo import fields, models
from odoo.addons.account_collections.engine import promises
from odoo.tools import is_html_empty


class ResCompany(models.Model):
    """What customers are offered on their account page, and what they read beside it."""

    _inherit = "res.company"

    collection_offer_disputes = fields.Boolean(
        string="Contest on the Portal",
        default=True,
        help="Customers contest items on their account page, and follow what becomes of it.",
    )
    collection_offer_promises = fields.Boolean(
        string="Promise a Date on the Portal",
        default=True,
        help="Within the limits of promises; dunning waits until then.",
    )
    collection_offer_plans = fields.Boolean(
        string="Instalments on the Portal",
        default=True,
        help="Customers ask for instalments; within the ready-made offer they get them at once.",
    )
    collection_offer_messages = fields.Boolean(
        string="Messages on the Portal",
        default=True,
        help="They land in the case, and reminders wait for the answer.",
    )
    collection_portal_promise_amount = fields.Float(
        string="Largest Promise on the Portal",
        help="Company currency; 0 sets no limit. Larger ones are agreed with a person.",
    )
    collection_keep_address = fields.Boolean(
        string="Keep the Internet Address",
        default=True,
        help="Of whoever promises or accepts an agreement on the account page, as evidence; it is "
        "erased with the case.",
    )
    collection_ready_plan_amount = fields.Float(
        string="Ready-made Instalments up to",
        help="Company currency; 0 makes no ready-made offer. Plans that a credit manager has to "
        "approve are never accepted at once.",
    )
    collection_ready_plan_count = fields.Integer(
        string="Most Instalments", default=4, help="Of a plan that is accepted at once."
    )
    collection_ready_plan_every = fields.Selection(
        [(promises.MONTHLY, "Monthly"), (promises.WEEKLY, "Weekly")],
        string="Interval of Instalments",
        default=promises.MONTHLY,
        required=True,
    )
    collection_ready_plan_share = fields.Float(
        string="First Instalment (%)",
        default=25.0,
        help="Of the amount, paid first; 0 makes all instalments equal.",
    )
    collection_ready_plan_least = fields.Float(
        string="Smallest Instalment", default=50.0, help="Company currency."
    )
    collection_ready_plan_days = fields.Integer(
        string="First Instalment Within",
        default=15,
        help="Days in which the first instalment of a plan accepted at once is due.",
    )
    collection_text_disputes = fields.Html(
        string="Text on Contesting",
        translate=True,
        help="Shown where customers contest an item; empty: our own words.",
    )
    collection_text_promises = fields.Html(
        string="Text on Promises",
        translate=True,
        help="Shown where customers promise a date; empty: our own words.",
    )
    collection_text_plans = fields.Html(
        string="Text on Instalments",
        translate=True,
        help="Shown where customers ask for instalments; empty: our own words.",
    )
    collection_text_messages = fields.Html(
        string="Text on Messages",
        translate=True,
        help="Shown where customers write a message; empty: our own words.",
    )

    _collection_offers_sane = models.Constraint(
        """CHECK (collection_portal_promise_amount >= 0 AND collection_ready_plan_amount >= 0
                  AND collection_ready_plan_count BETWEEN 2 AND 36
                  AND collection_ready_plan_share BETWEEN 0 AND 90
                  AND collection_ready_plan_least >= 0
                  AND collection_ready_plan_days BETWEEN 0 AND 60)""",
        "A ready-made offer has 2 to 36 instalments, the first within 60 days and of 90 % at "
        "most; amounts are zero or more.",
    )

    def _has_text(self, name):
        """Return whether the company wrote a text of its own."""
        self.ensure_one()
        return not is_html_empty(self[name])
