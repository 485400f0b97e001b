from odoo import api, fields, models


class CollectionInterestLine(models.Model):
    """One step of the computation of an interest note: a principal, days, a rate.

    It keeps what it was computed from, whatever becomes of the document.
    """

    _name = "collection.interest.line"
    _description = "Computation of an Interest Note"
    _order = "note_id, date_due, move_name, kind desc, date_from, id"

    note_id = fields.Many2one(
        "collection.interest.note", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="note_id.state", string="Status")
    company_id = fields.Many2one(related="note_id.company_id", store=True)
    currency_id = fields.Many2one(related="note_id.currency_id")
    kind = fields.Selection(
        [("interest", "Interest"), ("compensation", "Fixed compensation")],
        required=True,
        readonly=True,
    )
    line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Document",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    principal = fields.Monetary(readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True)
    days = fields.Integer(readonly=True)
    rate = fields.Float(string="Rate (%)", digits=(16, 4), readonly=True)
    amount = fields.Monetary(readonly=True)

    @api.model
    def _prepare_vals(self, debt):
        """Return the values of the lines that claim a :class:`LateDebt`."""
        common = {
            "line_id": debt.line,
            "move_id": debt.move,
            "move_name": debt.name,
            "date_due": debt.due,
        }
        steps = [
            {
                **common,
                "kind": "interest",
                "principal": float(period.principal),
                "date_from": period.first,
                "date_to": period.last,
                "days": period.days,
                "rate": float(period.rate),
                "amount": float(period.amount),
            }
            for period in debt.periods
        ]
        if debt.compensation:
            amount = float(debt.compensation)
            steps.append({**common, "kind": "compensation", "amount": amount})
        return steps
