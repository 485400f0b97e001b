from datetime import timedelta

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

    def _due_line(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
