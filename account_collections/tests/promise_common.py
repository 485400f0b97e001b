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

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 1000, overdue=10)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)
        cls.mine = cls.case.with_user(cls.owner)

    @classmethod
    def _items(cls, *moves):
        """Return the open items of documents, as the collector sees them."""
        ids = [move.id for move in moves]
        cls.env.flush_all()
        return cls.env["collection.item"].with_user(cls.owner).search([("move_id", "in", ids)])

    @classmethod
    def _promise(cls, amount=None, date=FRIDAY, today=TODAY, user=None, **values):
        """Let the collector write down a promise on the morning of ``today``."""
        case = cls.case.with_user(user or cls.owner)
        with cls._at(f"{today} 08:00:00"):
            promise = case._promise_quick(amount, date, **values)
            cls.env.flush_all()
        cls.env.invalidate_all()
        return promise.sudo()

    def _promise_each(self, items, date=FRIDAY):
        """Let the collector promise each of ``items`` apart, and nobody decides again."""
        model = self.env["collection.promise"].with_user(self.owner)
        with self._at(f"{TODAY} 08:00:00"):
            return [model._make(self.mine, None, date, item).sudo() for item in items]

    def _debts(self, count):
        """Post a ledger entry of so many debts of the customer; return its items."""
        receivable = self.company_data["default_account_receivable"]
        revenue = self.company_data["default_account_revenue"]
        amounts = range(10, 10 + count)
        debts = [
            Command.create(
                {
                    "account_id": receivable.id,
                    "partner_id": self.customer.id,
                    "debit": amount,
                    "date_maturity": TODAY - 5 * DAY,
                }
            )
            for amount in amounts
        ]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY - 5 * DAY,
                "line_ids": [
                    *debts,
                    Command.create({"account_id": revenue.id, "credit": sum(amounts)}),
                ],
            }
        )
        entry.action_post()
        return self._items(entry)

    def _judge(self, today):
        """Judge as the run of ``today`` does, without the rest of it."""
        with self._at(f"{today} 06:00:00"):
            self.env["collection.promise"].sudo()._judge(self.company, today)
            self.env.flush_all()
        self.env.invalidate_all()

    def _credit(self, invoice, amount, day=FRIDAY):
        """Credit a part of an invoice; the credit note is dated ``day``, and allocated."""
        note = self._make_credit_note(invoice, amount, day)
        self._due_line(invoice | note).reconcile()
        return note

    def _make_credit_note(self, invoice, amount, day=FRIDAY):
        """Post a credit note for a part of an invoice; nobody allocates it yet."""
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
