from decimal import Decimal

from odoo import api, fields, models

from ..engine import losses

#: A loss in these states holds its items: they are not proposed a second time.
STANDING = ("draft", "approved")


class CollectionLossLine(models.Model):
    """An item that is given up or doubted; it keeps what it was, whatever becomes of it."""

    _name = "collection.loss.line"
    _description = "Item of a Loss"
    _order = "loss_id, date_due, id"

    loss_id = fields.Many2one(
        "collection.loss", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="loss_id.company_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    origin_id = fields.Many2one(
        "account.move",
        string="Document",
        readonly=True,
        ondelete="set null",
        help="The invoice, of what is doubtful already too.",
    )
    move_name = fields.Char(string="Number", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_currency = fields.Monetary(string="Amount", readonly=True)
    amount = fields.Monetary(
        string="Amount (Company)", currency_field="company_currency_id", readonly=True
    )
    tax = fields.Monetary(currency_field="company_currency_id", readonly=True)
    doubtful_line_id = fields.Many2one(
        "account.move.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What is open of it on the account of doubtful debts.",
    )
    depreciation = fields.Monetary(currency_field="company_currency_id", readonly=True)

    @api.model
    def _prepare_vals(self, items, kind):
        """Return the values of the lines of open items."""
        known = self._find_doubtful(items.line_id)
        found = []
        for item in items:
            before = known.get(item.line_id)
            origin = before.origin_id if before else item.move_id
            amount = Decimal(str(item.line_id.amount_residual))
            taxes = self._get_taxes(origin) if kind == losses.LOSS else []
            places = item.company_currency_id.decimal_places
            total = Decimal(str(origin.amount_total_signed))
            _net, parts = losses.split(
                amount, [tax for _line, tax in taxes], total, places
            )
            found.append(
                {
                    "line_id": item.line_id.id,
                    "origin_id": origin.id,
                    "move_name": before.move_name if before else item.move_name,
                    "date_due": item.date_due,
                    "currency_id": item.currency_id.id,
                    "amount_currency": item.line_id.amount_residual_currency,
                    "amount": float(amount),
                    "tax": float(sum(parts)),
                }
            )
        return found

    @api.model
    def _get_taxes(self, move):
        """Return [(tax line, amount above zero)] of an invoice; none where the law of the company
        does not give the tax back, or of other entries."""
        if not move.is_sale_document(include_receipts=True) or not (
            move.company_id.collection_loss_tax
        ):
            return []
        return [
            (line, Decimal(str(-line.balance)))
            for line in move.line_ids.filtered("tax_repartition_line_id")
        ]

    @api.model
    def _find_doubtful(self, lines):
        """Return {receivable line: the line by which it became doubtful}."""
        found = self.search(
            [("doubtful_line_id", "in", lines.ids), ("loss_id.state", "=", "booked")]
        )
        return {line.doubtful_line_id: line for line in found}

    @api.model
    def _find_standing(self, lines):
        """Return the receivable lines that wait for a decision or to be booked."""
        found = self.search(
            [("line_id", "in", lines.ids), ("loss_id.state", "in", STANDING)]
        )
        return found.line_id
