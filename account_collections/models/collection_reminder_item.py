from odoo import api, fields, models


class CollectionReminderItem(models.Model):
    """An item as it stood in a reminder: the snapshot outlives the ledger line."""

    _name = "collection.reminder.item"
    _description = "Collection Reminder Item"
    _order = "date_due, id"
    _log_access = False

    reminder_id = fields.Many2one(
        "collection.reminder", required=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one("account.move.line", ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null")
    company_id = fields.Many2one(related="reminder_id.company_id")
    ledger_company_id = fields.Many2one(
        related="move_id.company_id",
        string="Creditor",
        help="Which of our companies it is owed to, where one duns for several.",
    )
    customer_id = fields.Many2one(
        related="move_id.commercial_partner_id",
        string="Customer",
        help="Whose invoice it is, where another pays for it.",
    )
    company_currency_id = fields.Many2one(
        related="reminder_id.company_id.currency_id", string="Company Currency"
    )
    move_name = fields.Char(string="Document")
    date_due = fields.Date(string="Due Date")
    date_paid = fields.Date(
        string="Paid on", help="Value date of the money, in a thank-you for it."
    )
    days_overdue = fields.Integer(compute="_compute_days_overdue")
    currency_id = fields.Many2one("res.currency")
    amount_currency = fields.Monetary(string="Open Amount", currency_field="currency_id")
    amount = fields.Monetary(
        string="Open Amount (Company)", currency_field="company_currency_id"
    )
    disputed_currency = fields.Monetary(
        string="Of Which Disputed",
        currency_field="currency_id",
        help="Open beside the amount, but contested: it is not asked for.",
    )
    rank = fields.Integer(string="Level", help="Rank that the item reaches with this reminder.")

    # What is left of lines that were deleted since, by their invoice.
    _orphans = models.Index("(move_id) WHERE line_id IS NULL")

    @api.depends("date_due", "reminder_id.decision_date")
    def _compute_days_overdue(self):
        for item in self:
            day = item.reminder_id.decision_date
            item.days_overdue = max((day - item.date_due).days, 0) if item.date_due else 0
