from odoo import fields, models


class CollectionScenario(models.Model):
    """What the customers of a segment are offered on their account page."""

    _inherit = "collection.scenario"

    collection_offer_pay = fields.Boolean(string="Pay on Line", default=True)
    collection_offer_parts = fields.Boolean(string="Pay in Part", default=True)
    collection_offer_disputes = fields.Boolean(string="Contest", default=True)
    collection_offer_promises = fields.Boolean(string="Promise a Date", default=True)
    collection_offer_plans = fields.Boolean(string="Ask for Instalments", default=True)
    collection_offer_messages = fields.Boolean(string="Write to Us", default=True)
    collection_ready_plans = fields.Boolean(
        string="Instalments Accepted at Once",
        default=True,
        help="Within the company's ready-made offer; otherwise instalments are asked for and "
        "the owner of the case answers.",
    )
