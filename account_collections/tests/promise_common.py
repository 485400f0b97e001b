from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)

#: TODAY is a Wednesday: promised for the Friday, checked on the Tuesday after.
FRIDAY = TODAY + 2 * DAY
TUESDAY = TODAY + 6 * DAY


@tagged("post_install", "-at_install")
class PromiseCommon(CollectionCommon):
    """A customer with an invoice of 1,000.00 that is ten days late, and a collector."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(self.customer, 1000, overdue=10)
        self._sync_cases()
        self.case = self._case(self.customer)
        self.mine = self.case.with_user(self.owner)

    def _items(self, *moves):
        """Return the open items of documents, as the collector sees them."""
        ids = [move.id for move in moves]
        self.env.flush_all()
        return self.env["collection.item"].with_user(self.owner).search([("move_id", "in", ids)])

    def _promise(self, amount=None, date=FRIDAY, today=TODAY, user=None, **values):
        """Let the collector write down a promise on the morning of ``today``."""
        case = self.case.with_user(user or self.owner)
        with self._at(f"{today} 08:00:00"):
            promise = case._promise_quick(amount, date, **values)
            self.env.flush_all()
        self.env.invalidate_all()
        return promise.sudo()

    def _judge(self, today):
        """Judge as the run of ``today`` does, without the rest of it."""
        with self._at(f"{today} 06:00:00"):
            self.env["collection.promise"].sudo()._judge(self.company, today)
            self.env.flush_all()
        self.env.invalidate_all()

    def _credit(self, invoice, amount, day=FRIDAY):
        """Credit a part of an invoice; the credit note is dated ``day``, and allocated."""
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": day,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Damaged", "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
            }
        )
        note.action_post()
        self._due_line(invoice | note).reconcile()
        return note

    def _write_off(self, invoice, amount, day):
        """Write a part of an invoice off, by an entry of ``day``."""
        due = self._due_line(invoice)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_expense"].id,
                            "debit": amount,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": due.account_id.id,
                            "partner_id": invoice.partner_id.id,
                            "credit": amount,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (due | self._due_line(entry)).reconcile()

    def _due_line(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
