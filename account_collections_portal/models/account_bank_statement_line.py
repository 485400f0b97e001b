from odoo import api, models
from odoo.fields import Command


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    # EXTENDS 'account'
    @api.model_create_multi
    def create(self, vals_list):
        """A transfer that was announced pays what was chosen, as soon as it is on the bank."""
        lines = super().create(vals_list)
        # Whoever books the bank needs no rights on what customers chose.
        awaited = self.env["payment.transaction"].sudo()._get_awaited(lines.company_id)
        if awaited:
            lines._receive_transfers(awaited)
        return lines

    def _receive_transfers(self, awaited):
        for line in self.filtered(lambda one: one.amount > 0 and not one.is_reconciled):
            foreign = line.foreign_currency_id
            transaction = awaited._find_named(
                line.company_id,
                foreign or line.currency_id,
                line.amount_currency if foreign else line.amount,
                f"{line.payment_ref or ''} ; {line.ref or ''}",
            )
            if transaction:
                awaited -= transaction
                line._receive_transfer(transaction)

    def _receive_transfer(self, transaction):
        """Let a bank line pay the items and parts of a transfer, not the suspense account."""
        if not self.partner_id:
            self.partner_id = transaction.partner_id.commercial_partner_id
        parts, amount = transaction.collection_part_ids, transaction.amount
        known = self.move_id.line_ids
        _liquidity, suspense, _others = self._seek_for_lines()
        _liquidity_values, counterpart = self._prepare_move_line_default_vals()
        self.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    *(Command.delete(line.id) for line in suspense),
                    *map(Command.create, parts._split_counterpart(counterpart, amount)),
                ]
            }
        )
        transaction._set_received()
        parts._settle(self.move_id, self.move_id.line_ids - known, amount)
