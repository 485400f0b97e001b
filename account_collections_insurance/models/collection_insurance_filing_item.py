from odoo import fields, models

from .collection_insurance_cover import REASONS, money


class CollectionInsuranceFilingItem(models.Model):
    """An item as it stood when the insurer was told: the snapshot outlives the ledger line."""

    _name = "collection.insurance.filing.item"
    _description = "Declared Item"
    _order = "date_due, id"

    filing_id = fields.Many2one(
        "collection.insurance.filing", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="filing_id.company_id")
    company_currency_id = fields.Many2one(
        related="filing_id.company_currency_id", string="Company Currency"
    )
    line_id = fields.Many2one("account.move.line", ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null")
    move_name = fields.Char(string="Document", readonly=True)
    date_invoice = fields.Date(string="Document Date", readonly=True)
    date_delivered = fields.Date(string="Delivered", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_total = fields.Monetary(
        string="Document Total", currency_field="currency_id", readonly=True
    )
    amount_currency = fields.Monetary(
        string="Open Amount", currency_field="currency_id", readonly=True
    )
    amount = money("Open (Company)")
    covered = money("Covered")
    uncovered = money("Uncovered")
    disputed = money("Contested")
    indemnity = money("Indemnity", "Insured percentage of the cover, no deductible.")
    reason = fields.Selection(REASONS, string="Why Not All", readonly=True)
    term_id = fields.Many2one("collection.insurance.term", readonly=True, ondelete="set null")
    date_notification = fields.Date(string="Notify by", readonly=True)
    date_extension = fields.Date(string="Extension Ends", readonly=True)
    date_hand_over = fields.Date(string="Hand over by", readonly=True)
    date_claim = fields.Date(string="Claim by", readonly=True)
