from odoo import api, fields, models


def days(label, text=None):
    """Return a field for a number of days, averaged where customers are grouped."""
    return fields.Float(label, digits=(16, 1), readonly=True, aggregator="avg", help=text)


class CollectionBehaviour(models.Model):
    """How a customer pays, by the value dates of its payments: of whole documents and by amount.

    Figures of documents count what is settled, on the day of its last payment; weighted ones count
    every payment by its amount, of documents that are open in part too. Credit notes, write-offs
    and set-offs are no payments. All of it looks back 24 months.
    """

    _name = "collection.behaviour"
    _description = "Payment Behaviour"
    _order = "exposure desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    case_id = fields.Many2one(
        "collection.case", readonly=True, index="btree_not_null", ondelete="set null"
    )
    month_ids = fields.One2many("collection.behaviour.month", "behaviour_id", string="Months")

    paid_count = fields.Integer("Documents Paid", readonly=True)
    paid_amount = fields.Monetary("Paid", readonly=True)
    pay_mean = days("Days to Pay", "From the document's date, on the average of documents.")
    pay_median = days("Days to Pay, Median")
    pay_p80 = days("Days to Pay, 80 %", "Four documents in five are paid by then.")
    pay_weighted = days("Days to Pay, Weighted", "By amount, payments in part included.")
    late_mean = days("Days Late", "After the due date; below zero is early.")
    late_median = days("Days Late, Median")
    late_p80 = days("Days Late, 80 %", "Four documents in five are paid by then.")
    late_weighted = days("Days Late, Weighted", "By amount, payments in part included.")
    late_share = fields.Float(
        "Paid Late", readonly=True, aggregator="avg", help="Share of documents paid after due."
    )
    recent_count = fields.Integer("Paid Lately", readonly=True)
    recent_late = days("Days Late Lately", "Of documents paid in this and the two months before.")
    trend = days("Trend", "Days late lately, compared with before; above zero is slower.")

    promise_count = fields.Integer("Promises Judged", readonly=True)
    promise_kept_rate = fields.Float("Promises Kept", readonly=True, aggregator="avg")
    dispute_count = fields.Integer("Disputes", readonly=True)
    exposure = fields.Monetary("Outstanding", readonly=True, help="What is open, less credits.")
    overdue = fields.Monetary(readonly=True, help="What is past its due date, before credits.")
    oldest_due = fields.Date("Oldest Overdue", readonly=True)

    fingerprint = fields.Char(readonly=True, help="Of the payments it was computed from.")
    computed_on = fields.Date("As of", readonly=True)

    _partner_unique = models.UniqueIndex("(company_id, partner_id)")

    def _open(self):
        """Show one as a form, several as a list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_behaviour_action"
        )
        action = {**action, "domain": [("id", "in", self.ids)], "context": {}}
        if len(self) == 1:
            form = self.env.ref("account_collections.collection_behaviour_view_form")
            action |= {"res_id": self.id, "views": [(form.id, "form")]}
        return action

    def action_open_months(self):
        """Show the history by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_behaviour_month_action"
        )
        return {**action, "domain": [("behaviour_id", "in", self.ids)], "context": {}}

    @api.model
    def _forget(self, partners):
        """Drop what is known of customers that are merged: the next run computes it anew."""
        self.search([("partner_id", "in", partners.ids)]).unlink()
